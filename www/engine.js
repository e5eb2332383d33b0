// The engine worker's start. The page sends the compiled module and the address of its glue; everything that
// arrives before the engine stands is kept and handed over.
const early = [];
self.onmessage = async ({ data }) => {
  if (!data.glue) {
    early.push(data);
    return;
  }
  try {
    const glue = await import(data.glue);
    // Running `main` without a window puts the engine's own handler in place of this one.
    await glue.default({ module_or_path: data.module });
    self.postMessage("ready");
    for (const message of early) self.onmessage({ data: message });
  } catch (error) {
    self.postMessage(`failed: ${error}`);
  }
};
