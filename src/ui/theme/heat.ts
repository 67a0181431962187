import { type Colour, type ColourDepth, luminance, mix, nearest256, type Rgb, rgb } from './colour.ts';
import { CIVIDIS, RDBU } from './ramps.ts';

// A heatmap cell travels through Ink as one private-use character, so that a row of cells is one short string instead
// of kilobytes of colour sequences. The screen writer turns it into a glyph and colours, and so is the one place that
// knows the colour depth.
//
//   U+E000 … U+E01F   sequential, 0 … 1
//   U+E020 … U+E03E   diverging, −1 … +1, with an exact zero in the middle
//   U+E03F            not a number, or infinite
//   U+E040            not computed yet

export type HeatScale = 'sequential' | 'diverging';
export type Palette = {
  readonly depth: ColourDepth;
  readonly background: 'dark' | 'light';
  readonly ascii: boolean;
};
export type HeatLook = { readonly char: string; readonly fg?: Colour; readonly bg?: Colour };

const SEQUENTIAL = 0xe000;
const SEQUENTIAL_TOP = 31;
const DIVERGING_ZERO = 0xe02f;
const DIVERGING_TOP = 15;
const NOT_A_NUMBER = 0xe03f;
const NOT_COMPUTED = 0xe040;

/** The cell of a value that the run has not reached yet. */
export const heatNotComputed = String.fromCharCode(NOT_COMPUTED);

export const isHeat = (codePoint: number): boolean => codePoint >= SEQUENTIAL && codePoint <= NOT_COMPUTED;

/** One character for `value`; ±`max` (or 0 and `max`) are the ends of the scale, and values beyond them are clipped. */
export function heatCell(scale: HeatScale, value: number, max = 1): string {
  if (!Number.isFinite(value)) return String.fromCharCode(NOT_A_NUMBER);
  const share = max > 0 ? Math.min(1, Math.max(-1, value / max)) : Math.sign(value);
  const codePoint =
    scale === 'sequential'
      ? SEQUENTIAL + Math.round(Math.max(0, share) * SEQUENTIAL_TOP)
      : DIVERGING_ZERO + Math.sign(share) * Math.round(Math.abs(share) * DIVERGING_TOP);
  return String.fromCharCode(codePoint);
}

// Without colour the two signs differ in texture (shades are negative, bars are positive) and the weight of either
// grows with the magnitude. Zero is drawn: a blank is no value at all.
const RAMPS = {
  unicode: { sequential: '▁▂▃▄▅▆▇█', negative: '░▒▓', zero: '0', positive: '▂▄▆█', notComputed: '·' },
  // '.' is a low value here, so what is not computed stays blank.
  ascii: { sequential: '_.:-=+*#@', negative: '-=&', zero: '0', positive: '+*#', notComputed: ' ' },
};

/** What a heat character looks like. `dimmed` fades it towards the background, for the part of a run still ahead. */
export function decodeHeat(codePoint: number, palette: Palette, dimmed = false): HeatLook {
  const at = codePoint - SEQUENTIAL;
  return table(palette)[dimmed ? 1 : 0][at] ?? { char: ' ' };
}

const tables = new Map<string, readonly [HeatLook[], HeatLook[]]>();

function table(palette: Palette): readonly [HeatLook[], HeatLook[]] {
  const key = `${palette.depth} ${palette.background} ${palette.ascii}`;
  const known = tables.get(key);
  if (known) return known;
  const codePoints = Array.from({ length: NOT_COMPUTED - SEQUENTIAL + 1 }, (_, i) => SEQUENTIAL + i);
  const looks = [false, true].map((dimmed) => codePoints.map((codePoint) => look(codePoint, palette, dimmed)));
  const made = [looks[0]!, looks[1]!] as const;
  tables.set(key, made);
  return made;
}

