import { type Line, textOf, widthOfText } from '../line.ts';

/** Of what stands before the first ` = `, such as `tanh c[127]`; what is longer is a sentence. */
const LONGEST_LABEL = 16;

/**
 * Lines that are wider than this, each in as many as it takes: broken before ` = `, with the equals signs below each other, so that a result is
 * never cut off; where that does not help, at a space. Sentences are broken only where there are rows for them.
 */
export function brokenLines(lines: readonly Line[], width: number, rows: number): Line[] {
  const all = lines.flatMap((line) => broken(line, width));
  if (all.length <= rows) return all;
  return lines.flatMap((line) => (labelEnd(textOf(line)) > 0 ? broken(line, width) : [line]));
}

/** Where the ` = ` after the label stands; 0 in a sentence. */
function labelEnd(text: string): number {
  const first = text.indexOf(' = ');
  return first > LONGEST_LABEL ? 0 : Math.max(0, first);
}

function broken(line: Line, width: number): Line[] {
  const text = textOf(line);
  if (widthOfText(text) <= width) return [line];
  const indent = labelEnd(text);
  const fits = (at: number) => at > indent + 3 && widthOfText(text.slice(0, at)) <= width;
  const equals = lastOf(text, ' = ', fits);
  const at = equals ?? lastOf(text, ' ', fits);
  if (at === undefined) return [line];
  const rest: Line = [' '.repeat(equals === undefined ? indent + 3 : indent), ...sliced(line, equals ?? at + 1)];
  return [sliced(line, 0, at), ...broken(rest, width)];
}

function lastOf(text: string, mark: string, fits: (at: number) => boolean): number | undefined {
  for (let at = text.lastIndexOf(mark); at > 0; at = text.lastIndexOf(mark, at - 1)) if (fits(at)) return at;
  return undefined;
}

/** Characters `from` to `to` of a line, in their styles. */
function sliced(line: Line, from: number, to = Number.POSITIVE_INFINITY): Line {
  let start = 0;
  return line.flatMap((part) => {
    const text = typeof part === 'string' ? part : part.text;
    const kept = text.slice(Math.max(0, from - start), Math.max(0, to - start));
    start += text.length;
    if (kept === '') return [];
    return [typeof part === 'string' ? kept : { ...part, text: kept }];
  });
}
