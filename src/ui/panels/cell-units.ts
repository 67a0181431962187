import { row } from '../../math/tensor.ts';
import { type Position, previousState, stageShown } from '../../session/selectors.ts';
import type { OpenSession } from '../../session/session.ts';
import { isUsed } from '../../trace/timeline.ts';
import { fit, type Line, span, widthOfText } from '../line.ts';
import { numberCell, symbolText, symbolTone } from '../notation.ts';
import { glyphs, type Theme } from '../theme/theme.ts';
import { barNumber, emptyCell, numberWidth, toneBar } from './cell-bars.ts';
import { labelSpan } from './heat-block.ts';
import { type Scale, scaleOf } from './heat-scale.ts';
import { blanks, indices, maskedCell, scrollbar, windowAround } from './heatmap.ts';

const GATES = ['i', 'f', 'g', 'o'] as const;
const STATE = 7;
const NAMES = {
  long: {
    i: 'i input gate',
    f: 'f forget gate',
    g: 'c̃ candidate',
    o: 'o output gate',
    c: 'cell state',
    h: 'h hidden state',
  },
  short: { i: 'i input', f: 'f forget', g: 'c̃ cand.', o: 'o output', c: '', h: 'h hidden' },
};

interface Layout {
  readonly label: number;
  readonly scales: Readonly<Record<string, Scale>>;
  /** Columns of the bars of each quantity; 0: no bar. */
  readonly bars: Readonly<Record<string, number>>;
  readonly withPrevious: boolean;
  readonly decimals: number;
}

/** Every unit's i, f, c̃, o, c₋₁ → c and h as bars with numbers, around the chosen unit. The first line names them. */
export function unitLines(session: OpenSession, at: Position, width: number, height: number, theme: Theme): Line[] {
  const layout = layoutOf(at, width);
  const rows = Math.max(1, height - 1);
  const shown = windowAround(at.unit, rows, at.units);
  const scroll = scrollbar(shown, at.units, at.unit, shown.count);
  return [
    headLine(layout),
    ...indices(shown).map((unit, n): Line => [...unitLine(session, at, unit, layout, theme), ' ', scroll[n]]),
  ];
}

function layoutOf(at: Position, width: number): Layout {
  const { quantities, call } = at.callTrace;
  const scales = Object.fromEntries(
    [...GATES, 'c', 'h'].map((symbol) => [symbol, scaleOf(call.layer, symbol, quantities[symbol])]),
  );
  const label = Math.max(5, String(at.units - 1).length + 3);
  const room = (withPrevious: boolean, decimals: number) =>
    width -
    label -
    GATES.reduce((sum, gate) => sum + 2 + numberWidth(scales[gate], decimals), 0) -
    (withPrevious ? STATE + 3 : 0) -
    (STATE + 1 + STATE + 3);
  const withPrevious = room(true, 2) >= 16;
  const decimals = room(withPrevious, 3) >= 40 ? 3 : 2;
  return { label, scales, withPrevious, decimals, bars: barsOf(room(withPrevious, decimals), scales) };
}

/** Bars of c and h only where all bars can still be read. Signed ones are odd: they have a middle. */
function barsOf(room: number, scales: Layout['scales']): Record<string, number> {
  const odd = (width: number) => (width % 2 === 0 ? width - 1 : width);
  const size = (symbols: readonly string[], columns: number, least: number): Record<string, number> => {
    const signed = symbols.filter((symbol) => scales[symbol].kind === 'diverging');
    const other = symbols.filter((symbol) => scales[symbol].kind === 'sequential');
    const wide = Math.min(15, odd(Math.max(5, Math.floor(columns / symbols.length))));
    const rest = other.length === 0 ? 0 : Math.min(14, Math.floor((columns - signed.length * wide) / other.length));
    if (rest < (other.length === 0 ? 0 : least) || signed.length * wide > columns) return {};
    return Object.fromEntries(symbols.map((symbol) => [symbol, scales[symbol].kind === 'diverging' ? wide : rest]));
  };
  const all = size([...GATES, 'c', 'h'], room - 4, 4);
  return { i: 0, f: 0, g: 0, o: 0, c: 0, h: 0, ...(Object.keys(all).length > 0 ? all : size(GATES, room, 3)) };
}

function gateWidth({ bars, scales, decimals }: Layout, gate: string): number {
  return bars[gate] + 1 + numberWidth(scales[gate], decimals);
}

