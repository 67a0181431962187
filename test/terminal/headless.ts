import { EventEmitter } from 'node:events';
import xterm from '@xterm/headless';
import stringWidth from 'string-width';
import type { Grid } from '../../src/ui/terminal/cells.ts';
import { Attribute, isVisibleWhenBlank, type Style, styleOf } from '../../src/ui/terminal/style.ts';
import { type Colour, rgb } from '../../src/ui/theme/colour.ts';

/** What a terminal takes for the width of emoji: one column as of old, two, or two even for those that are text. */
export type EmojiWidths = 'narrow' | 'wide' | 'all wide';

/** A real terminal's state machine behind a fake `process.stdout`. */
export function headlessTerminal(columns: number, rows: number, emoji: EmojiWidths = 'narrow') {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 100 });
  if (emoji !== 'narrow') {
    terminal.unicode.register(widths(emoji));
    terminal.unicode.activeVersion = emoji;
  }
  const written: string[] = [];
  const output = Object.assign(new EventEmitter(), {
    columns,
    rows,
    isTTY: true,
    write(text: string): boolean {
      written.push(text);
      terminal.write(text);
      return true;
    },
  });
  return {
    terminal,
    output,
    written,
    bytes: () => Buffer.byteLength(written.join('')),
    resize(toColumns: number, toRows: number) {
      terminal.resize(toColumns, toRows);
      Object.assign(output, { columns: toColumns, rows: toRows });
      output.emit('resize');
    },
    /** Waits until everything written has been drawn. */
    settle: () => new Promise<void>((resolve) => terminal.write('', resolve)),
    /** What the terminal shows, in the form that a frame decodes to. */
    grid(): Grid {
      const chars: string[] = [];
      const styles: Style[] = [];
      const buffer = terminal.buffer.active;
      for (let y = 0; y < terminal.rows; y++) {
        const line = buffer.getLine(buffer.baseY + y)!;
        for (let x = 0; x < terminal.cols; x++) {
          const cell = line.getCell(x)!;
          chars.push(cell.getWidth() === 0 ? '' : cell.getChars() || ' ');
          styles.push(
            styleOf(
              colour(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor()),
              colour(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor()),
              (cell.isBold() && Attribute.bold) +
                (cell.isDim() && Attribute.dim) +
                (cell.isItalic() && Attribute.italic) +
                (cell.isUnderline() && Attribute.underline) +
                (cell.isInverse() && Attribute.inverse) +
                (cell.isStrikethrough() && Attribute.strikethrough),
            ),
          );
        }
      }
      return { columns: terminal.cols, rows: terminal.rows, chars, styles };
    },
  };
}

/** Cells as strings that say everything that can be seen of them. */
export function seen({ chars, styles }: Grid): string[] {
  return chars.map((char, i) => {
    const style = styles[i]!;
    // The foreground of a blank cannot be seen, and an erased cell has none.
    const blank = char === ' ' && !isVisibleWhenBlank(style);
    return blank ? ' ' : `${char} ${style.fg} ${style.bg} ${style.attributes}`;
  });
}

const colour = (isDefault: boolean, isRgb: boolean, value: number): Colour | undefined =>
  isDefault ? undefined : isRgb ? rgb([(value >> 16) & 255, (value >> 8) & 255, value & 255]) : value;

function widths(version: EmojiWidths) {
  const wcwidth = (codePoint: number): 0 | 1 | 2 => {
    const char = String.fromCodePoint(codePoint);
    if (/\p{Emoji}/u.test(char) && version === 'all wide' && codePoint > 0xff) return 2;
    return Math.min(2, stringWidth(char)) as 0 | 1 | 2;
  };
  return {
    version,
    wcwidth,
    // As the terminal's own: a character without width joins the one before.
    charProperties(codePoint: number, preceding: number): number {
      const width = wcwidth(codePoint);
      const before = (preceding >> 1) & 3;
      const joins = width === 0 && before > 0;
      return ((joins ? before : width) << 1) | (joins ? 1 : 0);
    },
  };
}
