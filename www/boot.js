// Runs before anything is painted: the theme, and what is said when the page cannot start.
// build.mjs puts the names of the hashed files in place of ASSETS.
import { isSplit, join, restOf } from "./rest.js";
import { take, used } from "./turn.js";

window.stagecraft = (() => {
  const assets = ASSETS;
  const store = (() => {
    try {
      return window.localStorage;
    } catch {
      return null; // a sandboxed frame has none
    }
  })();
  const params = new URLSearchParams(location.search);
  const theme = params.get("theme") || store?.getItem("stagecraft.theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  if (params.has("embed") || /[#&?]embed(?![a-z])/.test(location.hash)) document.documentElement.dataset.embed = "";

  const show = (which, reason) => {
    for (const part of document.querySelectorAll("#wait [data-wait]")) {
      if (part.dataset.wait === "reason") part.textContent = reason ?? "";
      else part.hidden = part.dataset.wait !== which;
    }
  };
  const whenParsed = (then) =>
    document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", then) : then();
  const failed = (error) => whenParsed(() => show(location.protocol === "file:" ? "file" : "failed", String(error)));
  if (location.protocol === "file:") whenParsed(() => show("file"));

  const url = (name) => new URL(name, document.baseURI).href;
  const text = async (name) => {
    const answer = await fetch(url(name));
    if (!answer.ok) throw new Error(`the examples: HTTP ${answer.status}`);
    return answer.text();
  };
  let styles;
  /** The styles of what a first view does not have. */
  const later = () =>
    (styles ??= new Promise((loaded) => {
      const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: url(assets.styles) });
      link.onload = link.onerror = loaded; // without them it is ugly, and all there
      document.head.append(link);
    }));
  // A link, and work that was kept, may open with any pane.
  if (location.hash || location.search || store?.length) later();
  else used.then(later);
  let editor;
  let examples;
  let rest; // the rest of the program, compiled
  let worker;
  let instances = 0;
  /** Has the rest of the program loaded while nobody waits for it. */
  const prefetch = () => {
    WebAssembly.compileStreaming(fetch(restOf(start.glue))).then((module) => {
      rest = module;
      worker?.postMessage({ rest });
    }, () => {}); // it is fetched again when it is needed, and a failure then is heard
  };
  const start = {
    failed,
    /** The program runs: once somebody begins to use it, all of it should be there. */
    started: (exports) => {
      start.exports = exports;
      if (isSplit(exports)) used.then(prefetch);
    },
    /** Called by the program where it needs its rest. */
    rest: (exports) => {
      join(exports, rest, start.glue); // throws where the page is being closed
      later();
    },
    /** The engine's worker needs the rest too. */
    worker: (started) => {
      worker = started;
      if (rest) worker.postMessage({ rest });
    },
    engine: url(assets.engine),
    /** A second instance of the program is started: it is an engine, and leaves the page alone. */
    beside: false,
    /** The function that answers questions, of a second instance with memory of its own. */
    near: (module, atOnce) =>
      (atOnce ? Promise.resolve() : used).then(async () => {
        instances += 1; // each has glue, and with it memory, of its own
        const glue = await import(`${start.glue}?beside=${instances}`);
        start.beside = true;
        await glue.default({ module_or_path: module }).finally(() => (start.beside = false));
        return glue.answer;
      }),
    /** The editor's module, loaded once, when first asked for by somebody who uses the page. */
    editor: () => (editor ??= used.then(() => later().then(() => import(url(assets.editor))))),
    /** What was done to the text before the editor stood. */
    turn: take,
    /** The text of the file with the example of a first visit, and of that with all of them. */
    first: () => text(assets.first),
    examples: () => (examples ??= text(assets.examples)),
    /** All of them, once somebody uses the page. */
    menu: () => used.then(start.examples),
  };
  return start;
})();
