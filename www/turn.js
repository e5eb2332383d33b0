// What a person does before everything is loaded. The first thing they do has the rest loaded: the editor, and what of
// the program the first load did not need; what they do to the text until the editor stands is handed to it.
const USES = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "focusin"];

/** Resolves with the first sign that somebody uses the page. */
export const used = new Promise((resolve) => {
  const once = () => {
    for (const use of USES) removeEventListener(use, once, true);
    resolve();
  };
  for (const use of USES) addEventListener(use, once, { capture: true, passive: true });
});

/** The text as it stands until the editor does. */
const waiting = (target) => target instanceof Element && target.closest("[data-hook=editor-waits]");
const turn = { focused: false, at: null, text: "" };
const watch = {
  pointerdown: ({ target, clientX, clientY }) => {
    if (waiting(target)) turn.at = { x: clientX, y: clientY };
  },
  focusin: ({ target }) => {
    turn.focused = Boolean(waiting(target));
  },
  keydown: (event) => {
    if (!waiting(event.target) || event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    turn.text += event.key;
    event.preventDefault();
    event.stopPropagation();
  },
};
for (const [name, listener] of Object.entries(watch)) addEventListener(name, listener, true);

/** What the editor has to catch up with; asked once, when it stands. */
export function take() {
  for (const [name, listener] of Object.entries(watch)) removeEventListener(name, listener, true);
  return turn;
}
