import { type Colour, isTrueColour, rgb } from '../theme/colour.ts';

export const Attribute = { bold: 1, dim: 2, italic: 4, underline: 8, inverse: 16, strikethrough: 32 } as const;

/** How a cell is drawn. Equal styles are the same object, so that cells compare with `===`. */
export type Style = {
  readonly fg?: Colour;
  readonly bg?: Colour;
  /** A sum of `Attribute`s. */
  readonly attributes: number;
};

const styles = new Map<string, Style>();

export function styleOf(fg: Colour | undefined, bg: Colour | undefined, attributes: number): Style {
  const key = `${fg},${bg},${attributes}`;
  let style = styles.get(key);
  if (!style) {
    style = { fg, bg, attributes };
    styles.set(key, style);
  }
  return style;
}

export const PLAIN = styleOf(undefined, undefined, 0);

export const has = (style: Style, attribute: keyof typeof Attribute): boolean =>
  (style.attributes & Attribute[attribute]) !== 0;

/** A cell that shows nothing but the background when it is blank. */
export const isVisibleWhenBlank = (style: Style): boolean =>
  style.bg !== undefined ||
  (style.attributes & (Attribute.underline | Attribute.inverse | Attribute.strikethrough)) !== 0;

const SWITCHES: readonly (readonly [on: number, off: number, attribute: number])[] = [
  [1, 22, Attribute.bold],
  [2, 22, Attribute.dim],
  [3, 23, Attribute.italic],
  [4, 24, Attribute.underline],
  [7, 27, Attribute.inverse],
  [9, 29, Attribute.strikethrough],
];

/** The style after `ESC [ parameters m`. What the lab does not draw (blink, fonts, …) changes nothing. */
export function applySgr(style: Style, parameters: string): Style {
  let { fg, bg, attributes } = style;
  const codes = parameters.split(';');
  for (let i = 0; i < codes.length; i++) {
    const parts = codes[i]!.split(':');
    const code = Number(parts[0]);
    if (code === 0) [fg, bg, attributes] = [undefined, undefined, 0];
    else if (code === 38 || code === 48) {
      // Either 38;2;r;g;b or 38:2::r:g:b, which names a colour space that is left empty.
      if (parts[1] === '2' && parts.length > 5) parts.splice(2, 1);
      const [colour, used] = extendedColour(parts.length > 1 ? parts : codes.slice(i));
      if (parts.length === 1) i += used;
      if (colour !== undefined && code === 38) fg = colour;
      if (colour !== undefined && code === 48) bg = colour;
    } else if (code === 39) fg = undefined;
    else if (code === 49) bg = undefined;
    else if (code >= 30 && code <= 37) fg = code - 30;
    else if (code >= 40 && code <= 47) bg = code - 40;
    else if (code >= 90 && code <= 97) fg = code - 82;
    else if (code >= 100 && code <= 107) bg = code - 92;
    else {
      for (const [on, off, attribute] of SWITCHES) {
        if (code === off || (code === on && parts[1] === '0')) attributes &= ~attribute;
        else if (code === on) attributes |= attribute;
      }
    }
  }
  return styleOf(fg, bg, attributes);
}

/** Reads `38;5;n` or `38;2;r;g;b`; also says how many further codes that took. */
function extendedColour(codes: readonly string[]): [Colour | undefined, number] {
  const numbers = codes.slice(1, 5).map((code) => Number.parseInt(code, 10) & 255);
  if (numbers[0] === 5 && codes.length >= 3) return [numbers[1], 2];
  if (numbers[0] === 2 && codes.length >= 5) return [rgb([numbers[1]!, numbers[2]!, numbers[3]!]), 4];
  return [undefined, Math.min(codes.length - 1, numbers[0] === 5 ? 2 : numbers[0] === 2 ? 4 : 1)];
}

/** The shortest sequence that turns a terminal drawing in `from` into one drawing in `to`. */
export function sgrBetween(from: Style, to: Style): string {
  if (from === to) return '';
  if (to === PLAIN) return '\x1b[m';
  const changes: number[] = [];
  let kept = from.attributes;
  for (const [, off, attribute] of SWITCHES) {
    if ((kept & attribute) === 0 || (to.attributes & attribute) !== 0) continue;
    changes.push(off);
    // bold and dim share their off switch
    kept &= off === 22 ? ~(Attribute.bold | Attribute.dim) : ~attribute;
  }
  for (const [on, , attribute] of SWITCHES) if ((to.attributes & ~kept & attribute) !== 0) changes.push(on);
  const different = [
    ...changes.map(String),
    ...(from.fg === to.fg ? [] : [colourCodes(to.fg, 30)]),
    ...(from.bg === to.bg ? [] : [colourCodes(to.bg, 40)]),
  ].join(';');
  const afresh = [
    '',
    ...SWITCHES.filter(([, , attribute]) => (to.attributes & attribute) !== 0).map(([on]) => String(on)),
    ...(to.fg === undefined ? [] : [colourCodes(to.fg, 30)]),
    ...(to.bg === undefined ? [] : [colourCodes(to.bg, 40)]),
  ].join(';');
  return `\x1b[${different.length <= afresh.length ? different : afresh}m`;
}

function colourCodes(colour: Colour | undefined, base: 30 | 40): string {
  if (colour === undefined) return String(base + 9);
  if (isTrueColour(colour)) return `${base + 8};2;${(colour >> 16) & 255};${(colour >> 8) & 255};${colour & 255}`;
  if (colour < 8) return String(base + colour);
  return colour < 16 ? String(base + 52 + colour) : `${base + 8};5;${colour}`;
}
