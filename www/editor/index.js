// The editor, as the page sees it: one class whose methods take text, numbers and plain objects.
// Offsets are UTF-16 units, lines count from 1. What a person types is reported with a version; what comes back
// for an older version is dropped, and the decorations of before are kept in place by CodeMirror meanwhile.
// The browser draws caret and selection: to draw them ourselves has it lay out the lines in the middle of each keystroke, two
// milliseconds of the sixteen until the next frame.
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { Annotation, Compartment, EditorState } from "@codemirror/state";
import { EditorView, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { lineMarks, setLineMarks } from "./lines.js";
import { difference } from "./text.js";
import { look } from "./look.js";
import { setTokens, tokenMarks } from "./tokens.js";

/** Marks a change that the page made, so that it is not reported back to it. */
const fromPage = Annotation.define();

export class Editor {
  /**
   * @param {HTMLElement} parent
   * @param {{
   *   change: (text: string, version: number) => void,
   *   select: (line: number) => void,
   *   undo: () => void, redo: () => void,
   *   complete: (text: string, offset: number) => Promise<object | null>,
   *   hover: (text: string, offset: number) => Promise<object | null>,
   * }} calls what the page wants to hear
   */
  constructor(parent, calls) {
    this.version = 0;
    this.readOnly = new Compartment();
    this.label = new Compartment();
    this.beyond = new Compartment();
    this.calls = calls;
    this.view = new EditorView({ parent, state: this.#state("") });
    const turns = ["focusin", "pointerenter", "pointerdown"];
    const once = () => {
      for (const turn of turns) parent.removeEventListener(turn, once, true);
      // Text can be typed meanwhile, and where it cannot be loaded: the browser's own keys do most of it.
      import("./more.js").then((more) => this.#extend(more), () => {});
    };
    for (const turn of turns) parent.addEventListener(turn, once, true);
  }

  #extend(more) {
    this.more = more;
    this.view.dispatch({ effects: this.beyond.reconfigure(more.extensions(this.calls)) });
  }

  #state(doc) {
    const { calls } = this;
    const history = [
      { key: "Mod-z", run: () => (calls.undo(), true), preventDefault: true },
      { key: "Mod-y", run: () => (calls.redo(), true), preventDefault: true },
      { key: "Mod-Shift-z", run: () => (calls.redo(), true), preventDefault: true },
    ];
    return EditorState.create({
      doc,
      extensions: [
        lineMarks,
        lineNumbers(),
        lintGutter(),
        highlightSpecialChars(),
        EditorView.lineWrapping,
        tokenMarks,
        keymap.of([...history, ...lintKeymap]),
        this.beyond.of([]),
        EditorView.domEventHandlers({
          beforeinput: (event) => {
            if (event.inputType === "historyUndo") calls.undo();
            else if (event.inputType === "historyRedo") calls.redo();
            else return false;
            event.preventDefault();
            return true;
          },
        }),
        EditorView.updateListener.of((update) => this.#updated(update)),
        this.readOnly.of([]),
        this.label.of([]),
        look,
      ],
    });
  }

  #updated(update) {
    if (update.docChanged) {
      this.version += 1;
      if (!update.transactions.some((transaction) => transaction.annotation(fromPage))) {
        this.calls.change(update.state.doc.toString(), this.version);
        return;
      }
    }
    if (update.selectionSet && update.transactions.some((transaction) => transaction.isUserEvent("select"))) {
      this.calls.select(update.state.doc.lineAt(update.state.selection.main.head).number);
    }
  }

  /** The number that names the text as it now is. */
  current() {
    return this.version;
  }

  /** Replaces the text by as small a change as does it; the cursor goes where something changed. */
  setText(text, anew) {
    const before = this.view.state.doc.toString();
    if (text === before) return;
    this.more?.closeCompletion(this.view);
    if (anew) {
      this.view.dispatch({
        changes: { from: 0, to: before.length, insert: text },
        selection: { anchor: 0 },
        annotations: fromPage.of(true),
        effects: [setTokens.of(new Uint32Array()), setLineMarks.of([])],
      });
      this.view.dispatch(setDiagnostics(this.view.state, []));
      this.#catchUp();
      return;
    }
    const { from, to, insert } = difference(before, text);
    this.view.dispatch({
      changes: { from, to, insert },
      selection: { anchor: from + insert.length },
      annotations: fromPage.of(true),
      scrollIntoView: true,
    });
  }

  /** Goes where a person pointed before the editor stood, and writes what they typed there. */
  #catchUp() {
    const { focused, at, text } = window.stagecraft.turn?.() ?? {};
    window.stagecraft.turn = undefined;
    if (!focused) return;
    this.view.focus();
    const anchor = at ? this.view.posAtCoords(at, false) : 0;
    this.view.dispatch({ selection: { anchor } });
    if (text) this.view.dispatch(this.view.state.replaceSelection(text), { userEvent: "input.type" });
  }

  /** `name` is said by screen readers. */
  configure(name, readOnly) {
    const attributes = EditorView.contentAttributes.of({ "aria-label": name, spellcheck: "false", "data-readonly": String(readOnly) });
    this.view.dispatch({
      effects: [
        this.readOnly.reconfigure(readOnly ? EditorState.readOnly.of(true) : []),
        this.label.reconfigure(attributes),
      ],
    });
  }

  /** Triples of start, end and class (see tokens.js). */
  setTokens(triples, version) {
    // They lie in the program's memory, which has other things there by the next frame.
    const kept = triples.slice();
    this.#later("tokens", version, () => [setTokens.of(kept)]);
  }

  /** One entry per line that has something to show (see lines.js). */
  setLines(lines, version) {
    this.#later("lines", version, () => [setLineMarks.of(lines)]);
  }

  /** `{from, to, severity, message, source, fixes: [{label, edits: [{from, to, insert}]}]}` */
  setProblems(problems, version) {
    this.#later("problems", version, () => {
      const { state } = this.view;
      const { length } = state.doc;
      const diagnostics = problems.map((problem) => ({
        from: Math.min(problem.from, length),
        to: Math.min(Math.max(problem.to, problem.from), length),
        severity: problem.severity,
        message: problem.message,
        source: problem.source,
        actions: problem.fixes.map((fix) => ({
          name: fix.label,
          apply: (view) => {
            // The text may have moved on since; then the fix no longer fits and a new one is on its way.
            if (version === this.version) view.dispatch({ changes: fix.edits, userEvent: "input.fix" });
          },
        })),
      }));
      return setDiagnostics(state, diagnostics).effects;
    });
  }

  /**
   * What is said of the text is shown in one go when the next frame begins: each change of the view has the browser
   * lay out the lines anew, to put the cursor back.
   */
  #later(what, version, effects) {
    if (version !== this.version) return;
    this.waiting ??= new Map();
    if (this.waiting.size === 0) requestAnimationFrame(() => this.#show());
    this.waiting.set(what, { version, effects });
  }

  #show() {
    const waiting = [...this.waiting.values()].filter(({ version }) => version === this.version);
    this.waiting.clear();
    if (waiting.length > 0) this.view.dispatch({ effects: waiting.flatMap(({ effects }) => effects()) });
  }

  /** Scrolls a line into view if it is not. */
  reveal(line) {
    const { doc } = this.view.state;
    if (line < 1 || line > doc.lines) return;
    // By hand: CodeMirror's own way scrolls the page too, and on a narrow screen would take a reader elsewhere.
    const { scrollDOM } = this.view;
    const box = scrollDOM.getBoundingClientRect();
    const block = this.view.lineBlockAt(doc.line(line).from);
    const top = this.view.documentTop + block.top;
    if (top < box.top || top + block.height > box.bottom) scrollDOM.scrollTop += top - box.top - (box.height - block.height) / 2;
  }

  /** Puts the cursor at an offset and the focus into the text. */
  goto(offset) {
    const anchor = Math.min(offset, this.view.state.doc.length);
    this.view.dispatch({ selection: { anchor }, scrollIntoView: true });
    this.view.focus();
  }

  focus() {
    this.view.focus();
  }

  destroy() {
    this.view.destroy();
  }
}

/** Makes an editor in `parent`. */
export const mount = (parent, calls) => new Editor(parent, calls);
