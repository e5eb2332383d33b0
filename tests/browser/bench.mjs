// Measures typing in `docs-7`: from the input event to the frame in which graph, log and problems show the new
// simulation. `cargo xtask bench` calls it.
import assert from "node:assert/strict";
import { Bench } from "./lib/bench.mjs";
import { launch } from "./lib/chromium.mjs";
import { eventually } from "./lib/eventually.mjs";
import { serveSite } from "./lib/site.mjs";

const TWO_BUILDERS = "Why the legacy builder runs what BuildKit skips";
/** How many keystrokes are measured, after the first few that warm everything up. */
const KEYSTROKES = 240;
const WARM = 20;
/** What the project promises, in milliseconds. */
const GOAL = { median: 16, p95: 33 };

const site = await serveSite();
const browser = await launch();
const bench = new Bench(browser, site);
const page = await bench.open();
await page.example(TWO_BUILDERS);
await page.pane("Log");
await page.skips(["stage1"], ["base", "stage1", "stage2"]);

// Each keystroke changes the text of the first RUN, which graph and log show: the frame that counts is the first one
// in which both do. Watching is by mutation, so that it costs nothing while nothing changes.
await page.page.evaluate(() => {
  const shown = () => {
    const graph = document.querySelector("[data-hook=graph]")?.textContent ?? "";
    const logs = [...document.querySelectorAll(".log")].map((log) => log.textContent);
    const word = window.typing.word;
    return graph.includes(word) && logs.length === 2 && logs.every((log) => log.includes(word));
  };
  window.typing = { word: "", times: [], started: 0, done: null };
  document.addEventListener(
    "keydown",
    (event) => {
      window.typing.started = event.timeStamp;
    },
    { capture: true },
  );
  new MutationObserver(() => {
    const { typing } = window;
    if (!typing.done || !shown()) return;
    const { done, started } = typing;
    typing.done = null;
    // The callback runs when the frame begins, the message after it was painted and handed over.
    requestAnimationFrame(() => {
      const began = performance.now() - started;
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        typing.times.push([began, performance.now() - started]);
        done();
      };
      port2.postMessage(null);
    });
  }).observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true });
});

// The caret between the quotes of `RUN echo "base"`.
await page.editor.click();
await page.page.keyboard.press("ControlOrMeta+Home");
await page.page.keyboard.press("ArrowDown");
await page.page.keyboard.press("End");
await page.page.keyboard.press("ArrowLeft");
assert.match(await page.text(), /RUN echo "base"/);
for (let i = 0; i < KEYSTROKES + WARM; i += 1) {
  // Four letters in, four letters out: a longer line would be cut short in its card.
  const back = i % 8 >= 4;
  const letters = "abcd".slice(0, back ? 7 - (i % 8) : (i % 8) + 1);
  // Waiting begins before the key is pressed: what shows it may follow at once.
  await page.page.evaluate((word) => {
    const { typing } = window;
    typing.word = word;
    typing.waiting = new Promise((resolve, reject) => {
      typing.done = resolve;
      setTimeout(() => reject(new Error(`the page did not show ${word}`)), 5000);
    });
  }, `"base${letters}"`);
  await page.page.keyboard.press(back ? "Backspace" : letters.at(-1));
  await page.page.evaluate(() => window.typing.waiting);
  // People pause between keys; the page may use that to tidy up. Never as long as before: keys come at any moment of
  // a frame, not always at its beginning.
  await page.page.waitForTimeout(25 + ((i * 7) % 17));
}
const times = (await page.page.evaluate(() => window.typing.times)).slice(WARM);
/** The time at that share of all of them. */
const at = (which, share) => {
  const sorted = times.map((time) => time[which]).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
};
const verdict = (value, goal) => `${value.toFixed(1)} ms (${value <= goal ? "within" : "over"} the goal of ${goal})`;
console.log(`typing in docs-7, ${times.length} keystrokes, from the input event to the frame with the new simulation:`);
for (const [which, until] of ["until that frame begins:", "until it is painted:    "].entries()) {
  const [median, p95] = [verdict(at(which, 0.5), GOAL.median), verdict(at(which, 0.95), GOAL.p95)];
  console.log(`  ${until} median ${median}, 95th percentile ${p95}, slowest ${at(which, 1).toFixed(1)} ms`);
}

// How long a reader waits for the page: from a cold start to the first simulation on the screen.
const starts = [];
for (let i = 0; i < 5; i += 1) {
  const started = performance.now();
  await bench.open();
  starts.push(performance.now() - started);
}
starts.sort((a, b) => a - b);
console.log(`opening the page, from a local server, to the first graph: median ${starts[2].toFixed(0)} ms`);
await eventually(async () => assert.deepEqual(bench.errors, []));
await bench.close();
await browser.close();
site.close();
