/** Letters and digits of any script. Tables of these are slow to load, also where a literal is only read: they are made when a name needs them. */
const LETTERS = '\\p{L}\\p{N}_';

/** A layer's name as the lab can hold it: names of tensors are made from it, and names in archives. */
export function safeName(name: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.\-/]{0,99}$/.test(name) && !name.includes('..')) return name;
  const safe = name
    .replace(new RegExp(`[^${LETTERS}.\\-/]`, 'gu'), '_')
    .replaceAll('..', '__')
    .slice(0, 100);
  return new RegExp(`^[${LETTERS}]`, 'u').test(safe) ? safe : `_${safe}`.slice(0, 100);
}
