// Bundles what is not Rust into www/generated: the editor, the styles, the worker's start and the examples.
// Hashed names go to assets/ (copied as they are); boot.js, which knows them, is put into index.html by Trunk.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const out = join(root, "generated");
const assets = join(out, "assets");
const dev = process.argv.includes("--dev");
const common = { bundle: true, minify: !dev, write: false, logLevel: "warning", target: "es2022", legalComments: "none" };

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

async function bundle(entry, options) {
  const { outputFiles } = await build({ ...common, ...options, entryPoints: [join(root, entry)] });
  return outputFiles[0].contents;
}

/** All files below `folder`, as `{ path: {text} | {base64}, … }`; a link or a mode has its own key. */
async function tree(folder, prefix = "") {
  const files = {};
  for (const entry of (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = prefix + entry.name;
    if (entry.isDirectory()) Object.assign(files, await tree(join(folder, entry.name), `${path}/`));
    else if (entry.isFile()) files[path] = await readFile(join(folder, entry.name));
  }
  return files;
}

/** Every www/examples/NAME as one JSON document: what the page's menu shows and opens. */
async function examples() {
  const folder = join(root, "examples");
  const list = [];
  for (const entry of existsSync(folder) ? (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1)) : []) {
    if (!entry.isDirectory()) continue;
    const files = {};
    for (const [path, bytes] of Object.entries(await tree(join(folder, entry.name)))) {
      const text = bytes.toString("utf8");
      files[path] = Buffer.from(text, "utf8").equals(bytes) ? text : { base64: bytes.toString("base64") };
    }
    list.push({ name: entry.name, files });
  }
  return JSON.stringify(list);
}

await mkdir(assets, { recursive: true });
const names = {
  editor: await hashed("editor.js", await bundle("editor/index.js", { format: "esm" })),
  engine: await hashed("engine.js", await bundle("engine.js", { format: "esm" })),
  examples: await hashed("examples.json", await examples()),
};
for (const file of await readdir(assets)) {
  if (!Object.values(names).includes(`assets/${file}`)) await rm(join(assets, file));
}
await put(join(out, "stagecraft.css"), await bundle("css/main.css", {}));
const boot = (await readFile(join(root, "boot.js"), "utf8")).replace("ASSETS", JSON.stringify(names));
const { outputFiles } = await build({ ...common, stdin: { contents: boot, sourcefile: basename("boot.js") } });
await put(join(out, "boot.js"), outputFiles[0].contents);
