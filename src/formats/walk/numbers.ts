import { type Rows, rowsOf, shapeText, whole, widthOf } from '../../math/tensor.ts';
import { statistics, statisticsOf } from '../../trace/statistics.ts';

/** As many as are printed number by number; more are told as norms and extremes. */
export const MAX_UNITS = 16;
export const MAX_STEPS = 50;

/** Wide enough for every number that `fixed` writes, and a space before it. */
export const COLUMN = 12;

/** A number in at most 11 characters (15 with 8 decimals): decimals where they say enough, else an exponent. */
export function fixed(value: number, decimals = 6): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return String(value);
  if (size !== 0 && (size < 10 ** (2 - decimals) || size >= 1e6)) return value.toExponential(decimals - 2);
  return size >= 1e4 ? value.toPrecision(decimals + 1) : value.toFixed(decimals);
}

/** `-0.412…0.581`; `-` where nothing was computed. */
export function range(values: ArrayLike<number>): string {
  const { minimum, maximum } = statistics(values);
  return Number.isNaN(minimum) ? '-' : `${short(minimum)}…${short(maximum)}`;
}

function short(value: number): string {
  const size = Math.abs(value);
  return (size !== 0 && size < 0.0005) || size >= 1000 ? value.toExponential(1) : value.toFixed(3);
}

export function isSmall(rows: number, width: number): boolean {
  return rows <= MAX_STEPS && width <= MAX_UNITS;
}

/** A tensor of one sample under its name and its shape with the batch axis: row by row as numpy prints it, or its norm and extremes. */
export function* tensorLines(name: string, value: Rows, batch: number): Generator<string> {
  const { shape } = value;
  const title = `${name} ${shapeText([batch, ...shape])}`;
  if (!isSmall(rowsOf(value), widthOf(value))) {
    const { norm, minimum, maximum, mean } = statisticsOf(value);
    yield `${title}  norm ${fixed(norm)}, smallest ${fixed(minimum)}, largest ${fixed(maximum)}, mean ${fixed(mean)}`;
    return;
  }
  yield title;
  const { data } = whole(value);
  const areWhole = data.every(Number.isInteger);
  const texts = Array.from(data, (number) => (areWhole ? String(number) : fixed(number, 8)));
  const width = 2 + Math.max(...texts.map((text) => text.length));
  for (let at = 0; at < texts.length; at += widthOf(value))
    yield texts
      .slice(at, at + widthOf(value))
      .map((text) => text.padStart(width))
      .join('');
}

/** A vector in one line, cut after a few numbers. */
export function vectorText(values: ArrayLike<number>, limit = 8): string {
  const whole = Array.from(values).every(Number.isInteger);
  const shown = Array.from(values).slice(0, limit);
  const text = shown.map((value) => (whole ? String(value) : fixed(value).padStart(9))).join(' ');
  return values.length > shown.length ? `${text} … (${values.length} numbers)` : text;
}
