/** A layer's name as the lab can hold it: names of tensors are made from it, and names in archives. */
export function safeName(name: string): string {
  const safe = name
    .replace(/[^\p{L}\p{N}_.\-/]/gu, '_')
    .replaceAll('..', '__')
    .slice(0, 100);
  return /^[\p{L}\p{N}_]/u.test(safe) ? safe : `_${safe}`.slice(0, 100);
}
