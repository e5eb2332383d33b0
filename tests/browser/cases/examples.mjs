// Every example of the menu opens, is simulated and says what to look at.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../lib/eventually.mjs";
import { root } from "../lib/paths.mjs";

const folder = join(root, "www", "examples");
const examples = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => JSON.parse(readFileSync(join(folder, entry.name, "example.json"), "utf8")));

const every = async (bench) => {
  const page = await bench.open();
  for (const { title, look } of examples) {
    await page.example(title);
    await eventually(async () => {
      const text = await page.page.locator("body").innerText();
      assert.ok(text.includes(look[0].slice(0, 40)), `"${title}" does not say what to look at`);
    });
    await page.ready();
  }
};
every.patience = 180_000;

export default { "every example opens": every };
