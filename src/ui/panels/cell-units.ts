import type { RecurrentLayer } from '../../layers/layer.ts';
import { row } from '../../math/tensor.ts';
import { type Position, previousState, stageShown } from '../../session/selectors.ts';
import type { OpenSession } from '../../session/session.ts';
import { isUsed } from '../../trace/timeline.ts';
import { fit, type Line, span, widthOfText } from '../line.ts';
import { type Letters, numberCell, symbolText, symbolTone } from '../notation.ts';
import { glyphs, type Theme } from '../theme/theme.ts';
import { barNumber, emptyCell, numberWidth, toneBar } from './cell-bars.ts';
import { type CellParts, cellParts } from './cell-parts.ts';
import { checkMark } from './check-mark.ts';
import { labelSpan } from './heat-block.ts';
import { type Scale, scaleOf } from './heat-scale.ts';
import { blanks, indices, maskedCell, scrollbar, windowAround } from './heatmap.ts';
import { lettersOf } from './letters.ts';

const STATE = 7;

interface Layout {
  readonly parts: CellParts;
  readonly letters: Letters;
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
    headLine(at, layout),
    ...indices(shown).map((unit, n): Line => [...unitLine(session, at, unit, layout, theme), ' ', scroll[n]]),
  ];
}

function layoutOf(at: Position, width: number): Layout {
  const { quantities, call } = at.callTrace;
  const parts = cellParts(call.layer as RecurrentLayer);
  const { gates, carried, shown } = parts;
  const states = shown ? [carried, shown] : [carried];
  const scales = Object.fromEntries(
    [...gates, ...states].map((symbol) => [symbol, scaleOf(call.layer, symbol, quantities[symbol])]),
  );
  const label = Math.max(5, String(at.units - 1).length + 3);
  const room = (withPrevious: boolean, decimals: number) =>
    width -
    label -
    gates.reduce((sum, gate) => sum + 2 + numberWidth(scales[gate], decimals), 0) -
    (withPrevious ? STATE + 3 : 0) -
    (STATE + 1 + (shown ? STATE : 0) + 3);
  const withPrevious = room(true, 2) >= 16;
  const decimals = room(withPrevious, 3) >= 40 ? 3 : 2;
  const bars = barsOf(room(withPrevious, decimals), scales, gates, states);
  return { parts, letters: lettersOf(at), label, scales, withPrevious, decimals, bars };
}

/** Bars of c and h only where all bars can still be read. Signed ones are odd: they have a middle. */
function barsOf(
  room: number,
  scales: Layout['scales'],
  gates: readonly string[],
  states: readonly string[],
): Record<string, number> {
  const odd = (width: number) => (width % 2 === 0 ? width - 1 : width);
  const size = (symbols: readonly string[], columns: number, least: number): Record<string, number> => {
    const signed = symbols.filter((symbol) => scales[symbol].kind === 'diverging');
    const other = symbols.filter((symbol) => scales[symbol].kind === 'sequential');
    const wide = Math.min(15, odd(Math.max(5, Math.floor(columns / symbols.length))));
    const rest = other.length === 0 ? 0 : Math.min(14, Math.floor((columns - signed.length * wide) / other.length));
    if (rest < (other.length === 0 ? 0 : least) || signed.length * wide > columns) return {};
    return Object.fromEntries(symbols.map((symbol) => [symbol, scales[symbol].kind === 'diverging' ? wide : rest]));
  };
  const all = size([...gates, ...states], room - 2 * states.length, 4);
  const none = Object.fromEntries([...gates, ...states].map((symbol) => [symbol, 0]));
  return { ...none, ...(Object.keys(all).length > 0 ? all : size(gates, room, 3)) };
}

function gateWidth({ bars, scales, decimals }: Layout, gate: string): number {
  return bars[gate] + 1 + numberWidth(scales[gate], decimals);
}

