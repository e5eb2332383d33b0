/** Asks the page what the word under the pointer means; `{from, to, title, text}`, all of it plain text. */
export function hoverSource(ask) {
  return async (_view, pos) => {
    const answer = await ask(pos);
    if (!answer) return null;
    return {
      pos: answer.from,
      end: answer.to,
      above: true,
      create() {
        const dom = document.createElement("div");
        dom.className = "cm-explain";
        const title = dom.appendChild(document.createElement("strong"));
        title.textContent = answer.title;
        for (const line of answer.text.split("\n")) dom.appendChild(document.createElement("p")).textContent = line;
        return { dom };
      },
    };
  };
}
