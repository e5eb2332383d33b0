// The main job: a person picks the branch example, flips the build argument, and watches both builders do
// different things.
import assert from "node:assert/strict";
import { eventually } from "../lib/eventually.mjs";

const BRANCH = "An argument chooses the branch";
const TWO_BUILDERS = "Why the legacy builder runs what BuildKit skips";

export default {
  async "the branch example: an argument flips what BuildKit builds; the legacy builder runs both"(bench) {
    const page = await bench.open();
    await page.example(BRANCH);
    await page.skips(["branch-2"], ["base", "branch-1", "branch-2"]);
    await page.logsSay(({ buildkit, legacy }) => {
      assert.match(buildkit, /the careful engine/);
      assert.doesNotMatch(buildkit, /the fast engine/);
      assert.match(legacy, /Step \d+\/\d+ : RUN echo "the careful engine"/);
      assert.match(legacy, /Step \d+\/\d+ : RUN echo "the fast engine"/);
      // What `cat /engine` prints is what the chosen branch wrote.
      assert.match(legacy, /^the careful engine$/m);
      assert.doesNotMatch(legacy, /^the fast engine$/m);
    });

    await page.argument("VERSION", "2");
    await page.skips(["branch-1"], ["base", "branch-1", "branch-2"]);
    await page.logsSay(({ buildkit, legacy }) => {
      assert.match(buildkit, /\[branch-2 \d+\/\d+\] RUN echo "the fast engine"/);
      assert.doesNotMatch(buildkit, /the careful engine/);
      assert.match(legacy, /RUN echo "the careful engine"/);
      assert.match(legacy, /^the fast engine$/m);
    });
  },

  async "the manual's example: target stage2 skips stage1 in BuildKit, and the card says why"(bench) {
    const page = await bench.open();
    await page.example(TWO_BUILDERS);
    await page.skips(["stage1"], ["base", "stage1", "stage2"]);
    assert.match(await page.stage("stage1").innerText(), /BuildKit: nothing that stage2 needs comes from here/);
    await page.look("BuildKit");
    await page.dims(["stage1"]);
    await page.look("Legacy");
    await page.dims([]);
    await page.look("Side by side");
    await page.logsSay(({ buildkit, legacy }) => {
      assert.doesNotMatch(buildkit, /stage1/);
      assert.match(legacy, /Step 4\/6 : RUN echo "stage1"/);
      assert.match(legacy, /Successfully built [0-9a-f]{12}/);
    });
    await page.target("stage1");
    await page.skips(["stage2"], ["base", "stage1", "stage2"]);
    await page.logsSay(({ buildkit, legacy }) => {
      assert.match(buildkit, /\[stage1 \d+\/\d+\] RUN echo "stage1"/);
      assert.doesNotMatch(legacy, /RUN echo "stage2"/);
    });
  },

  async "all panes follow the step, and a click on a log line goes to its step"(bench) {
    const page = await bench.open();
    await page.example(BRANCH);
    await page.pane("Log");
    await page.page.getByRole("region", { name: "Log of Legacy" }).getByText(/Step \d+\/\d+ : RUN cat/).click();
    const there = await page.step();
    assert.ok(there.at > 0, "the click moved the step");
    await page.page.getByRole("button", { name: /step back/i }).click();
    assert.equal((await page.step()).at, there.at - 1);
    await page.page.getByRole("button", { name: /first step/i }).click();
    assert.equal((await page.step()).at, 0);
    await page.page.getByRole("button", { name: /last step/i }).click();
    const { at, last } = await page.step();
    assert.equal(at, last);
  },

  async "the files say where each came from"(bench) {
    const page = await bench.open();
    await page.example(BRANCH);
    await page.page.getByRole("slider", { name: "Step" }).press("End");
    await page.pane("Files");
    const row = page.page.getByRole("treeitem", { name: /engine/ });
    await row.first().waitFor();
    assert.match(await page.page.getByRole("tree").innerText(), /engine/);
  },

  async "the log of a real build gives its times, and says what of it is not in this one"(bench) {
    const page = await bench.open();
    await page.begin('FROM alpine AS one\nRUN echo "1"\nFROM one\nRUN echo "2"\n');
    await page.page.getByRole("button", { name: "More" }).click();
    await page.page.getByRole("menuitem", { name: /the log of a real build/ }).click();
    const dialog = page.page.getByRole("dialog");
    const text = dialog.getByRole("textbox");
    const use = dialog.getByRole("button", { name: "Use its times" });
    await text.fill("nothing of a build");
    await dialog.getByText("No step of a build can be read").waitFor();
    assert.ok(await use.isDisabled());
    await text.fill('#5 [one 2/2] RUN echo "1"\n#5 DONE 41.5s\n#6 [one 3/2] RUN gone\n#6 DONE 1.0s\n');
    await dialog.getByText("1 of its 2 steps are steps of this build").waitFor();
    await dialog.getByText("[one 3/2] RUN gone").waitFor();
    await use.click();
    await page.logsSay(({ buildkit }) => assert.match(buildkit, /^#\d+ DONE 41\.5s$/m));
    await page.page.getByRole("button", { name: "Measured times" }).click();
    await page.logsSay(({ buildkit }) => assert.doesNotMatch(buildkit, /DONE 41\.5s/));
  },

  async "a layer can be unfolded to what it holds, whiteouts too"(bench) {
    const page = await bench.open();
    await page.begin("FROM alpine\nRUN echo here > /found\nRUN rm /found\n");
    await page.pane("Layers");
    const layers = page.page.getByRole("tabpanel", { name: "Layers" });
    const unfold = (nth) => layers.getByRole("button", { expanded: false }).nth(nth).click();
    const holds = (what) => eventually(async () => assert.match((await layers.getByRole("listitem").allInnerTexts()).join("\n"), what));
    // From the top: what the removal left, and what was there before.
    await unfold(0);
    await holds(/found[\s\S]*whiteout/);
    await layers.getByRole("button", { expanded: true }).click();
    await unfold(1);
    await holds(/5 B\s+\/found/);
  },
};