function headLine(at: Position, layout: Layout): Line {
  const { gates, long, short, carried, shown } = layout.parts;
  const widths = Object.fromEntries(gates.map((gate) => [gate, gateWidth(layout, gate)]));
  const fits = (names: Readonly<Record<string, string>>) =>
    gates.every((gate) => widthOfText(names[gate]) <= widths[gate]);
  const names = fits(long) ? long : fits(short) ? short : null;
  const title = (symbol: string, width: number) =>
    span(fit(names?.[symbol] ?? symbolText(symbol, layout.letters), width), symbolTone(symbol, layout.letters), {
      bold: true,
    });
  const stateBar = layout.bars[carried] > 0 ? layout.bars[carried] + 2 : 0;
  const change = layout.withPrevious
    ? `${fit(`${carried}₋₁`, STATE, 'right')} → ${fit(carried, STATE - 1, 'right')}`
    : fit(carried, STATE, 'right');
  const states = widthOfText(change) + 1;
  return [
    span(`${fit('unit', layout.label - 1, 'right')} `, 'muted'),
    ...gates.flatMap((gate): Line => [checkMark(at, gate, `z_${gate}`), title(gate, widths[gate])]),
    ' ',
    blanks(stateBar === 0 ? 0 : stateBar - 1),
    ...stateTitle(at, fit(change, layout.withPrevious ? states : STATE), carried),
    ' ',
    ...(shown
      ? [
          blanks(layout.bars[shown] > 0 ? layout.bars[shown] + 1 : 0),
          ...stateTitle(at, fit(shown, STATE, 'right'), shown),
        ]
      : []),
  ];
}

/** `c₋₁ →      c`, with a mark before the last letter where the state is not what its equation says. */
function stateTitle(at: Position, text: string, symbol: string): Line {
  const last = text.lastIndexOf(symbol);
  const style = [symbolTone(symbol), { bold: true }] as const;
  if (!at.differs.includes(symbol) || last < 1) return [span(text, ...style)];
  return [span(text.slice(0, last - 1), ...style), checkMark(at, symbol), span(text.slice(last), ...style)];
}

function unitLine(session: OpenSession, at: Position, unit: number, layout: Layout, theme: Theme): Line {
  const chosen = unit === at.unit;
  const label = labelSpan(String(unit), layout.label, chosen);
  const gates = layout.parts.gates.flatMap(
    (gate): Line => [' ', ...gateCell(session, at, gate, unit, layout, chosen, theme)],
  );
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
    ...toneBar(value, scale, layout.bars[gate], symbolTone(gate, lettersOf(at)), theme).map((part) =>
      dimmed(part, shown),
    ),
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
  const { carried, shown: output } = layout.parts;
  const cell = (symbol: 'c' | 'h', numberColumns: number): { bar: Line; number: Line } => {
    const shown = stageShown(session, at, stageOf(at, symbol));
    const width = layout.bars[symbol];
    if (shown === 'hidden')
      return {
        bar: width > 0 ? [blanks(width + 1)] : [],
        number: emptyCell(glyphs(theme).future, numberColumns, 'muted'),
      };
    const value = row(at.callTrace.quantities[symbol], at.step)[unit];
    // A projected h is shorter than c.
    if (value === undefined) return { bar: [blanks(width > 0 ? width + 1 : 0)], number: [blanks(numberColumns)] };
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
  const state = cell(carried, layout.withPrevious ? STATE - 1 : STATE);
  const before = previousState(at, carried)[unit];
  const previous: Line = layout.withPrevious ? [numberCell(before, STATE, 3), span(' → ', 'muted')] : [];
  const changed = [...state.bar, ...previous, ...state.number, layout.withPrevious ? '  ' : ' '];
  if (!output) return changed;
  const h = cell(output, STATE);
  return [...changed, ...h.bar, ...h.number];
}

function stageOf(at: Position, symbol: string): number {
  return at.equations.findIndex((equation) => equation.symbol === symbol);
}

function dimmed(part: Line[number], shown: string): Line[number] {
  return shown === 'ahead' && typeof part !== 'string' ? { ...part, dim: true } : part;
}
