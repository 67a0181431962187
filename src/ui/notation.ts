/** How symbols, equations and numbers are written on screen. The one place where `g` becomes c̃. */
import type { Tone } from './theme/theme.ts';

/** What a layer's symbols are called in the literature: an LSTM's candidate is c̃, a GRU's h̃. */
export interface Letters {
  readonly candidate: string;
  /** The name of the function that squashes an LSTM's c. */
  readonly squash: string;
}

export const LSTM_LETTERS: Letters = { candidate: 'c̃', squash: 'tanh' };

/** `z_g` → `z_c̃`, `h_prev` → `h₋₁`, `tanh_c` → `tanh c`, `x_2` → `x₂`. */
export function symbolText(symbol: string, { candidate, squash }: Letters = LSTM_LETTERS): string {
  if (symbol === 'tanh_c') return `${squash} c`;
  if (symbol === 'h_before_projection') return 'h′';
  return symbol
    .replace(/^g$/, candidate)
    .replace(/_g$/, `_${candidate}`)
    .replace(/^x_(\d+)$/, (_, number: string) => `x${subscript(number)}`)
    .replace(/_prev$/, '₋₁')
    .replace(/^(?:gamma|beta|alpha|mu|variance|epsilon)$/, (name) => GREEK[name]);
}

const GREEK: Readonly<Record<string, string>> = {
  gamma: 'γ',
  beta: 'β',
  alpha: 'α',
  mu: 'μ',
  variance: 'σ²',
  epsilon: 'ε',
};

/** `12` → `₁₂` */
export function subscript(number: string | number): string {
  return String(number).replace(/\d/g, (digit) => '₀₁₂₃₄₅₆₇₈₉'[Number(digit)]);
}

/** An equation as mathjs reads it, in the letters of the literature: `c = f .* c_prev + i .* g` → `c = f ⊙ c₋₁ + i ⊙ c̃`. */
export function equationText(expression: string, { candidate, squash }: Letters = LSTM_LETTERS): string {
  return expression
    .replaceAll('.*', '⊙')
    .replaceAll('./', '/')
    .replaceAll('.^', '^')
    .replaceAll(' * ', ' · ')
    .replace(/\btanh_c\b/g, `${squash} c`)
    .replace(/\b([A-Za-z]+)_prev\b/g, '$1₋₁')
    .replace(/\bh_before_projection\b/g, 'h′')
    .replace(/\b(z|W|U|b|d|rec)_g\b/g, `$1_${candidate}`)
    .replace(/\bg\b/g, candidate)
    .replace(/\b(?:gamma|beta|alpha|mu|variance|epsilon)\b/g, (name) => GREEK[name])
    .replace(/\bsqrt\(/g, '√(')
    .replace(/\bsum\((\w+)\)/g, 'Σ$1')
    .replace(/\bsum\(/g, 'Σ(')
    .replace(/\bx_(\d+)\b/g, (_, number: string) => `x${subscript(number)}`)
    .replaceAll('-1000000000', '-10⁹')
    .replaceAll('-', '−')
    .replaceAll('<=', '≤')
    .replace(/ ?\^ ?2\b/g, '²');
}

/** Keras's own word for a symbol, where it could be taken for another. */
export function kerasName(symbol: string, { candidate }: Letters): string | null {
  if (symbol !== 'g') return null;
  return candidate === 'c̃' ? 'Keras calls it c' : 'Keras calls it hh';
}

/** One number of a vector or of a matrix: `c[2]`, `tanh c[2]`, `W_i[3,2]`. */
export function elementText(symbol: string, places: readonly number[], letters?: Letters): string {
  return `${symbolText(symbol, letters)}[${places.join(',')}]`;
}

const GATE_TONES = {
  i: 'gate-i',
  f: 'gate-f',
  g: 'gate-g',
  o: 'gate-o',
  z: 'gate-f',
  r: 'gate-i',
} as const;

/** The colour that a quantity wears everywhere: a gate and all that leads to it wear the gate's. A Dense layer's sum z is no gate. */
export function symbolTone(symbol: string, { candidate }: Letters = LSTM_LETTERS): Tone {
  if (symbol === 'z' && candidate !== LSTM_LETTERS.candidate) return GATE_TONES.z;
  const gate = /^(?:(?:[zWUbd]|rec)_)?([ifgor])$/.exec(symbol)?.[1] ?? (/^[zWUbd]_z$/.test(symbol) ? 'z' : undefined);
  if (gate) return GATE_TONES[gate as keyof typeof GATE_TONES];
  if (/^(c|tanh_c|c_prev)$/.test(symbol)) return 'cell';
  return /^(h|h_prev|z_h|h_before_projection)$/.test(symbol) ? 'hidden' : 'accent';
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

/** A number that stands behind an operator, or is put in for a letter: a sign of its own is bracketed. */
export function bracketedNumber(value: number): string {
  return value < 0 ? `(${writtenNumber(value)})` : writtenNumber(value);
}

/** Numbers with an operator between them: `−0.2 + (−0.03)`. */
export function joinedNumbers(values: readonly number[], operator: '+' | '×'): string {
  return values.map((value, at) => (at === 0 ? writtenNumber(value) : bracketedNumber(value))).join(` ${operator} `);
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
