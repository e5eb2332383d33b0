// Everything by keyboard.
import assert from "node:assert/strict";
import { eventually } from "../lib/eventually.mjs";

/** What has the focus, as a screen reader would name it. */
const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    return `${element?.getAttribute("role") ?? element?.tagName.toLowerCase()}: ${element?.getAttribute("aria-label") ?? element?.textContent?.trim().slice(0, 40)}`;
  });

export default {
  async "Tab reaches every part of the page and leaves the editor again"(bench) {
    const { page } = await bench.open();
    const seen = new Set();
    for (let i = 0; i < 120; i += 1) {
      await page.keyboard.press("Tab");
      seen.add(await focused(page));
      // CodeMirror keeps Tab only where a person asked for it.
      if (await page.evaluate(() => document.activeElement === document.body)) break;
    }
    const all = [...seen].join("\n");
    for (const part of [/examples/i, /textbox/, /input: Step/, /tab: Log|tab: Files/i, /step back|first step|play/i]) assert.match(all, part);
  },

  async "an example is chosen, and the build walked through, without a mouse"(bench) {
    const playground = await bench.open();
    const { page } = playground;
    await page.getByRole("button", { name: /^Examples/ }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem").first().waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await playground.ready();
    const slider = page.getByRole("slider", { name: "Step" });
    await slider.focus();
    await page.keyboard.press("Home");
    await eventually(async () => assert.equal((await playground.step()).at, 0));
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await eventually(async () => assert.equal((await playground.step()).at, 2));
    await page.getByRole("tab", { name: /^Files/ }).focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.getByRole("tab", { name: /^Layers/ }).getAttribute("aria-selected"), "true");
  },

  async "P shows the page to a room, larger, and back again"(bench) {
    const { page } = await bench.open();
    const size = () => page.locator("#source-panel .cm-content").evaluate((text) => parseFloat(getComputedStyle(text).fontSize));
    const before = await size();
    await page.getByRole("tab", { name: /^Files/ }).focus();
    await page.keyboard.press("p");
    await eventually(async () => assert.ok((await size()) > before * 1.3));
    await page.keyboard.press("p");
    await eventually(async () => assert.equal(await size(), before));
  },

  async "Ctrl+F searches the text"(bench) {
    const playground = await bench.open();
    const { page } = playground;
    await playground.editor.focus();
    await eventually(async () => {
      await page.keyboard.press("ControlOrMeta+f");
      assert.equal(await page.getByRole("textbox", { name: "Find" }).count(), 1);
    });
    await page.keyboard.type("FROM");
    await eventually(async () => assert.ok((await page.locator(".cm-searchMatch").count()) > 1));
    await page.keyboard.press("Escape");
    await eventually(async () => assert.equal(await page.getByRole("textbox", { name: "Find" }).count(), 0));
  },
};
