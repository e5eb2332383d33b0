// How it looks: narrow, in both themes, and to axe.
import assert from "node:assert/strict";
import { www } from "../lib/paths.mjs";

const axe = www.resolve("axe-core/axe.min.js");

/** What axe has against the page as it stands, a line per kind. */
async function complaints(page) {
  await page.addScriptTag({ path: axe });
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], resultTypes: ["violations"] }),
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.target.join(" ")).join(" | ")} (${nodes.length})`);
}

/** The page's own color behind everything, as a lightness from 0 to 255. */
const lightness = (page) =>
  page.evaluate(() => {
    const behind = [document.body, document.documentElement].map((element) => getComputedStyle(element).backgroundColor);
    const color = behind.find((color) => !/, 0\)$|transparent/.test(color)) ?? "rgb(255, 255, 255)";
    const canvas = document.createElement("canvas").getContext("2d");
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  });

const states = Object.fromEntries(
  ["dark", "light"].map((colorScheme) => [
    `the ${colorScheme} theme is ${colorScheme}, and accessible in every pane`,
    async (bench) => {
      const playground = await bench.open({ colorScheme });
      const light = await lightness(playground.page);
      assert.ok(colorScheme === "light" ? light > 160 : light < 95, `the background's lightness is ${light}`);
      for (const pane of ["Files", "Layers", "Log", "Problems", "Image", "Cache"]) {
        await playground.pane(pane);
        await playground.page.waitForTimeout(150);
        assert.deepEqual(await complaints(playground.page), [], `axe, with the ${pane} pane open`);
      }
    },
  ]),
);

export default {
  ...states,

  async "at 390 px nothing sticks out sideways and everything is there"(bench) {
    const { page } = await bench.open({ viewport: { width: 390, height: 844 }, hasTouch: true });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 390, `the page is ${wide} px wide`);
    for (const name of [/step forward/i, /examples/i]) assert.ok(await page.getByRole("button", { name }).first().isVisible(), String(name));
    assert.deepEqual(await complaints(page), []);
  },

  async "nothing covers a button of the bar, however wide the page is"(bench) {
    for (const width of [1920, 1280, 1024, 820, 390]) {
      const { page } = await bench.open({ viewport: { width, height: 800 } });
      const covered = await page.evaluate(() =>
        [...document.querySelectorAll("header button")]
          .filter((button) => button.checkVisibility())
          .filter((button) => {
            const { x, y, width, height } = button.getBoundingClientRect();
            return !button.contains(document.elementFromPoint(x + width / 2, y + height / 2));
          })
          .map((button) => button.getAttribute("aria-label") ?? button.textContent),
      );
      assert.deepEqual(covered, [], `at ${width} px`);
    }
  },

  async "a page that asks for less motion gets it"(bench) {
    const { page } = await bench.open({ reducedMotion: "reduce" });
    const moving = await page.evaluate(() => document.getAnimations().filter((animation) => animation.playState === "running").length);
    assert.equal(moving, 0);
  },
};
