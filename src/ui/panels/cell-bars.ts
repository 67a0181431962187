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

/** Columns that a number beside a bar takes. */
export function numberWidth({ kind, max }: Scale): number {
  if (max > 1) return 5;
  return kind === 'sequential' ? 3 : 4;
}

/** `.51`, `+.04`, `−.52`: the sign is always told where there are both. */
export function barNumber(value: number, scale: Scale): string {
  const width = numberWidth(scale);
  const text = scale.max > 1 ? numberText(value, 4, 2) : shortNumber(value);
  return fit(scale.kind === 'diverging' && value > 0 ? `+${text}` : text, width, 'right');
}

/** What stands where there is no number: `·` for what is to come, a mark for what was skipped. */
export function emptyCell(mark: string, width: number, tone: Tone): Line {
  return [span(fit(mark, width, 'right'), tone)];
}
