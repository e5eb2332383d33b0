// Takes the picture of the README from the built page: `CHROMIUM=… node tests/browser/picture.mjs`.
import { join } from "node:path";
import { Bench } from "./lib/bench.mjs";
import { launch } from "./lib/chromium.mjs";
import { root } from "./lib/paths.mjs";
import { serveSite } from "./lib/site.mjs";

const site = await serveSite();
const browser = await launch();
const bench = new Bench(browser, site);
const page = await bench.open({ viewport: { width: 1440, height: 900 }, colorScheme: "dark" });
await page.example("An argument chooses the branch");
await page.argument("VERSION", "2");
await page.skips(["branch-1"], ["base", "branch-1", "branch-2"]);
await page.pane("Log");
await page.page.mouse.move(0, 0);
await page.page.evaluate(() => document.activeElement?.blur());
await page.page.waitForTimeout(500);
await page.page.screenshot({ path: join(root, "docs", "playground.png") });
await bench.close();
await browser.close();
site.close();
