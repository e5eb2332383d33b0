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

const field = StateField.define({
  create: () => ({ marks: Decoration.none, colors: [] }),
  update(value, transaction) {
    let next = value;
    if (transaction.docChanged) {
      // Until the engine has answered, colors move with the lines they were on.
      const colors = [];
      value.colors.forEach((marker, line) => {
        if (!marker || line > transaction.startState.doc.lines) return;
        colors[transaction.newDoc.lineAt(transaction.changes.mapPos(transaction.startState.doc.line(line).from)).number] = marker;
      });
      next = { marks: value.marks.map(transaction.changes), colors };
    }
    for (const effect of transaction.effects) {
      if (!effect.is(setLineMarks)) continue;
      const colors = [];
      for (const { line, color, skipped } of effect.value) if (color > 0) colors[line] = new StageMarker(color, skipped);
      next = { marks: decorations(effect.value, transaction.newDoc), colors };
    }
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