function headLine(layout: Layout): Line {
  const widths = Object.fromEntries(GATES.map((gate) => [gate, gateWidth(layout, gate)]));
  const fits = (names: Record<string, string>) => GATES.every((gate) => widthOfText(names[gate]) <= widths[gate]);
  const names = fits(NAMES.long) ? NAMES.long : fits(NAMES.short) ? NAMES.short : null;
  const title = (symbol: string, width: number) =>
    span(fit(names?.[symbol as 'i'] ?? symbolText(symbol), width), symbolTone(symbol), { bold: true });
  const stateBar = layout.bars.c > 0 ? layout.bars.c + 2 : 0;
  const change = layout.withPrevious
    ? `${fit('c₋₁', STATE, 'right')} → ${fit('c', STATE - 1, 'right')}`
    : fit('c', STATE, 'right');
  const states = widthOfText(change) + 1;
  return [
    span(`${fit('unit', layout.label - 1, 'right')} `, 'muted'),
    ...GATES.flatMap((gate): Line => [' ', title(gate, widths[gate])]),
    ' ',
    blanks(stateBar === 0 ? 0 : stateBar - 1),
    span(fit(change, layout.withPrevious ? states : STATE), 'cell', { bold: true }),
    ' ',
    blanks(layout.bars.h > 0 ? layout.bars.h + 1 : 0),
    span(fit('h', STATE, 'right'), 'hidden', { bold: true }),
  ];
}

function unitLine(session: OpenSession, at: Position, unit: number, layout: Layout, theme: Theme): Line {
  const chosen = unit === at.unit;
  const label = labelSpan(String(unit), layout.label, chosen);
  const gates = GATES.flatMap((gate): Line => [' ', ...gateCell(session, at, gate, unit, layout, chosen, theme)]);
  return [label, ...gates, ' ', ...stateCells(session, at, unit, layout, chosen, theme)];
}

function gateCell(
  session: OpenSession,
  at: Position,
  gate: string,
  unit: number,
  layout: Layout,
  chosen: boolean,
  theme: Theme,
): Line {
  const width = gateWidth(layout, gate);
  const shown = stageShown(session, at, stageOf(at, gate));
  if (shown === 'hidden') return emptyCell(glyphs(theme).future, width, 'muted');
  if (!isUsed(at.callTrace, at.timestep)) return emptyCell(maskedCell(theme).char, width, 'masked');
  const value = row(at.callTrace.quantities[gate], at.step)[unit];
  const scale = layout.scales[gate];
  return [
    ...toneBar(value, scale, layout.bars[gate], symbolTone(gate), theme).map((part) => dimmed(part, shown)),
    span(` ${barNumber(value, scale, layout.decimals)}`, undefined, { bold: chosen, dim: shown === 'ahead' }),
  ];
}

function stateCells(
  session: OpenSession,
  at: Position,
  unit: number,
  layout: Layout,
  chosen: boolean,
  theme: Theme,
): Line {
  const used = isUsed(at.callTrace, at.timestep);
  const cell = (symbol: 'c' | 'h', numberColumns: number): { bar: Line; number: Line } => {
    const shown = stageShown(session, at, stageOf(at, symbol));
    const width = layout.bars[symbol];
    if (shown === 'hidden')
      return {
        bar: width > 0 ? [blanks(width + 1)] : [],
        number: emptyCell(glyphs(theme).future, numberColumns, 'muted'),
      };
    const value = row(at.callTrace.quantities[symbol], at.step)[unit];
    const drawn = toneBar(value, layout.scales[symbol], width, symbolTone(symbol), theme);
    return {
      bar: width > 0 ? [...drawn.map((part) => dimmed(part, shown)), ' '] : [],
      number: [
        span(numberCell(value, numberColumns, 3), used ? undefined : 'masked', {
          bold: chosen,
          dim: shown === 'ahead',
        }),
      ],
    };
  };
  const [c, h] = [cell('c', layout.withPrevious ? STATE - 1 : STATE), cell('h', STATE)];
  const before = previousState(at, 'c')[unit];
  const previous: Line = layout.withPrevious ? [numberCell(before, STATE, 3), span(' → ', 'muted')] : [];
  return [...c.bar, ...previous, ...c.number, layout.withPrevious ? '  ' : ' ', ...h.bar, ...h.number];
}

function stageOf(at: Position, symbol: string): number {
  return at.equations.findIndex((equation) => equation.symbol === symbol);
}

function dimmed(part: Line[number], shown: string): Line[number] {
  return shown === 'ahead' && typeof part !== 'string' ? { ...part, dim: true } : part;
}
