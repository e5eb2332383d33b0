// The page in a reader's words: everything here goes by roles and visible text, so that a test breaks where a
// person would be lost too.

export class Playground {
  constructor(page) {
    this.page = page;
  }

  /** Waits until the page stands and has simulated what it shows. */
  async ready() {
    await this.page.locator("#wait").waitFor({ state: "hidden" });
    await this.editor().waitFor();
  }

  /** The editor of the file that is open. */
  editor() {
    return this.page.getByRole("textbox", { name: /dockerfile|editor|file/i }).first();
  }
}
