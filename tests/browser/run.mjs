// Runs the browser tests one after another: `node run.mjs [PART OF A NAME]`. `cargo xtask test` calls it.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch } from "./lib/chromium.mjs";
import { pictures } from "./lib/paths.mjs";
import { Bench } from "./lib/bench.mjs";
import { serveSite } from "./lib/site.mjs";

/** The longest that one test may take, in milliseconds, unless it says otherwise. */
const PATIENCE = 60_000;

const only = process.argv[2];
const folder = join(dirname(fileURLToPath(import.meta.url)), "cases");
const tests = [];
for (const file of readdirSync(folder).filter((name) => name.endsWith(".mjs")).sort()) {
  const cases = (await import(join(folder, file))).default;
  for (const [name, run] of Object.entries(cases)) tests.push({ name: `${file.replace(".mjs", "")}: ${name}`, run });
}

rmSync(pictures, { recursive: true, force: true });
mkdirSync(pictures, { recursive: true });
const site = await serveSite();
const browser = await launch();
let passed = 0;
let failed = 0;
let skipped = 0;
for (const { name, run } of tests) {
  if (only && !name.includes(only)) continue;
  const started = Date.now();
  const bench = new Bench(browser, site);
  let timer;
  try {
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not done after ${PATIENCE / 1000} s`)), run.patience ?? PATIENCE);
    });
    const reason = await Promise.race([Promise.resolve(run(bench)).then((answer) => bench.finish().then(() => answer)), late]);
    if (typeof reason === "string") {
      skipped += 1;
      console.log(`  skip ${name}: ${reason}`);
    } else {
      passed += 1;
      console.log(`  ok   ${name} (${Date.now() - started} ms)`);
    }
  } catch (error) {
    failed += 1;
    console.log(`  FAIL ${name} (${Date.now() - started} ms)`);
    console.log(String(error.stack ?? error).split("\n").slice(0, 30).map((line) => `       ${line}`).join("\n"));
    for (const picture of await bench.photograph(name)) console.log(`       picture: ${picture}`);
  } finally {
    clearTimeout(timer);
    await bench.close();
  }
}
await browser.close();
site.close();
if (skipped > 0) console.log(`  ${skipped} skipped`);
console.log(`browser: ${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed + skipped === 0 ? 1 : 0);
