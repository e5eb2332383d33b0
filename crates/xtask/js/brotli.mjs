// Prints the size of every file below a folder as `RAW BROTLI PATH` lines, compressed as a good server would.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

function* files(folder, prefix = "") {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) yield* files(join(folder, entry.name), `${prefix}${entry.name}/`);
    else yield prefix + entry.name;
  }
}

const folder = process.argv[2];
for (const path of [...files(folder)].sort()) {
  const bytes = readFileSync(join(folder, path));
  const packed = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  console.log(`${bytes.length} ${packed.length} ${path}`);
}
