/** Asks the page what the word under the pointer means; `{from, to, paragraphs}`, all of it plain text. */
export function hoverSource(ask) {
  return async (view, pos) => {
    const answer = await ask(view.state.doc.toString(), pos);
    if (!answer) return null;
    return {
      pos: answer.from,
      end: answer.to,
      above: true,
      create() {
        const dom = document.createElement("div");
        dom.className = "cm-explain";
        for (const line of answer.paragraphs) dom.appendChild(document.createElement("p")).textContent = line;
        return { dom };
      },
    };
  };
}
