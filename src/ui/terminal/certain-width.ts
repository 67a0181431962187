// Ranges of characters that stand alone whatever neighbours them, and whose width no terminal doubts.
const NARROW = [
  [0x20, 0x7e],
  [0xa1, 0xac],
  [0xae, 0x2ff],
  [0x370, 0x482],
  [0x48a, 0x58f],
  [0x2010, 0x2027],
  [0x2030, 0x205e],
  [0x2070, 0x20cf],
  [0x2100, 0x22ff],
  [0x2400, 0x25fc],
  [0x2800, 0x28ff],
] as const;
const WIDE = [
  [0x3041, 0x3096],
  [0x30a1, 0x30fa],
  [0x4e00, 0x9fff],
  [0xac00, 0xd7a3],
  [0xff01, 0xff60],
] as const;

const certain = new Uint8Array(0x10000);
for (const [from, to] of NARROW) certain.fill(1, from, to + 1);
for (const [from, to] of WIDE) certain.fill(2, from, to + 1);

/** Columns of a UTF-16 code unit that needs no further look, or 0. */
export const certainWidth = (code: number): 0 | 1 | 2 => (certain[code] ?? 0) as 0 | 1 | 2;

export const isCombining = (code: number): boolean => code >= 0x300 && code < 0x370;

const isPrivateUse = (code: number): boolean => code >= 0xe000 && code <= 0xf8ff;

/** Where the character at `at` ends, as a reader sees it with its marks, or 0 where it takes Unicode's rules to say. */
export function quickEnd(text: string, at: number): number {
  const code = text.charCodeAt(at);
  // A carriage return and a line feed are one.
  const alone = (code < 0x7f && code !== 0x0d) || certainWidth(code) > 0 || isPrivateUse(code);
  if (!alone) return 0;
  if (startsAnother(text.charCodeAt(at + 1))) return at + 1;
  const marked = certainWidth(code) > 0 && isCombining(text.charCodeAt(at + 1));
  return marked && startsAnother(text.charCodeAt(at + 2)) ? at + 2 : 0;
}

// Also true after the end of the text, which is NaN.
const startsAnother = (code: number): boolean => !(code >= 0x7f) || certainWidth(code) > 0 || isPrivateUse(code);
