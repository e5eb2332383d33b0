// Opens a site and waits until it shows a simulation. $CHROMIUM is the browser.
// `first-load.mjs FOLDER` prints the files that this takes. `first-load.mjs FOLDER COUNT` is for a site whose
// program marks its parts that run: a digit per part, 1 for those that ran in the page or in its worker.
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize, relative } from "node:path";

const [folder, count] = [process.argv[2], Number(process.argv[3] ?? 0)];
const require = createRequire(join(process.cwd(), "www", "package.json"));
const { chromium } = require("playwright-core");

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".wasm": "application/wasm", ".svg": "image/svg+xml" };
const fetched = new Set();
const server = createServer((request, response) => {
  const file = join(folder, normalize(`/${new URL(request.url, "http://localhost").pathname}`).replace(/\/$/, "/index.html"));
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return void response.writeHead(404).end();
  fetched.add(relative(folder, file));
  response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
  createReadStream(file).pipe(response);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const address = `http://127.0.0.1:${server.address().port}/`;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic", "--no-first-run"],
});
const ran = new Uint8Array(count);

/** Adds what ran in one instance of the program. */
const add = async (instance) => {
  const marks = await instance.evaluate(
    (count) => [...new Uint8Array(stagecraft.exports.marks.buffer, 0, count)].join(""),
    count,
  );
  for (let i = 0; i < count; i += 1) if (marks[i] === "1") ran[i] = 1;
};

/** Opens the page, waits until it shows a simulation, and adds what ran. */
const load = async ({ rest = 500, slower = 1, width = 1280 }) => {
  const context = await browser.newContext({ viewport: { width, height: 800 } });
  const page = await context.newPage();
  if (slower > 1) await (await context.newCDPSession(page)).send("Emulation.setCPUThrottlingRate", { rate: slower });
  await page.goto(address);
  await page.waitForFunction(() => {
    const { revision, answered } = document.querySelector("[data-revision]")?.dataset ?? {};
    return revision !== undefined && revision === answered;
  });
  // What the page says to screen readers and the like comes a moment later.
  await page.waitForTimeout(rest);
  if (count > 0) {
    await add(page);
    for (const worker of page.workers()) await add(worker);
  }
  await context.close();
};

await load({ rest: 3000 });
if (count > 0) {
  // What is hashed with a random seed, and what comes in another order, takes other ways through the program; on a slow
  // machine the page says that it waits.
  for (const width of [390, 760, 1024, 1440, 1920]) await load({ width });
  for (const slower of [20, 1, 8, 20, 1, 4, 20, 1]) await load({ slower });
}
await browser.close();
server.close();
console.log(count > 0 ? ran.join("") : [...fetched].sort().join("\n"));
