import type { Position } from '../../session/selectors.ts';
import type { OpenSession } from '../../session/session.ts';
import { isWhole } from '../../trace/statistics.ts';
import { fit, fitLine, type Line, type Span, span } from '../line.ts';
import { equationText, numberCell, symbolText, symbolTone } from '../notation.ts';
import { glyphs, type Theme } from '../theme/theme.ts';
import { labelSpan, padded } from './heat-block.ts';
import { type Scale, scaleOf, scaleText } from './heat-scale.ts';
import { blanks, indices, scrollbar, sideBySide, type Window, windowAround } from './heatmap.ts';
import { lettersOf } from './letters.ts';
import { isAhead, isMissing, type Series } from './series.ts';
import type { ViewProps } from './view.ts';

const GAP = 3;
const NUMBER = 9;
/** A longer bar says no more. */
const WIDEST_BAR = 40;

/** What a layer without a time axis computes: a bar and a number for each unit, quantity beside quantity. */
export function barsLines(props: ViewProps, at: Position, shown: readonly Series[]): Line[] {
  const { width, height } = props;
  const blockWidth = Math.max(1, Math.floor((width - 2 - (shown.length - 1) * GAP) / shown.length));
  const rows = Math.max(1, height - 3);
  const flat = shown.map(flattened);
  const blocks = flat.map((series) => {
    const units = windowAround(Math.min(at.unit, series.width - 1), rows, series.width);
    return { lines: barBlock(props, at, series, units, blockWidth), width: blockWidth };
  });
  const widest = Math.max(...flat.map((series) => series.width));
  const units = windowAround(Math.min(at.unit, widest - 1), rows, widest);
  const bar = scrollbar(units, widest, at.unit, Math.min(rows, units.count));
  const lines = sideBySide(blocks, GAP).map((line, n) => (n === 0 ? line : [...line, ' ', bar[n - 1] ?? ' ']));
  const note = noteOf(at);
  return [
    ...lines.map((line) => (line.length > 40 ? line : fitLine(line, width))),
    ...(note ? [[], fitLine([span(` ${note}`, 'muted')], width)] : []),
  ];
}

/** The rows of a matrix one after the other, as a layer without a time axis sees them. */
function flattened(series: Series): Series {
  if (series.steps === 1) return series;
  const { width } = series;
  return {
    ...series,
    steps: 1,
    width: width * series.steps,
    valueAt: (_, unit) => series.valueAt(Math.floor(unit / width), unit % width),
  };
}

function barBlock({ session, theme }: ViewProps, at: Position, series: Series, units: Window, width: number): Line[] {
  const scale = scaleOf(at.callTrace.call.layer, series.symbol, series.tensor);
  const labelWidth = String(series.width - 1).length + 2;
  const words = wordsOf(session, at, series);
  const wordWidth = words(0) === null || width < 50 ? 0 : 16;
  const barWidth = Math.max(1, Math.min(WIDEST_BAR, width - labelWidth - NUMBER - 1 - (wordWidth && wordWidth + 2)));
  const whole = isWhole(series.tensor);
  const expression = at.equations[series.stage]?.expression;
  const title = fitLine(
    [
      ' ',
      span(symbolText(series.symbol, lettersOf(at)), symbolTone(series.symbol, lettersOf(at)), { bold: true }),
      span(`  ${expression ? equationText(expression, lettersOf(at)) : series.meaning}   ${scaleText(scale)}`, 'muted'),
    ],
    width,
  );
  const ahead =
    isAhead(at, { ...series, steps: at.steps }, at.timestep) &&
    (!session.wholeRun || isMissing(at, { ...series, steps: at.steps }, at.timestep));
  return [
    title,
    ...indices(units).map((unit) => {
      const value = series.valueAt(0, unit);
      const chosen = unit === Math.min(at.unit, series.width - 1);
      const number = ahead ? '·'.padStart(NUMBER) : numberCell(value, NUMBER, whole ? 0 : 4);
      const word = words(unit);
      return padded(
        [
          labelSpan(String(unit), labelWidth, chosen),
          ...(ahead ? [blanks(barWidth)] : bar(value, scale, barWidth, theme)),
          span(number, ahead ? 'muted' : undefined, { bold: chosen }),
          ...(wordWidth > 0 ? [span(`  ${fit(word ?? '', wordWidth)}`, chosen ? 'accent' : 'muted')] : []),
        ],
        width,
      );
    }),
  ];
}

/** A bar of exactly `width` columns; where numbers have signs, it grows from the middle, left for negative ones. */
export function bar(value: number, { kind, max }: Scale, width: number, theme: Theme): Span[] {
  const { bar: eighths, vertical } = glyphs(theme);
  const share = Number.isFinite(value) && max > 0 ? Math.min(1, Math.abs(value) / max) : 0;
  const grow = (room: number) => {
    const parts = Math.round(share * room * 8);
    return fit('█'.repeat(Math.floor(parts / 8)) + (parts % 8 ? eighths[parts % 8] : ''), room);
  };
  if (kind === 'sequential' || width < 5) return [span(grow(width), value < 0 ? 'negative' : 'positive')];
  const half = Math.floor((width - 1) / 2);
  // Blocks grow from the left in eighths, from the right only in halves.
  const halves = Math.round(share * half * 2);
  const grown = `${halves % 2 ? '▐' : ''}${'█'.repeat(Math.floor(halves / 2))}`;
  const left = value < 0 ? grown.padStart(half) : blanks(half);
  const right = value < 0 ? blanks(half) : grow(half);
  return [
    span(left, 'negative'),
    span(vertical, 'muted'),
    span(right, 'positive'),
    ...(width - 1 - 2 * half > 0 ? [span(blanks(width - 1 - 2 * half))] : []),
  ];
}

/** The words that an Input's indices stand for. */
function wordsOf({ subject }: OpenSession, at: Position, series: Series): (unit: number) => string | null {
  const { words } = subject;
  const { layer } = at.callTrace.call;
  if (!words || layer.kind !== 'input' || layer.shape.length !== 1) return () => null;
  return (unit) => words[series.valueAt(0, unit)] ?? '';
}

function noteOf({ callTrace: { call, input } }: Position): string | null {
  if (call.layer.kind === 'dropout')
    return `nothing is dropped at inference; in training each number is 0 with probability ${call.layer.rate}.`;
  if (call.layer.kind === 'flatten' && input.shape.length > 1) return 'all rows of x, one after the other.';
  return null;
}
