/**
 * Where a text stops being JSON: the offset of the first character that cannot stand there, or the text's length where it ends too early.
 * JSON.parse says so only for some mistakes. Walks without recursion, so that no nesting is too deep. Undefined for valid JSON.
 */
export function jsonErrorOffset(text: string): number | undefined {
  const token = /[ \t\n\r]*(?:([[\]{},:])|(")|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;
  const open: ('[' | '{')[] = [];
  // What may come next: a value, a key, a colon, or what follows a value.
  let state: 'value' | 'first' | 'key' | 'firstKey' | 'colon' | 'after' = 'value';
  for (;;) {
    const from = token.lastIndex;
    const found = token.exec(text);
    if (found === null) {
      const at = from + (/^[ \t\n\r]*/.exec(text.slice(from))?.[0].length ?? 0);
      return at === text.length && state === 'after' && open.length === 0 ? undefined : at;
    }
    const [whole, mark, quote] = found;
    const place = from + whole.length - whole.trimStart().length;
    if (quote !== undefined && state !== 'colon' && state !== 'after') {
      const end = stringEnd(text, token.lastIndex);
      if (end < 0) return -end;
      token.lastIndex = end;
    }
    const isValue = mark === undefined || mark === '[' || mark === '{';
    if (state === 'value' || (state === 'first' && mark !== ']')) {
      if (!isValue) return place;
      if (mark === undefined) state = 'after';
      else {
        open.push(mark as '[' | '{');
        state = mark === '[' ? 'first' : 'firstKey';
      }
    } else if (state === 'colon') {
      if (mark !== ':') return place;
      state = 'value';
    } else if (quote !== undefined && (state === 'key' || state === 'firstKey')) {
      state = 'colon';
    } else if (mark === ',' && state === 'after' && open.length > 0) {
      state = open[open.length - 1] === '[' ? 'value' : 'key';
    } else if (closes(mark, open) && (state === 'after' || state === 'first' || state === 'firstKey')) {
      open.pop();
      state = 'after';
    } else {
      return place;
    }
  }
}

function closes(mark: string | undefined, open: readonly string[]): boolean {
  const last = open[open.length - 1];
  return (mark === ']' && last === '[') || (mark === '}' && last === '{');
}

/** Where a string ends that began before `from`; minus the offset of the character that cannot stand in it. */
function stringEnd(text: string, from: number): number {
  const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '"') return at + 1;
    if (text[at] < ' ') return -at;
    if (text[at] !== '\\') continue;
    escaped.lastIndex = at;
    if (!escaped.test(text)) return -at;
    at = escaped.lastIndex - 1;
  }
  return -text.length;
}
