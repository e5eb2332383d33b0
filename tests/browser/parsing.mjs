// Measures parsing beside `dockerfile-ast` in the same page: each reads the same files, in turns; then how many `RUN`
// lines of these files are executed in a second, and how long large contexts take. `cargo xtask bench` calls it with the
// folder that holds our program.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { basename, join } from "node:path";
import { launch } from "./lib/chromium.mjs";
import { root, shared, www } from "./lib/paths.mjs";

/** How often each reads everything, and how long a turn lasts at least, in milliseconds. */
const TURNS = 9;
const LONG = 150;
/** What the project promises. */
const GOAL = 20;
const LINES = 1000;
const BUILD = 400;
/** Files of a context. */
const SIZES = [100, 1_000, 10_000, 100_000];

const folder = process.argv[2];
writeFileSync(join(folder, "index.html"), `<!doctype html><title>Parsing</title>`);
// It asks Node's Buffer for the bytes of a file's first character, which a page's bundler has to stand in for.
const BUFFER = "const Buffer = { from: (text) => new TextEncoder().encode(text) };";
await www("esbuild").build({
  banner: { js: BUFFER },
  stdin: { contents: `export { DockerfileParser } from "dockerfile-ast";`, resolveDir: join(root, "www") },
  bundle: true,
  minify: true,
  format: "esm",
  outfile: join(folder, "theirs.js"),
  logLevel: "error",
});

/** Real Dockerfiles, or the project's examples where the shared ones are absent. */
function texts() {
  const read = (file) => readFileSync(file, "utf8");
  if (shared) {
    const corpus = join(shared, "conformance", "corpus", "files");
    return readdirSync(corpus).sort().map((name) => read(join(corpus, name)));
  }
  const examples = join(root, "www", "examples");
  const contexts = readdirSync(examples).sort().map((name) => join(examples, name, "context"));
  return contexts.flatMap((context) =>
    readdirSync(context).filter((name) => /dockerfile/i.test(name)).map((name) => read(join(context, name))),
  );
}

const TYPES = { html: "text/html; charset=utf-8", js: "text/javascript", wasm: "application/wasm" };
const server = createServer((request, response) => {
  const name = basename(new URL(request.url, "http://localhost").pathname) || "index.html";
  const type = TYPES[name.split(".").pop()];
  if (!type) return response.writeHead(404).end();
  return response.writeHead(200, { "content-type": type }).end(readFileSync(join(folder, name)));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const browser = await launch();
const page = await browser.newPage();
await page.goto(`http://127.0.0.1:${server.address().port}/`);

const files = texts();
const bytes = files.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
const found = await page.evaluate(
  async ({ files, turns, long }) => {
    const ours = await import("./ours.js");
    await ours.default();
    const { DockerfileParser } = await import("./theirs.js");
    const parsers = {
      ours: (text) => ours.instructions(text),
      theirs: (text) => DockerfileParser.parse(text).getInstructions().length,
    };
    const counts = {};
    const times = { ours: [], theirs: [] };
    // Every turn reads all files as often as it takes to last long enough; the first turns warm up.
    for (let turn = 0; turn < turns + 2; turn += 1) {
      for (const [name, parse] of Object.entries(parsers)) {
        let rounds = 0;
        const started = performance.now();
        let time;
        do {
          let count = 0;
          for (const text of files) count += parse(text);
          counts[name] = count;
          rounds += 1;
          time = performance.now() - started;
        } while (time < long);
        if (turn >= 2) times[name].push(time / rounds);
      }
    }
    const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];
    return { counts, ours: median(times.ours), theirs: median(times.theirs) };
  },
  { files, turns: TURNS, long: LONG },
);
const speed = (milliseconds) => `${(bytes / 1000 / milliseconds).toFixed(1)} MB/s`;
const ratio = found.theirs / found.ours;
console.log(`parsing ${files.length} files of ${bytes} bytes in one page of Chromium ${browser.version()}:`);
console.log(`  ours            ${speed(found.ours)}, from the page's text to instructions (${found.counts.ours})`);
console.log(`  dockerfile-ast  ${speed(found.theirs)} (${found.counts.theirs} instructions)`);
console.log(`  ${ratio.toFixed(1)} times as fast (${ratio >= GOAL ? "within" : "short of"} the goal of ${GOAL})`);

// Each file on its own, so that the slowest is seen; plans and base images are part of the time.
const runs = await page.evaluate(async (files) => {
  const ours = await import("./ours.js");
  ours.runs("FROM scratch");
  const times = files.map((text) => {
    const started = performance.now();
    return [ours.runs(text), performance.now() - started];
  });
  const sum = (at) => times.reduce((total, entry) => total + entry[at], 0);
  return { lines: sum(0), time: sum(1), longest: Math.max(...times.map(([, time]) => time)) };
}, files);
const rate = runs.lines / (runs.time / 1000);
console.log(`executing every RUN of every target of these files, with their plans:`);
console.log(`  ${runs.lines} lines in ${(runs.time / 1000).toFixed(1)} s: ${rate.toFixed(0)} a second`);
console.log(`  the slowest file took ${runs.longest.toFixed(0)} ms (${rate >= LINES ? "within" : "short of"} the goal of ${LINES} lines a second)`);

// A program of its own for each size and builder, since its memory never shrinks.
console.log(`simulating a context of so many files (.dockerignore, COPY . ., a build stage, COPY --from):`);
for (const count of SIZES) {
  for (const [name, legacy] of [["BuildKit", false], ["legacy", true]]) {
    await page.reload();
    const build = await page.evaluate(
      async ({ count, legacy, turns }) => {
        const ours = await import("./ours.js");
        const { memory } = await ours.default();
        new ours.Context(10).build(legacy);
        const context = new ours.Context(count);
        const before = memory.buffer.byteLength;
        const times = [];
        let steps;
        for (let turn = 0; turn < turns; turn += 1) {
          const started = performance.now();
          steps = context.build(legacy);
          times.push(performance.now() - started);
        }
        times.sort((a, b) => a - b);
        return { steps, time: times[Math.floor(turns / 2)], all: memory.buffer.byteLength, before };
      },
      { count, legacy, turns: 5 },
    );
    const goal = count === SIZES.at(-1) ? ` (${build.time <= BUILD ? "within" : "over"} the goal of ${BUILD})` : "";
    const [all, before] = [build.all, build.before].map((bytes) => (bytes / 1e6).toFixed(0));
    const outcome = build.steps === undefined ? "FAILS" : `${build.steps} steps`;
    console.log(
      `  ${String(count).padStart(6)} files, ${name.padEnd(8)} ${build.time.toFixed(1)} ms${goal}, ${outcome}; ` +
        `${all} MB of memory in all, ${before} of them before it began`,
    );
  }
}
await browser.close();
server.close();
