// Real Dockerfiles go through the page without an error.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { shared } from "../lib/paths.mjs";

/** Every so manieth file of the corpus is pasted. */
const EVERY = 16;

const sample = async (bench) => {
  if (!shared) return "there is no folder of shared test data beside the checkout";
  const page = await bench.open();
  await page.begin("FROM scratch\n");
  for (const folder of ["conformance/corpus/files", "conformance/corpus/broken", "seeds"]) {
    const files = readdirSync(join(shared, folder)).filter((name) => /dockerfile$/i.test(name)).sort();
    for (const [index, name] of files.entries()) {
      if (folder !== "seeds" && index % EVERY !== 0) continue;
      const text = readFileSync(join(shared, folder, name), "utf8");
      await page.write(text);
      await page.page.waitForTimeout(20);
      if (bench.errors.length > 0) throw new Error(`${folder}/${name}: ${bench.errors.join("; ")}`);
    }
  }
  await page.write("FROM alpine\nRUN echo still there\n");
  await page.logsSay(({ legacy }) => {
    if (!/RUN echo still there/.test(legacy)) throw new Error("the page no longer answers");
  });
  return undefined;
};
sample.patience = 240_000;

export default { "a sample of real and damaged files": sample };