function look(codePoint: number, palette: Palette, dimmed: boolean): HeatLook {
  const ramp = RAMPS[palette.ascii ? 'ascii' : 'unicode'];
  const dark = palette.background === 'dark';
  if (codePoint === NOT_COMPUTED) return { char: ramp.notComputed, ...greyOf(palette) };
  if (codePoint === NOT_A_NUMBER) return { char: '!', ...alarmOf(palette) };

  const diverging = codePoint > SEQUENTIAL + SEQUENTIAL_TOP;
  const level = diverging ? codePoint - DIVERGING_ZERO : codePoint - SEQUENTIAL;
  if (palette.depth === 'none' || palette.depth === '16') {
    const char = diverging ? divergingGlyph(level, ramp) : pick(ramp.sequential, level / (SEQUENTIAL_TOP + 1));
    if (palette.depth === 'none') return { char };
    // Sixteen colours have no order of their own, so the glyph carries the value and the colour helps.
    if (diverging) return { char, fg: level < 0 ? (dark ? 12 : 4) : level > 0 ? (dark ? 9 : 1) : 8 };
    return { char, fg: (dark ? [12, 14, 11] : [6, 4, 0])[Math.floor((level / (SEQUENTIAL_TOP + 1)) * 3)]! };
  }

  // The low end is the one near the background, so a light terminal turns the scale around.
  const full = diverging ? divergingRgb(level, dark) : CIVIDIS[dark ? level : SEQUENTIAL_TOP - level]!;
  const bg = dimmed ? mix(full, dark ? DARK : LIGHT, 0.6) : full;
  const colour = palette.depth === 'truecolor' ? rgb : nearest256;
  if (!diverging || level >= 0) return { char: ' ', bg: colour(bg) };
  const ink: Rgb = luminance(bg) > 0.2 ? [0, 0, 0] : [255, 255, 255];
  return { char: palette.ascii ? '-' : '−', fg: colour(mix(bg, ink, 0.6)), bg: colour(bg) };
}

type Ramp = (typeof RAMPS)['unicode'];

const pick = (ramp: string, share: number): string => ramp[Math.min(ramp.length - 1, Math.floor(share * ramp.length))]!;

function divergingGlyph(level: number, ramp: Ramp): string {
  if (level === 0) return ramp.zero;
  return pick(level < 0 ? ramp.negative : ramp.positive, (Math.abs(level) - 1) / DIVERGING_TOP);
}

const DARK: Rgb = [28, 28, 28];
const LIGHT: Rgb = [247, 247, 247];

/** RdBu with warm for positive. Its middle is white; on a dark terminal zero is dark and the ends are light instead. */
function divergingRgb(level: number, dark: boolean): Rgb {
  if (!dark) return RDBU[DIVERGING_TOP - level]!;
  const size = Math.abs(level) / DIVERGING_TOP;
  const saturated = RDBU[level < 0 ? 27 : 3]!;
  const light = RDBU[level < 0 ? 21 : 9]!;
  return size <= 0.5 ? mix(DARK, saturated, size * 2) : mix(saturated, light, size * 2 - 1);
}

function greyOf({ depth, background }: Palette): { fg?: Colour } {
  if (depth === 'none') return {};
  return { fg: depth === '16' ? 8 : background === 'dark' ? 240 : 250 };
}

// Magenta is on neither scale.
function alarmOf({ depth }: Palette): { fg?: Colour; bg?: Colour } {
  if (depth === 'none') return {};
  return depth === 'truecolor'
    ? { fg: rgb([255, 255, 255]), bg: rgb([190, 0, 150]) }
    : { fg: 15, bg: depth === '16' ? 5 : 163 };
}

export type HeatLegend = {
  /** Heat characters from low to high, one for every step that can be told apart. */
  readonly ramp: string;
  readonly low: string;
  readonly zero?: string;
  readonly high: string;
};

/** What a legend line needs: `low ramp high`, or `low ramp high` with `zero` under the middle. */
export function heatLegend(scale: HeatScale, palette: Palette, max = 1): HeatLegend {
  const coloured = palette.depth === 'truecolor' || palette.depth === '256';
  const levels =
    scale === 'sequential'
      ? Array.from({ length: SEQUENTIAL_TOP + 1 }, (_, i) => SEQUENTIAL + i)
      : Array.from({ length: 2 * DIVERGING_TOP + 1 }, (_, i) => DIVERGING_ZERO - DIVERGING_TOP + i);
  const steps = levels.filter((codePoint, i) => {
    if (coloured) return scale === 'sequential' ? i % 2 === 1 || i === 0 : (i - DIVERGING_TOP) % 2 === 0;
    return i === 0 || decodeHeat(codePoint, palette).char !== decodeHeat(levels[i - 1]!, palette).char;
  });
  // The top is always shown at full strength.
  if (scale === 'diverging' && coloured) {
    steps.unshift(levels[0]!);
    steps.push(levels.at(-1)!);
  }
  const end = String(Number(max.toPrecision(2)));
  const ramp = String.fromCharCode(...steps);
  return scale === 'sequential' ? { ramp, low: '0', high: end } : { ramp, low: '−' + end, zero: '0', high: '+' + end };
}
