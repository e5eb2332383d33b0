// What the editor does beyond showing text: keys, completion, explanations. Loaded when somebody turns to the text.
import { autocompletion, closeCompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap } from "@codemirror/commands";
import { hoverTooltip, keymap } from "@codemirror/view";
import { completionSource } from "./complete.js";
import { hoverSource } from "./hover.js";

export { closeCompletion };

/** The extensions; `calls` as in index.js. */
export const extensions = (calls) => [
  autocompletion({ override: [completionSource(calls.complete)], icons: false, maxRenderedOptions: 60 }),
  hoverTooltip(hoverSource(calls.hover)),
  keymap.of([...completionKeymap, ...defaultKeymap]),
];
