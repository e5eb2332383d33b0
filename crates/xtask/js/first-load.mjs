// Opens a site whose program marks the functions that run, and prints which did: one digit per function, 1 for those
// that ran in the page or in its worker. `first-load.mjs FOLDER BASE COUNT`; $CHROMIUM is the browser.
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";

const [folder, base, count] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const require = createRequire(join(process.cwd(), "www", "package.json"));
const { chromium } = require("playwright-core");

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".wasm": "application/wasm", ".svg": "image/svg+xml" };
const server = createServer((request, response) => {
  const file = join(folder, normalize(`/${new URL(request.url, "http://localhost").pathname}`).replace(/\/$/, "/index.html"));
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return void response.writeHead(404).end();
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
    ([base, count]) => [...new Uint8Array(stagecraft.exports.memory.buffer, base, count)].join(""),
    [base, count],
  );
  for (let i = 0; i < count; i += 1) if (marks[i] === "1") ran[i] = 1;
};

/** Opens the page, waits until it shows a simulation, and adds what ran. */
const load = async (where, options) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  await page.goto(address + where);
  await page.waitForFunction(() => {
    const { revision, answered } = document.querySelector("[data-revision]")?.dataset ?? {};
    return revision !== undefined && revision === answered;
  });
  // The editor and the pane come a moment later, and the page keeps its work.
  await page.waitForTimeout(1500);
  await add(page);
  for (const worker of page.workers()) await add(worker);
  await context.close();
};

await load("");
await load("", { viewport: { width: 390, height: 800 } });
await browser.close();
server.close();
console.log(ran.join(""));
