// The page in a reader's words: everything here goes by roles and visible text, so that a test breaks where a
// person would be lost too.
import assert from "node:assert/strict";
import { eventually } from "./eventually.mjs";

export class Playground {
  constructor(page) {
    this.page = page;
  }

  /** Waits until the page stands and shows a simulation. */
  async ready() {
    await this.page.locator("#wait").waitFor({ state: "hidden" });
    await this.settled();
    // The editor comes with the first sign that somebody uses the page.
    await this.page.mouse.move(2, 2);
    await this.page.locator("[data-hook=editor-waits]").waitFor({ state: "detached" });
  }

  /** Waits until the page shows the simulation of what it holds. */
  async settled() {
    await this.page.waitForFunction(() => {
      const { revision, answered } = document.querySelector("[data-revision]")?.dataset ?? {};
      return revision !== undefined && revision === answered;
    });
  }

  // The source.

  /** The editor of the file that is open. */
  get editor() {
    return this.page.locator("#source-panel").getByRole("textbox");
  }

  /** What the editor shows; only for texts that fit on the screen. */
  async text() {
    return this.page.locator("#source-panel .cm-content").evaluate((content) => {
      const copy = content.cloneNode(true);
      // What the page notes at the end of a line is not of the text.
      for (const note of copy.querySelectorAll(".cm-note, .cm-widgetBuffer")) note.remove();
      return [...copy.querySelectorAll(".cm-line")].map((line) => line.textContent).join("\n");
    });
  }

  /** Waits until each of these stands in the editor in a color of its own. */
  async colors(words) {
    await eventually(async () => {
      const colored = await this.page.locator("#source-panel .cm-content").evaluate((content) => {
        const plain = getComputedStyle(content).color;
        return [...content.querySelectorAll("span")].filter((span) => getComputedStyle(span).color !== plain).map((span) => span.textContent);
      });
      assert.deepEqual(words.filter((word) => !colored.includes(word)), [], `colored are only ${colored.join(" ")}`);
    });
  }

  /** Replaces the text of the open file, as pasting does. */
  async write(text) {
    await this.editor.focus();
    await this.page.keyboard.press("ControlOrMeta+a");
    await this.page.keyboard.insertText(text);
    await this.settled();
  }

  /** Begins anew, without anything of the example that a first visit shows. */
  async begin(text) {
    await this.page.getByRole("button", { name: "More" }).click();
    await this.page.getByRole("menuitem", { name: "New project" }).click();
    await this.settled();
    await this.write(text);
  }

  /** Opens an example from the menu by its title. */
  async example(title) {
    await this.page.getByRole("button", { name: /^Examples/ }).click();
    await this.page.getByRole("menuitem", { name: title, exact: true }).click();
    await this.settled();
  }

  /** Sets a build argument that the file declares. */
  async argument(name, value) {
    const field = this.page.getByRole("group", { name: "Build arguments" }).getByRole("textbox", { name: new RegExp(`^${name}\\b`) });
    await field.fill(value);
    await this.settled();
  }

  /** Chooses the target by the name of its stage; "" is the last stage. */
  async target(name) {
    await this.page.getByRole("combobox", { name: "Target" }).selectOption(name);
    await this.settled();
  }

  /** Opens a file of the source by its tab. */
  async file(name) {
    await this.page.getByRole("tablist", { name: "Files" }).getByRole("tab", { name }).click();
  }

  /** The link that Share offers. */
  async link() {
    await this.settled();
    await this.page.getByRole("button", { name: "Share" }).click();
    const dialog = this.page.getByRole("dialog");
    const link = await eventually(async () => {
      const text = await dialog.getByRole("textbox", { name: /^A link/ }).inputValue();
      assert.match(text, /^http.*#/);
      return text;
    });
    await this.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    return link;
  }

  // The build.

  /** Opens a pane by its tab: Files, Layers, Log, Problems, Image, Cache. */
  async pane(name) {
    await this.page.getByRole("tab", { name: new RegExp(`^${name}`) }).click();
  }

  /** The card of a stage in the graph. */
  stage(name) {
    return this.page.getByRole("region", { name: "Graph of stages" }).getByRole("article", { name, exact: true });
  }

  /** Looks at "BuildKit", "Legacy" or "Side by side". */
  async look(builders) {
    await this.page.getByRole("radiogroup", { name: "Builder", exact: true }).first().getByRole("radio", { name: builders }).click();
    await this.settled();
  }

  /** Both logs, as text by builder. The Log pane must be open. */
  async logs() {
    const log = async (name) => (await this.page.getByRole("region", { name: `Log of ${name}` }).locator(".log__line").allInnerTexts()).join("\n");
    return { buildkit: await log("BuildKit"), legacy: await log("Legacy") };
  }

  /** The sentences of the Problems pane, which must be open. */
  async problems() {
    return this.page.locator(".problem").allInnerTexts();
  }

  /** Where the build is: step number and number of steps. */
  async step() {
    const slider = this.page.getByRole("slider", { name: "Step" });
    return { at: Number(await slider.inputValue()), last: Number(await slider.getAttribute("max")) };
  }

  /** Waits until `check` holds for the logs. */
  async logsSay(check) {
    await this.pane("Log");
    await eventually(async () => check(await this.logs()));
  }

  /** Waits until the graph has a card for `all` stages, of which exactly `names` say that BuildKit skips them. */
  async skips(names, all) {
    await eventually(async () => {
      const said = [];
      for (const name of all) {
        const card = this.stage(name);
        assert.equal(await card.count(), 1, `there is one card for ${name}`);
        if (/skipped/i.test(await card.innerText())) said.push(name);
      }
      assert.deepEqual(said, names);
    });
  }

  /** Waits until exactly these of the cards are dimmed. */
  async dims(names) {
    await eventually(async () => {
      const dimmed = this.page.getByRole("region", { name: "Graph of stages" }).locator("article[data-dim=true]");
      // All at once: a card may cease to be dimmed while it is asked.
      assert.deepEqual(await dimmed.evaluateAll((cards) => cards.map((card) => card.getAttribute("aria-label"))), names);
    });
  }
}
