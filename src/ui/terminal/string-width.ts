// By its path, since in the bundle the package's name means this file, so that Ink measures with it too.
import stringWidth from '../../../node_modules/string-width/index.js';
import { certainWidth, isCombining } from './certain-width.ts';

/**
 * Columns of a text, as string-width counts them: without its segmenter and its tables, which take 20 ms to set up, where every
 * character has a width that no terminal doubts. Colours and heatmap cells (private use, one column) count as they are drawn.
 */
export default function quickWidth(text: string, options?: Parameters<typeof stringWidth>[1]): number {
  let columns = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x1b) {
      const length = /^\x1b\[[\d;:]*m/.exec(text.slice(at, at + 64))?.[0].length;
      if (length === undefined) return stringWidth(text, options);
      at += length - 1;
      continue;
    }
    const width = code >= 0xe000 && code <= 0xf8ff ? 1 : certainWidth(code);
    if (width === 0 && !(columns > 0 && isCombining(code))) return stringWidth(text, options);
    columns += width;
  }
  return columns;
}
