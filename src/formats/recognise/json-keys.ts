/** As many keys as anything here is recognised by. */
const MAX_KEYS = 64;

/**
 * The keys of the outermost object of a JSON text, in order, however deep what they hold is nested. The text may be cut off. Null where the text
 * is no object.
 */
export function topLevelKeys(text: string): string[] | null {
  const start = /^\uFEFF?\s*\{/.exec(text);
  if (start === null) return null;
  const keys: string[] = [];
  const token = /"((?:[^"\\]|\\.)*)"|[[\]{}:,]/g;
  token.lastIndex = start[0].length;
  let depth = 1;
  let last: string | null = null;
  for (let found = token.exec(text); found !== null && depth > 0; found = token.exec(text)) {
    const [mark, string] = found;
    if (mark === '{' || mark === '[') depth++;
    else if (mark === '}' || mark === ']') depth--;
    else if (mark === ':' && depth === 1 && last !== null && keys.length < MAX_KEYS) keys.push(last);
    last = string ?? null;
  }
  return keys;
}
