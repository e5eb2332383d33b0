// The main job: a person picks the branch example, flips the build argument, and watches both builders do
// different things.
import assert from "node:assert/strict";

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
};
