// What is said of a line: the color of its stage in the margin, whether it is skipped or where the build now is,
// and a note at its end.
import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, GutterMarker, WidgetType, gutter } from "@codemirror/view";

/** Entries `{line, color, note, tone, title, skipped, current}`; a color is 0 for none, else a stage's. */
export const setLineMarks = StateEffect.define();

class Note extends WidgetType {
  constructor(text, tone, title) {
    super();
    Object.assign(this, { text, tone, title });
  }

  eq(other) {
    return this.text === other.text && this.tone === other.tone && this.title === other.title;
  }

  toDOM() {
    const note = document.createElement("span");
    note.className = `cm-note tone-${this.tone}`;
    note.textContent = this.text;
    if (this.title) note.title = this.title;
    return note;
  }

  ignoreEvent() {
    return false;
  }
}

class StageMarker extends GutterMarker {
  constructor(color, skipped) {
    super();
    this.color = color;
    this.elementClass = `stage-${color}${skipped ? " is-skipped" : ""}`;
  }

  eq(other) {
    return this.elementClass === other.elementClass;
  }
}

function decorations(lines, doc) {
  const ranges = [];
  for (const { line, note, tone, title, skipped, current } of lines) {
    if (line < 1 || line > doc.lines) continue;
    const { from, to } = doc.line(line);
    const names = [skipped && "is-skipped", current && "is-current"].filter(Boolean).join(" ");
    if (names) ranges.push(Decoration.line({ class: names, attributes: current ? { "data-current": "" } : {} }).range(from));
    if (note) ranges.push(Decoration.widget({ widget: new Note(note, tone, title), side: 1 }).range(to));
  }
  return Decoration.set(ranges, true);
}

/** The entries at the lines where what they were said of now begins. */
function moved(lines, { startState, newDoc, changes }) {
  return lines
    .filter(({ line }) => line >= 1 && line <= startState.doc.lines)
    .map((entry) => ({ ...entry, line: newDoc.lineAt(changes.mapPos(startState.doc.line(entry.line).from, 1)).number }));
}

function shown(lines, doc) {
  const colors = [];
  for (const { line, color, skipped } of lines) if (color > 0) colors[line] ??= new StageMarker(color, skipped);
  return { lines, marks: decorations(lines, doc), colors };
}

const field = StateField.define({
  create: () => ({ lines: [], marks: Decoration.none, colors: [] }),
  update(value, transaction) {
    // Until the engine has answered, and where its answer is the same, what is said of a line stays with it.
    let next = transaction.docChanged ? shown(moved(value.lines, transaction), transaction.newDoc) : value;
    for (const effect of transaction.effects) if (effect.is(setLineMarks)) next = shown(effect.value, transaction.newDoc);
    return next;
  },
  provide: (self) => EditorView.decorations.from(self, (value) => value.marks),
});

export const lineMarks = [
  field,
  gutter({
    class: "cm-stages",
    lineMarker: (view, line) => view.state.field(field).colors[view.state.doc.lineAt(line.from).number] ?? null,
    lineMarkerChange: (update) => update.startState.field(field) !== update.state.field(field),
  }),
];
