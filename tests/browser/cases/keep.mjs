// Nothing is lost: the link, a reload, undo.
import assert from "node:assert/strict";
import { eventually } from "../lib/eventually.mjs";

const TEXT = 'FROM alpine AS one\nRUN echo "kept" > /kept\nFROM one AS two\nRUN cat /kept\n';

export default {
  async "a reload keeps the work"(bench) {
    const page = await bench.open();
    await page.begin(TEXT);
    await page.target("one");
    await page.skips(["two"], ["one", "two"]);
    // The page saves when typing pauses.
    await page.page.waitForTimeout(1500);
    await page.page.reload();
    await page.ready();
    assert.equal((await page.text()).trimEnd(), TEXT.trimEnd());
    await page.skips(["two"], ["one", "two"]);
  },

  async "the link holds project, target, arguments, step and pane, for somebody else too"(bench) {
    const page = await bench.open();
    await page.begin(`ARG NAME=a\n${TEXT}`);
    await page.target("one");
    await page.argument("NAME", "bee");
    await page.skips(["two"], ["one", "two"]);
    await page.pane("Layers");
    await page.page.getByRole("slider", { name: "Step" }).press("Home");
    await page.page.getByRole("button", { name: /step forward/i }).click();
    const { at } = await page.step();
    const link = await page.link();
    const other = await bench.open({ where: link.slice(link.indexOf("#")) });
    assert.equal((await other.text()).trimEnd(), `ARG NAME=a\n${TEXT}`.trimEnd());
    await other.skips(["two"], ["one", "two"]);
    assert.equal(await other.page.getByRole("textbox", { name: /^NAME\b/ }).inputValue(), "bee");
    assert.equal(await other.page.getByRole("tab", { name: /^Layers/ }).getAttribute("aria-selected"), "true");
    await eventually(async () => assert.equal((await other.step()).at, at));
  },

  async "what to look at goes with the link, and into an embed"(bench) {
    const page = await bench.open();
    await page.example("An argument chooses the branch");
    await page.page.getByRole("button", { name: "Share" }).click();
    const note = page.page.getByRole("dialog").getByRole("textbox", { name: /^What to look at/ });
    assert.match(await note.inputValue(), /VERSION/, "an example's own words are there");
    await note.fill("Mind line 12.");
    const link = await page.page.getByRole("textbox", { name: /^A link/ }).inputValue();
    for (const address of [link.slice(link.indexOf("#")), `?embed${link.slice(link.indexOf("#"))}`]) {
      const other = await bench.open({ where: address });
      await other.page.getByText("Mind line 12.").waitFor();
    }
  },

  async "a damaged link opens the page all the same"(bench) {
    for (const where of ["#garbage", "#p=AAAA", "#%", "#1.zzzz"]) await bench.open({ where });
  },

  async "undo takes back text and options"(bench) {
    const page = await bench.open();
    await page.begin("FROM scratch\n");
    const before = await page.text();
    await page.write(TEXT);
    await page.target("one");
    await page.skips(["two"], ["one", "two"]);
    const undo = page.page.getByRole("button", { name: /^undo/i });
    await undo.click();
    await page.skips([], ["one", "two"]);
    await undo.click();
    await eventually(async () => assert.equal(await page.text(), before));
    await page.page.getByRole("button", { name: /^redo/i }).click();
    await eventually(async () => assert.equal((await page.text()).trimEnd(), TEXT.trimEnd()));
  },

  async "files of the context can be added, edited and deleted, and undo brings them back"(bench) {
    const page = await bench.open();
    await page.begin("FROM alpine\nCOPY note.txt /note\nRUN cat /note\n");
    await page.page.getByRole("button", { name: "New file" }).click();
    await page.page.getByRole("textbox", { name: "Path in the build context" }).fill("note.txt");
    await page.page.keyboard.press("Enter");
    await page.write("written here");
    await page.logsSay(({ legacy }) => assert.match(legacy, /^written here$/m));
    await page.page.getByRole("button", { name: /^note.txt/ }).hover();
    await page.page.getByRole("button", { name: "Delete note.txt" }).click();
    await page.logsSay(({ legacy }) => assert.doesNotMatch(legacy, /^written here$/m));
    await page.page.getByRole("button", { name: /^undo/i }).click();
    await page.logsSay(({ legacy }) => assert.match(legacy, /^written here$/m));
  },
};
