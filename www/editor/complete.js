/** Asks the page for what fits at the cursor; `{from, to, options: [{label, detail, info, kind, apply}]}`. */
export function completionSource(ask) {
  return async (context) => {
    const answer = await ask(context.state.doc.toString(), context.pos);
    if (!answer || context.aborted || answer.options.length === 0) return null;
    return {
      from: answer.from,
      to: answer.to,
      filter: false,
      options: answer.options.map(({ label, detail, info, kind }) => ({
        label,
        detail: detail || undefined,
        info: info || undefined,
        type: kind,
      })),
    };
  };
}
