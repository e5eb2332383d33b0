// Whatever is typed or pasted, the page keeps the text and says what is wrong, where.
import assert from "node:assert/strict";
import { eventually } from "../lib/eventually.mjs";

const GARBAGE = [
  ["no instruction", "hello world\n", /unknown instruction: hello/i],
  ["no FROM", "RUN echo\n", /no build stage in current context/i],
  ["an open here-document", "FROM alpine\nRUN <<EOF\necho 1", /unterminated heredoc/i],
  ["an unknown flag", "FROM alpine\nCOPY --chmode=1 a b\n", /unknown flag: --chmode/i],
  ["a COPY without a destination", "FROM alpine\nCOPY a\n", /COPY requires at least two arguments/i],
];

export default Object.fromEntries([
  ...GARBAGE.map(([name, text, problem]) => [
    `${name} is kept and explained`,
    async (bench) => {
      const page = await bench.open();
      await page.begin(text);
      await page.pane("Problems");
      await eventually(async () => assert.match((await page.problems()).join("\n"), problem));
      assert.equal((await page.text()).trimEnd(), text.trimEnd());
    },
  ]),
  [
    "strange bytes, long lines and half a file are kept",
    async (bench) => {
      const page = await bench.open();
      const texts = ["\u0001\ufffd😀 ${", "FROM a\\", `FROM alpine\nRUN echo ${"x".repeat(5000)}\n`, "FROM alpine AS b\nFROM b", '["]', ""];
      await page.begin("FROM scratch\n");
      for (const text of texts) {
        await page.write(text === "" ? " " : text);
        await page.page.waitForTimeout(150);
      }
      await page.write("FROM alpine\nRUN echo back\n");
      await page.logsSay(({ legacy }) => assert.match(legacy, /RUN echo back/));
    },
  ],
  [
    "typing letter by letter never loses one",
    async (bench) => {
      const page = await bench.open();
      await page.begin("FROM alpine\n");
      await page.page.keyboard.press("ControlOrMeta+End");
      await page.page.keyboard.type('RUN echo "one two three" > /out\n', { delay: 5 });
      await page.logsSay(({ legacy }) => assert.match(legacy, /RUN echo "one two three" > \/out/));
      assert.match(await page.text(), /RUN echo "one two three" > \/out/);
    },
  ],
  [
    "words are colored as what they are, the first and the last too, after a change as well",
    async (bench) => {
      const page = await bench.open();
      await page.begin('FROM alpine AS base\nENV A=$PATH B="1"\n# a note\nRUN echo 1\nCMD ["/bin/sh"]\n');
      await page.colors(["FROM", "AS", "ENV", "$PATH", "# a note", "RUN", "CMD", '"/bin/sh"']);
      await page.page.keyboard.press("ControlOrMeta+Home");
      await page.page.keyboard.type("# x\n");
      await page.colors(["# x", "FROM", "RUN", '"/bin/sh"']);
    },
  ],
  [
    "what is said of a line stays at its end, whatever is typed there",
    async (bench) => {
      const page = await bench.open();
      await page.begin("FROM alpine\nCOPY nothing /x\n");
      const noted = () => page.page.locator("#source-panel .cm-line:has(.cm-note)").allInnerTexts();
      const before = await eventually(async () => {
        const lines = await noted();
        assert.equal(lines.length, 2, lines.join(" | "));
        return lines;
      });
      await page.page.keyboard.press("ControlOrMeta+End");
      await page.page.keyboard.type("\n\n");
      await page.page.keyboard.press("Backspace");
      await page.settled();
      assert.deepEqual(await noted(), before);
    },
  ],
  [
    "half a line leaves the graph as it is, until nobody types any more",
    async (bench) => {
      const page = await bench.open();
      await page.begin("FROM alpine:3.19 AS one\nRUN echo a > /a\n");
      await page.skips([], ["one"]);
      const stopped = async () => /failed|not reached/.test(await page.stage("one").innerText());
      await page.editor.focus();
      await page.page.keyboard.press("ControlOrMeta+End");
      await page.page.keyboard.type("RU");
      await page.settled();
      assert.equal(await stopped(), false);
      await eventually(async () => assert.ok(await stopped()));
      await page.page.keyboard.type("N true");
      await page.settled();
      assert.equal(await stopped(), false);
    },
  ],
  [
    "an ignore file is colored as builders read it",
    async (bench) => {
      const page = await bench.open();
      await page.begin("FROM scratch\nCOPY . /\n");
      await page.file(".dockerignore");
      await page.write("# what is built\n*.log # not a comment\n!keep.log\n");
      await page.colors(["# what is built", "*", "!"]);
    },
  ],
]);
