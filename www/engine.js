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
    self.stagecraft.exports = await glue.default({ module_or_path: data.module });
    self.onmessage = ({ data: question }) => {
      if (question.rest) return;
      const from = performance.now();
      const bytes = glue.answer(question);
      if (bytes) self.postMessage({ bytes, took: performance.now() - from }, [bytes.buffer]);
    };
    self.postMessage("ready");
    for (const message of early) self.onmessage({ data: message });
  } catch (error) {
    self.postMessage(`failed: ${error}`);
  }
};
