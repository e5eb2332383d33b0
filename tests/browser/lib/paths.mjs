// Where things are.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
/** The built page. */
export const dist = process.env.STAGECRAFT_DIST ?? join(root, "dist");
/** Pictures of pages on which a test failed. */
export const pictures = join(root, "target", "xtask", "browser");
/** Loads an npm package of www/, which is where all of them are. */
export const www = createRequire(join(root, "www", "package.json"));

/** The folder of shared test data beside the checkout, or null: the tests that need it are then skipped. */
export const shared =
  [process.env.STAGECRAFT_SHARED, join(root, "..", "shared"), join(root, "..", "..", "shared")].find(
    (folder) => folder && existsSync(join(folder, "conformance")),
  ) ?? null;
