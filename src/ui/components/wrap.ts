import { fit, widthOfText } from '../line.ts';

/** Text in lines of at most `width` columns, broken at spaces, but not between a number and its %; a word that is longer is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ (?!%)/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && widthOfText(longer) > width) {
      lines.push(cut(line, width));
      line = word;
    } else line = longer;
  }
  return line === '' ? lines : [...lines, cut(line, width)];
}

const cut = (line: string, width: number) => (widthOfText(line) > width ? fit(line, width) : line);
