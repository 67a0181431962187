import { certainWidth, isCombining } from './certain-width.ts';

/**
 * Columns of a text as string-width counts them, where every character has a width that no terminal doubts; undefined where one has not.
 * Colours and heatmap cells (private use, one column) count as they are drawn.
 */
export function quickWidth(text: string): number | undefined {
  let columns = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x1b) {
      const length = /^\x1b\[[\d;:]*m/.exec(text.slice(at, at + 64))?.[0].length;
      if (length === undefined) return undefined;
      at += length - 1;
      continue;
    }
    const width = code >= 0xe000 && code <= 0xf8ff ? 1 : certainWidth(code);
    if (width === 0 && !(columns > 0 && isCombining(code))) return undefined;
    columns += width;
  }
  return columns;
}
