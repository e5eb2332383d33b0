// Bundles what is not Rust into www/generated: the editor, the styles, the worker's start and the examples.
// Hashed names go to assets/ (copied as they are); boot.js, which knows them, is put into index.html by Trunk.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, readlink, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const out = join(root, "generated");
const assets = join(out, "assets");
const dev = process.argv.includes("--dev");
const common = { bundle: true, minify: !dev, write: false, logLevel: "warning", target: "es2022", legalComments: "none" };

/** The example that a first visit shows. */
const FIRST = "legacy-vs-buildkit";

/** Writes `content` under a name that changes with it and returns that name. */
async function hashed(name, content) {
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 12);
  const [stem, extension] = [name.replace(/\.\w+$/, ""), name.match(/\.\w+$/)[0]];
  const file = `${stem}-${digest}${extension}`;
  await put(join(assets, file), content);
  return `assets/${file}`;
}

/** Leaves a file alone that already says the same, so that watchers do not wake for nothing. */
async function put(path, content) {
  if (existsSync(path) && Buffer.from(content).equals(await readFile(path))) return;
  await writeFile(path, content);
}

/** Bundles a module that loads parts of itself later; returns all files that this takes, the module's own first. */
async function parts(entry) {
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: [join(root, entry)],
    format: "esm",
    splitting: true,
    metafile: true,
    outdir: assets,
    entryNames: "editor-[hash]",
    chunkNames: "[name]-[hash]",
  });
  for (const file of outputFiles) await put(file.path, file.contents);
  const own = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint?.endsWith(entry))[0];
  const names = outputFiles.map((file) => basename(file.path)).sort((a) => (a === basename(own) ? -1 : 1));
  return names.map((name) => `assets/${name}`);
}

async function bundle(entry, options) {
  const { outputFiles } = await build({ ...common, ...options, entryPoints: [join(root, entry)] });
  return outputFiles[0].contents;
}

/** All files below `folder`: text as it is, anything that needs to say more as an object (see examples.rs). */
async function tree(folder, prefix = "") {
  const files = {};
  for (const entry of await sorted(folder)) {
    const [path, here] = [prefix + entry.name, join(folder, entry.name)];
    if (entry.isDirectory()) Object.assign(files, await tree(here, `${path}/`));
    else if (entry.isSymbolicLink()) files[path] = { link: await readlink(here) };
    else {
      const text = await readFile(here, "utf8");
      files[path] = (await stat(here)).mode & 0o100 ? { text, mode: 0o755 } : text;
    }
  }
  return files;
}

async function sorted(folder) {
  return (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Every www/examples/NAME as an entry: its example.json and the files of its context. */
async function examples() {
  const folder = join(root, "examples");
  const list = [];
  for (const entry of existsSync(folder) ? await sorted(folder) : []) {
    if (!entry.isDirectory()) continue;
    const about = JSON.parse(await readFile(join(folder, entry.name, "example.json"), "utf8"));
    list.push({ name: entry.name, ...about, files: await tree(join(folder, entry.name, "context")) });
  }
  return list;
}

await mkdir(assets, { recursive: true });
const editor = await parts("editor/index.js");
const all = await examples();
const names = {
  editor: editor[0],
  styles: await hashed("later.css", await bundle("css/later.css", {})),
  engine: await hashed("engine.js", await bundle("engine.js", { format: "esm" })),
  examples: await hashed("examples.json", JSON.stringify(all)),
  first: await hashed("first.json", JSON.stringify(all.filter(({ name }) => name === FIRST))),
};
for (const file of await readdir(assets)) {
  if (![...Object.values(names), ...editor].includes(`assets/${file}`)) await rm(join(assets, file));
}
await put(join(out, "stagecraft.css"), await bundle("css/main.css", {}));
const { outputFiles } = await build({ ...common, entryPoints: [join(root, "boot.js")], define: { ASSETS: JSON.stringify(names) } });
await put(join(out, "boot.js"), outputFiles[0].contents);
