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
};
