import { fit, type Line, type Span, span } from '../line.ts';
import { numberText, shortNumber } from '../notation.ts';
import { glyphs, type Theme, type Tone } from '../theme/theme.ts';
import { bar } from './gates-bars.ts';
import type { Scale } from './heat-scale.ts';

/** A bar in the colour of its quantity, on a track that shows where 1 is; signed numbers grow from the middle. */
export function toneBar(value: number, scale: Scale, width: number, tone: Tone, theme: Theme): Span[] {
  if (width <= 0) return [];
  if (scale.kind === 'diverging') return bar(value, scale, width, theme);
  const { bar: eighths, horizontal } = glyphs(theme);
  const share = Number.isFinite(value) && scale.max > 0 ? Math.max(0, Math.min(1, value / scale.max)) : 0;
  const parts = Math.round(share * width * 8);
  const full = '█'.repeat(Math.floor(parts / 8)) + (parts % 8 ? eighths[parts % 8] : '');
  return [span(full, tone), span(horizontal.repeat(width - Math.ceil(parts / 8)), 'muted', { dim: true })];
}

/** Columns that a number with so many decimals takes beside a bar. */
export function numberWidth({ kind, max }: Scale, decimals: number): number {
  if (max > 1) return 6;
  return decimals + (kind === 'sequential' ? 1 : 2);
}

/** `.51`, `+.04`, `−.52`: no zero before the point, and the sign is always told where there are both. */
export function barNumber(value: number, scale: Scale, decimals: number): string {
  const width = numberWidth(scale, decimals);
  return fit(`${scale.kind === 'diverging' && value > 0 ? '+' : ''}${digits(value, scale, decimals)}`, width, 'right');
}

function digits(value: number, { max }: Scale, decimals: number): string {
  if (max > 1 || !Number.isFinite(value)) return numberText(value, 5, 2);
  if (decimals === 2) return shortNumber(value);
  const text = Math.abs(value).toFixed(decimals);
  return `${value < 0 ? '−' : ''}${text.startsWith('0') ? text.slice(1) : text.slice(0, decimals + 1)}`;
}

/** What stands where there is no number: `·` for what is to come, a mark for what was skipped. */
export function emptyCell(mark: string, width: number, tone: Tone): Line {
  return [span(fit(mark, width, 'right'), tone)];
}
