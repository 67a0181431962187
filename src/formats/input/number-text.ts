const NUMBER = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|infinity|nan)$/i;

/** Whether a word is a number as people and programs write them, nan and inf among them. */
export function isNumber(word: string): boolean {
  return NUMBER.test(word);
}

export function numberOf(word: string): number {
  if (/nan/i.test(word)) return Number.NaN;
  if (/inf/i.test(word)) return word.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(word);
}
