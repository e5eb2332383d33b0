// Highlighting: our own parser says where what is; here it only becomes marks.
import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView } from "@codemirror/view";

/** Names of the classes, in the order of `TokenKind` in crates/playground/src/edit/highlight.rs. */
const CLASSES = ["keyword", "comment", "directive", "flag", "variable", "stage", "string", "heredoc", "body", "invalid"];
const marks = CLASSES.map((name) => Decoration.mark({ class: `tok-${name}` }));

export const setTokens = StateEffect.define();

export const tokenMarks = StateField.define({
  create: () => Decoration.none,
  update(value, transaction) {
    let next = transaction.docChanged ? value.map(transaction.changes) : value;
    for (const effect of transaction.effects) {
      if (!effect.is(setTokens)) continue;
      const { length } = transaction.newDoc;
      const ranges = [];
      for (let at = 0; at + 2 < effect.value.length; at += 3) {
        const [from, to, kind] = [effect.value[at], effect.value[at + 1], effect.value[at + 2]];
        if (from < to && to <= length && marks[kind]) ranges.push(marks[kind].range(from, to));
      }
      next = Decoration.set(ranges, true);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});
