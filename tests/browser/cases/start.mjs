// The page starts: from any path, and with a sentence where it cannot.
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { eventually } from "../lib/eventually.mjs";
import { dist } from "../lib/paths.mjs";

export default {
  async "loads from a path deep inside a server, without an error"(bench) {
    const { page } = await bench.open();
    assert.match(await page.title(), /Stagecraft/);
  },

  async "asks nothing of another server"(bench) {
    const page = await bench.blank();
    const foreign = [];
    page.on("request", (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(bench.site.address)) foreign.push(request.url());
    });
    await page.goto(bench.site.address, { waitUntil: "networkidle" });
    assert.deepEqual(foreign, []);
  },

  async "loads what can wait only when somebody begins to use it"(bench) {
    const page = await bench.blank();
    const loaded = [];
    page.on("request", (request) => loaded.push(request.url()));
    const late = () => [/_rest\.wasm/, /assets\/editor-/, /assets\/examples-/].filter((part) => loaded.some((url) => part.test(url))).length;
    await page.goto(bench.site.address, { waitUntil: "networkidle" });
    await page.getByRole("region", { name: "Build", exact: true }).waitFor();
    assert.equal(late(), 0, loaded.join("\n"));
    await page.mouse.move(300, 300);
    await page.locator("[data-hook=editor][data-ready=true]").waitFor();
    await eventually(async () => assert.equal(late(), 3, loaded.join("\n")));
  },

  async "what is typed before the editor stands is not lost"(bench) {
    const page = await bench.blank();
    await page.goto(bench.site.address, { waitUntil: "networkidle" });
    // Turned to by keyboard, and typed into before anything more can have been loaded.
    await page.evaluate(() => {
      const text = document.querySelector("[data-hook=editor-waits]");
      text.focus();
      for (const key of "# hi") text.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    });
    await page.locator("[data-hook=editor][data-ready=true] .cm-line").first().getByText("# hiFROM").waitFor();
  },

  async "says what to do when it is opened from a folder"(bench) {
    const page = await bench.blank();
    await page.goto(pathToFileURL(join(dist, "index.html")).href);
    await page.getByRole("heading", { name: /needs a web server/i }).waitFor();
    // A browser refuses a module from a file, which is what the sentence is about.
    bench.errors.length = 0;
  },
};
