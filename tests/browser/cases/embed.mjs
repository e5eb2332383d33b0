// The compact view for somebody's documentation.
import assert from "node:assert/strict";
import { eventually } from "../lib/eventually.mjs";

export default {
  async "an embed is compact and has a way to the full page"(bench) {
    const page = await bench.open({ where: "#embed" });
    assert.equal(await page.page.getByRole("button", { name: /^Examples/ }).count(), 0);
    const way = page.page.getByRole("link", { name: /open|full|stagecraft/i }).first();
    await way.waitFor();
    const [full] = await Promise.all([page.page.context().waitForEvent("page"), way.click()]);
    await full.getByRole("button", { name: /^Examples/ }).waitFor();
  },

  async "the page that shows an embed shows it"(bench) {
    const page = await bench.blank();
    await page.goto(`${bench.site.address}embed-demo.html`);
    const frame = page.frameLocator("iframe").first();
    await eventually(async () => assert.ok((await frame.getByRole("article").count()) > 0));
  },

  async "an embed is looked at before it is copied"(bench) {
    const { page } = await bench.open();
    await page.getByRole("button", { name: "Embed" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("checkbox", { name: "Log" }).uncheck();
    await dialog.getByRole("radio", { name: "360 px" }).click();
    await dialog.getByRole("checkbox", { name: "Preview" }).check();
    const frame = dialog.frameLocator("iframe");
    await frame.getByRole("article").first().waitFor();
    assert.equal(await frame.getByRole("tab", { name: "Log" }).count(), 0);
    assert.match(await dialog.getByRole("textbox", { name: /^Put this/ }).inputValue(), /height="360"/);
  },
};
