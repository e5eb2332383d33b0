// The page starts: from any path, and with a sentence where it cannot.
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
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

  async "says what to do when it is opened from a folder"(bench) {
    const page = await bench.blank();
    await page.goto(pathToFileURL(join(dist, "index.html")).href);
    await page.getByRole("heading", { name: /needs a web server/i }).waitFor();
    // A browser refuses a module from a file, which is what the sentence is about.
    bench.errors.length = 0;
  },
};
