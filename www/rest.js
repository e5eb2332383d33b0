// The rest of the program: what the first load does not run (crates/xtask/src/split says how it is cut off).
// It is fetched once a person begins to use the page, or at once where the program cannot go on without it.

/** Fetches without letting anything else happen: the program waits in the middle of a function. */
function fetchNow(address) {
  const request = new XMLHttpRequest();
  request.open("GET", address, false);
  // A page may not ask for bytes this way, so they come as text, a byte a character.
  request.overrideMimeType("text/plain; charset=x-user-defined");
  request.send();
  if (request.status !== 200) throw new Error(`the rest of the program: HTTP ${request.status}`);
  return Uint8Array.from(request.responseText, (letter) => letter.charCodeAt(0) & 0xff);
}

/** Where the rest of the program lies whose glue is at that address. */
export const restOf = (glue) => glue.replace(/\.js$/, "_rest.wasm");

/** Whether a program with these exports was split. */
export const isSplit = (exports) => "m0" in exports;

/** Puts the rest into the program with these exports; `module` is the rest where it is there already. */
export function join(exports, module, glue) {
  new WebAssembly.Instance(module ?? new WebAssembly.Module(fetchNow(restOf(glue))), { f: exports });
}
