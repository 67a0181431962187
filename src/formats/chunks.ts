/** Small pieces of text joined to chunks of about this many characters: large files never become one string, and small writes stay few. */
export function* chunked(pieces: Iterable<string>, size = 65_536): Generator<string> {
  let held: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    held.push(piece);
    length += piece.length;
    if (length < size) continue;
    yield held.join('');
    held = [];
    length = 0;
  }
  if (length > 0) yield held.join('');
}

/** A number so that reading it gives the same float64: the shortest digits that do, −0 included. Not-a-number and infinities by name. */
export function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
