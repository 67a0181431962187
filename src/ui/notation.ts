/** How symbols, equations and numbers are written on screen. The one place where `g` becomes c̃. */
import type { Tone } from './theme/theme.ts';

/** `z_g` → `z_c̃`, `h_prev` → `h₋₁`, `tanh_c` → `tanh c`. `squash` is the name of the layer's activation. */
export function symbolText(symbol: string, squash = 'tanh'): string {
  if (symbol === 'tanh_c') return `${squash} c`;
  return symbol
    .replace(/^g$/, 'c̃')
    .replace(/_g$/, '_c̃')
    .replace(/_prev$/, '₋₁');
}

/** An equation as mathjs reads it, in the letters of the literature: `c = f .* c_prev + i .* g` → `c = f ⊙ c₋₁ + i ⊙ c̃`. */
export function equationText(expression: string, squash = 'tanh'): string {
  return expression
    .replaceAll('.*', '⊙')
    .replaceAll(' * ', ' · ')
    .replace(/\btanh_c\b/g, `${squash} c`)
    .replace(/\b([A-Za-z]+)_prev\b/g, '$1₋₁')
    .replace(/\b(z|W|U|b)_g\b/g, '$1_c̃')
    .replace(/\bg\b/g, 'c̃')
    .replaceAll('-', '−')
    .replaceAll('<=', '≤')
    .replaceAll('^2', '²');
}

/** Keras's own word for a symbol, where it could be taken for another. */
export function kerasName(symbol: string): string | null {
  return symbol === 'g' ? 'Keras calls it c' : null;
}

/** One number of a vector or of a matrix: `c[2]`, `tanh c[2]`, `W_i[3,2]`. */
export function elementText(symbol: string, places: readonly number[], squash?: string): string {
  return `${symbolText(symbol, squash)}[${places.join(',')}]`;
}

/** The colour that a quantity wears everywhere: a gate and all that leads to it wear the gate's. */
export function symbolTone(symbol: string): Tone {
  const gate = /^(?:[zWUb]_)?([ifgo])$/.exec(symbol)?.[1];
  if (gate) return `gate-${gate as 'i' | 'f' | 'g' | 'o'}`;
  if (/^(c|tanh_c|c_prev)$/.test(symbol)) return 'cell';
  return /^(h|h_prev)$/.test(symbol) ? 'hidden' : 'accent';
}

/** A number in `width` columns or fewer, with as many decimals as fit (at most `decimals`); the minus sign is a real one. */
export function numberText(value: number, width = 7, decimals = 4): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  for (let places = decimals; places >= 0; places--) {
    const text = value.toFixed(places);
    // A number that is not zero is not shown as zero where an exponent can say it.
    if (text.length <= width && !(Number(text) === 0 && value !== 0 && width >= 6)) return sign(text, value);
  }
  for (let places = 2; places >= 0; places--) {
    const text = value.toExponential(places).replace('e+', 'e');
    if (text.length <= width) return sign(text, value);
  }
  return sign(value.toExponential(0).replace('e+', 'e'), value);
}

/** The number at the right of exactly `width` columns; its characters all take one, so nothing needs to be measured. */
export function numberCell(value: number, width: number, decimals = 4): string {
  const text = numberText(value, width, decimals);
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padStart(width);
}

/** A number as arithmetic is written out. */
export function writtenNumber(value: number): string {
  return numberText(value, 9, 4);
}

function sign(text: string, value: number): string {
  const digits = text.replace(/^-/, '').replace('e-', 'e−');
  return value < 0 ? `−${digits}` : digits;
}

/** 0.8734 → `.873` style is for bars, where columns are few: two decimals without the leading zero, the sign kept. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return numberText(value, 4);
  if (Math.abs(value) >= 9.995) return numberText(value, 4, 0);
  const text = Math.abs(value).toFixed(2);
  const digits = Math.abs(value) < 0.995 ? text.slice(1) : text.slice(0, 3);
  return `${value < 0 && Number(text) !== 0 ? '−' : ''}${digits}`;
}
