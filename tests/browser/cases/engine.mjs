// The engine, in a worker and beside the page: which answers, and what happens when one breaks off.
import assert from "node:assert/strict";

const TEXT = 'FROM alpine\nRUN echo "one" > /one\nRUN cat /one\n';

/** Opens a page in which the tests can count, break or forbid the engines. */
async function open(bench, forbid = "") {
  const context = await bench.profile();
  await context.addInitScript((forbid) => {
    const engines = { near: 0, breakNear: false, workers: [] };
    let start;
    Object.defineProperty(window, "stagecraft", {
      get: () => start,
      set(given) {
        const { near } = given;
        given.near = async (...args) => {
          if (forbid === "near") throw new Error("no second instance");
          const answer = await near(...args);
          return (bytes) => {
            engines.near += 1;
            if (!engines.breakNear) return answer(bytes);
            engines.breakNear = false;
            throw new Error("broken by the test");
          };
        };
        start = given;
      },
    });
    const Real = window.Worker;
    window.Worker = class extends Real {
      constructor(...args) {
        if (forbid === "worker") throw new Error("no workers");
        super(...args);
        engines.workers.push(this);
      }
    };
    window.engines = engines;
  }, forbid);
  const page = await bench.open({ context });
  await page.begin(TEXT);
  return page;
}

/** How many questions the engine beside the page was asked so far. */
const near = (page) => page.page.evaluate(() => window.engines.near);

/** Adds a line at the end. */
async function line(page, text) {
  await page.editor.focus();
  await page.page.keyboard.press("ControlOrMeta+End");
  await page.page.keyboard.insertText(`${text}\n`);
}

/** Adds a line at the end and waits until the log shows what it prints. */
async function add(page, word) {
  await line(page, `RUN echo said-${word}`);
  await page.logsSay(({ legacy }) => assert.match(legacy, new RegExp(`^said-${word}$`, "m")));
}

/** Edits until the engine beside the page is asked, which it is once a simulation was quick: soon, but on a busy machine. */
async function untilNear(page) {
  const before = await near(page);
  for (let i = 0; i < 60 && (await near(page)) === before; i += 1) await add(page, `again-${i}`);
  assert.ok((await near(page)) > before);
}

export default {
  async "a quick project is simulated beside the page"(bench) {
    const page = await open(bench);
    await untilNear(page);
  },

  async "without a second instance, or without workers, the other engine does it all"(bench) {
    for (const forbid of ["near", "worker"]) {
      const page = await open(bench, forbid);
      await add(page, "first");
      await add(page, "second");
      assert.equal((await near(page)) > 0, forbid === "worker");
    }
  },

  async "an engine that breaks off beside the page takes nothing with it"(bench) {
    const page = await open(bench);
    await untilNear(page);
    await page.page.evaluate(() => (window.engines.breakNear = true));
    const unbroken = () => page.page.evaluate(() => window.engines.breakNear);
    for (let i = 0; i === 0 || (i < 60 && (await unbroken())); i += 1) await line(page, `# lost ${i}?`);
    assert.equal(await unbroken(), false);
    assert.match(await page.text(), /RUN echo said-again-\d+\n# lost 0\?\n/);
    await add(page, "third");
    assert.equal(await page.page.getByRole("alert").count(), 0);
  },

  async "a worker that breaks off takes nothing with it"(bench) {
    const page = await open(bench, "near");
    await add(page, "first");
    await page.page.evaluate(() => window.engines.workers.at(-1).dispatchEvent(new ErrorEvent("error")));
    assert.match(await page.text(), /said-first/);
    await add(page, "second");
    assert.equal(await page.page.evaluate(() => window.engines.workers.length), 2);
  },

  async "a kept cache is the same wherever the engine is"(bench) {
    const page = await open(bench);
    await page.pane("Cache");
    await page.page.getByRole("button", { name: "Build, keep the cache" }).click();
    await untilNear(page);
    const { buildkit, legacy } = await page.logs();
    assert.equal(buildkit.match(/^#\d+ CACHED$/gm)?.length, 3, buildkit);
    assert.equal(legacy.match(/^ ---> Using cache$/gm)?.length, 2, legacy);
  },
};
