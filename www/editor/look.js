// Only what CodeMirror's own theme forces: sizes and colors come from the page's tokens, in css/editor.css.
import { EditorView } from "@codemirror/view";

export const look = EditorView.theme({
  "&": { height: "100%", fontSize: "var(--size-code)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "var(--line-code)", overflow: "auto" },
  ".cm-gutters": { background: "transparent", border: "none", color: "var(--faint)" },
  ".cm-content": { caretColor: "var(--ink)", padding: "10px 0" },
  ".cm-tooltip": { background: "var(--panel)", color: "var(--ink)", border: "1px solid var(--line)", borderRadius: "var(--radius)" },
});
