// What a browser test works with: pages in a browser of their own, whose errors are mistakes of the page.
import assert from "node:assert/strict";
import { join } from "node:path";
import { pictures } from "./paths.mjs";
import { Playground } from "./playground.mjs";

/** How long a page may take to do what a test waits for, in milliseconds. */
const PATIENCE = 15_000;

export class Bench {
  #browser;
  #contexts = [];
  #pages = [];
  /** Every error that a page reported: console, uncaught exceptions, files that did not load. */
  errors = [];

  constructor(browser, site) {
    this.#browser = browser;
    this.site = site;
  }

  /** A browser without a past: no storage, no cache. Options are those of Playwright's `newContext`. */
  async profile(options = {}) {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    context.setDefaultTimeout(PATIENCE);
    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: this.site.origin }).catch(() => {});
    this.#contexts.push(context);
    return context;
  }

  /** A blank page in `context`, watched for errors. */
  async blank(context) {
    const page = await (context ?? (await this.profile())).newPage();
    this.#pages.push(page);
    page.on("console", (message) => {
      if (message.type() === "error") this.errors.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.errors.push(`uncaught: ${error.message}`));
    page.on("crash", () => this.errors.push("the page crashed"));
    page.on("response", (response) => {
      if (response.status() >= 400) this.errors.push(`HTTP ${response.status()}: ${response.url()}`);
    });
    return page;
  }

  /** Opens the playground, ready to be worked with. `where` is what follows the address: `#…` or `?…`. */
  async open({ where = "", context, ...options } = {}) {
    const page = await this.blank(context ?? (await this.profile(options)));
    await page.goto(this.site.address + where);
    const playground = new Playground(page);
    await playground.ready();
    return playground;
  }

  /** Fails if any page reported an error. */
  async finish() {
    assert.deepEqual(this.errors, [], "the page reported errors");
  }

  /** Takes a picture of each page; returns the files. */
  async photograph(name) {
    const files = [];
    for (const [index, page] of this.#pages.entries()) {
      const file = join(pictures, `${name.replace(/[^a-z0-9]+/gi, "-")}-${index + 1}.png`);
      // The test has failed already: a page that cannot be drawn any more changes nothing.
      if (await page.screenshot({ path: file, timeout: 5000 }).catch(() => null)) files.push(file);
    }
    return files;
  }

  async close() {
    for (const context of this.#contexts) await context.close().catch(() => {});
  }
}
