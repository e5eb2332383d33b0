// What the editor does beyond showing text: keys, completion, explanations. Loaded when somebody turns to the text.
import { acceptCompletion, autocompletion, closeCompletion, completionKeymap, completionStatus, moveCompletionSelection, selectedCompletionIndex } from "@codemirror/autocomplete";
import { defaultKeymap, indentLess, indentMore } from "@codemirror/commands";
import { search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, hoverTooltip, keymap } from "@codemirror/view";
import { completionSource } from "./complete.js";
import { hoverSource } from "./hover.js";

export { closeCompletion };

/** What Tab writes where it completes nothing. */
const INDENT = "    ";

/** The editors in which somebody wrote or pointed since they got the focus: who only comes by with Tab goes on with Tab. */
const inUse = new WeakSet();

const use = EditorView.domEventHandlers({
  focus: (_, view) => void inUse.delete(view),
  pointerup: (_, view) => void inUse.add(view),
  input: (_, view) => void inUse.add(view),
});

/** Tab takes the first of what is offered, or indents. (Escape and then Tab leaves the text: CodeMirror sees to it.) */
function tab(view) {
  if (completionStatus(view.state) === "active") {
    if (selectedCompletionIndex(view.state) === null || selectedCompletionIndex(view.state) < 0) moveCompletionSelection(true)(view);
    return acceptCompletion(view);
  }
  if (view.state.readOnly || !inUse.has(view)) return false;
  if (!view.state.selection.main.empty) return indentMore(view);
  view.dispatch(view.state.replaceSelection(INDENT), { userEvent: "input", scrollIntoView: true });
  return true;
}

/** The extensions; `calls` as in index.js. */
export const extensions = (calls) => [
  autocompletion({ override: [completionSource(calls.complete)], icons: false, maxRenderedOptions: 60, selectOnOpen: false }),
  use,
  EditorState.languageData.of(() => [{ commentTokens: { line: "#" } }]),
  hoverTooltip(hoverSource(calls.hover)),
  search({ top: true }),
  // Enter ends a line unless something was chosen with the arrows.
  keymap.of([...searchKeymap, ...completionKeymap, { key: "Tab", run: tab, shift: indentLess }, ...defaultKeymap]),
];
