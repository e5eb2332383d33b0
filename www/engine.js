// The engine worker's start. The page sends the compiled module and the address of its glue; everything that
// arrives before the engine stands is kept and handed over.
import { join } from "./rest.js";

const early = [];
let rest; // the rest of the program, compiled by the page
self.addEventListener("message", ({ data }) => {
  if (data.rest) rest = data.rest;
});
self.onmessage = async ({ data }) => {
  if (!data.glue) {
    if (!data.rest) early.push(data);
    return;
  }
  self.stagecraft = { rest: (exports) => join(exports, rest, data.glue) };
  try {
    const glue = await import(data.glue);
    // Running `main` without a window puts the engine's own handler in place of this one.
    self.stagecraft.exports = await glue.default({ module_or_path: data.module });
    self.postMessage("ready");
    for (const message of early) self.onmessage({ data: message });
  } catch (error) {
    self.postMessage(`failed: ${error}`);
  }
};
