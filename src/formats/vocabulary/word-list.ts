import { isSpecial } from './guess.ts';
import { indexed, type Words } from './words.ts';

/** A word, and after a tab, a comma or spaces a whole number. */
const COUNTED = /^(.+?)(?:\t|,| +)(\d{1,15})$/;

/**
 * One word a line. Where every line ends in a number, the numbers are the indices if they count up by one, else counts, which are left out.
 * A list that begins with the token for padding or for unknown words begins with index 0, as Keras's lookup layers write theirs; another with 1,
 * as 0 is padding in Keras, unless `offset` says something else.
 */
export function wordList(text: string, offset?: number): { words: Words; first: number } {
  const lines = text.split(/\r\n|\n|\r/);
  // The end of the last line begins no other.
  if (lines.length > 1 && lines[lines.length - 1] === '') lines.pop();
  const counted = lines.map((line) => COUNTED.exec(line));
  const hasNumbers = lines.length > 1 && counted.every((match) => match !== null);
  const list = hasNumbers ? counted.map((match) => (match as RegExpExecArray)[1]) : lines;
  const numbers = hasNumbers ? counted.map((match) => Number((match as RegExpExecArray)[2])) : [];
  const areIndices = hasNumbers && numbers.every((number, at) => number === numbers[0] + at);
  const first = offset ?? (areIndices ? numbers[0] : isSpecial(list[0]) ? 0 : 1);
  return { words: withoutBlank(indexed(list, first, 'line'), list), first };
}

/** An empty line keeps its index and is no word, unless it is the first: Keras's token for padding. */
function withoutBlank(words: Words, list: readonly string[]): Words {
  const kept: Record<string, number> = Object.create(null);
  for (const word of Object.keys(words)) if (word !== '' || list[0] === '') kept[word] = words[word];
  return kept;
}
