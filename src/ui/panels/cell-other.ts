import { isRecurrent } from '../../layers/layer.ts';
import { numberAt, type Rows, sizeOf, widthOf } from '../../math/tensor.ts';
import { seenAt } from '../../session/seen.ts';
import { type Position, stageShown } from '../../session/selectors.ts';
import { isWhole } from '../../trace/statistics.ts';
import { fit, type Line, type Span, span } from '../line.ts';
import { elementText, numberCell, symbolText, symbolTone } from '../notation.ts';
import { glyphs } from '../theme/theme.ts';
import { arithmeticOf } from './arithmetic.ts';
import { formulaLines, largestLines } from './arithmetic-lines.ts';
import { emptyCell, toneBar } from './cell-bars.ts';
import { headLines, noteLines } from './cell-words.ts';
import { checkMark } from './check-mark.ts';
import { labelSpan } from './heat-block.ts';
import { scaleOf } from './heat-scale.ts';
import { isMove, sourceOf } from './places.ts';
import { sumLines } from './sum-lines.ts';
import { unitTableLines } from './unit-table.ts';
import type { ViewProps } from './view.ts';

const NUMBER = 9;

/** What a layer that is not recurrent does at the cursor's timestep: its numbers as bars, and where they come from. */
export function otherLines(props: ViewProps, at: Position): Line[] {
  const { width, height } = props;
  const { layer } = at.callTrace.call;
  const head = headLines(props, at).map((line): Line => [' ', ...line]);
  const terms =
    layer.kind === 'dense' || layer.kind === 'conv1d' || layer.kind === 'pooling1d' || layer.kind === 'global_pooling1d'
      ? termLines(props, at, Math.min(24, height - head.length - 4 - Math.min(at.units, Math.floor(height / 2) - 4)))
      : [];
  const notes = noteLines(layer, at, width);
  const room =
    height - head.length - notes.length - terms.length - (terms.length > 0 ? 1 : 0) - (notes.length > 0 ? 1 : 0) - 1;
  const table = room >= 2 ? unitsTable(props, at, room) : [];
  return [
    ...head,
    [],
    ...table,
    ...(terms.length > 0 ? [[], ...terms] : []),
    ...(notes.length > 0 ? [[], ...notes] : []),
  ];
}

/** A column of the table: the layer's input, or one of its quantities. */
interface Column {
  readonly symbol: string;
  readonly title: string;
  readonly stage: number;
  readonly tensor: Rows;
  value(unit: number): number;
}

function unitsTable(props: ViewProps, at: Position, height: number): Line[] {
  const { session, width, theme } = props;
  const columns = columnsOf(at);
  const { layer } = at.callTrace.call;
  const isSequence = layer.kind === 'input' && at.callTrace.input.shape.length < 2;
  const count = isSequence ? at.steps : at.units;
  const chosen = isSequence ? at.timestep : at.unit;
  const label = Math.max(5, String(count - 1).length + 3);
  const isMoved = at.equations.some(({ expression }) => isMove(expression));
  const sideWidth = isMoved ? 16 : layer.kind === 'dropout' ? 6 : isSequence ? 16 : 0;
  const share = (total: number) =>
    Math.max(0, Math.min(40, Math.floor((total - label - sideWidth) / columns.length) - NUMBER - 2));
  const whole = columns.every(({ tensor }) => isWhole(tensor));
  const side = (unit: number): Span[] => {
    if (isMoved) return [span(fit(`  ${sourceText(at, unit)}`, sideWidth), 'muted')];
    if (layer.kind === 'dropout') return [span(fit('  kept', sideWidth), 'good')];
    if (!isSequence) return [];
    const word = session.subject.words?.[numberAt(at.callTrace.input, unit)] ?? '';
    return [span(fit(`  ${word}`, sideWidth), unit === chosen ? 'accent' : undefined)];
  };
  return unitTableLines({
    count,
    chosen,
    width,
    height,
    narrowest: label + sideWidth + columns.length * (NUMBER + 2 + 7),
    head: (total) => [
      span(fit(isSequence ? 't' : 'unit', label - 1, 'right') + ' ', 'muted'),
      ...columns.flatMap(
        ({ symbol, title }): Line => [
          checkMark(at, symbol),
          span(fit(title, share(total) + NUMBER + 1), symbolTone(symbol), { bold: true }),
        ],
      ),
    ],
    line: (unit, total) => [
      labelSpan(String(unit), label, unit === chosen),
      ...columns.flatMap((column): Line => {
        const bars = share(total);
        const shown =
          isSequence && unit > at.timestep && !session.wholeRun ? 'hidden' : stageShown(session, at, column.stage);
        if (shown === 'hidden') return emptyCell(glyphs(theme).future, bars + NUMBER + 2, 'muted');
        const value = column.value(unit);
        if (Number.isNaN(value)) return emptyCell('', bars + NUMBER + 2, 'muted');
        const scale = scaleOf(layer, column.symbol, column.tensor);
        const odd = bars % 2 === 0 ? bars - 1 : bars;
        return [
          ' ',
          ...toneBar(value, scale, odd, symbolTone(column.symbol), theme),
          span(numberCell(value, NUMBER + 1 + bars - Math.max(0, odd), whole ? 0 : 4), undefined, {
            bold: unit === chosen,
            dim: shown === 'ahead',
          }),
        ];
      }),
      ...side(unit),
    ],
  });
}

function columnsOf(at: Position): Column[] {
  const { callTrace, step, timestep } = at;
  const { input, quantities, call } = callTrace;
  const { layer } = call;
  const wholeInput = layer.kind === 'flatten' || (layer.kind === 'input' && input.shape.length < 2);
  const width = wholeInput ? 0 : sizeOf(input.shape) / at.steps;
  const x: Column = {
    symbol: 'x',
    title: 'x  input',
    stage: -1,
    tensor: input,
    value: (unit) => (wholeInput || unit < width ? numberAt(input, timestep * width + unit) : Number.NaN),
  };
  const computed = (symbol: string): Column => {
    const stage = at.equations.findIndex((equation) => equation.symbol === symbol);
    const tensor = quantities[symbol];
    const columns = widthOf(tensor);
    const { meaning } = at.equations[stage];
    return {
      symbol,
      title: `${symbolText(symbol)}  ${symbol === 'm' || layer.kind === 'dropout' || layer.kind === 'flatten' ? 'output' : meaning}`,
      stage,
      tensor,
      value: (unit) => (unit < columns ? numberAt(tensor, step * columns + unit) : Number.NaN),
    };
  };
  switch (layer.kind) {
    case 'dense':
    case 'conv1d':
      return [computed('z'), computed('y')];
    case 'activation':
    case 'dropout':
    case 'masking':
      return [x, computed('y')];
    case 'embedding':
      return [computed('y')];
    case 'input':
      return [x];
    case 'attention':
      return [computed('s'), computed('a'), computed('y')];
    default:
      return generalColumns(at, computed);
  }
}

/** What the equations see as vectors and what they compute; where numbers are moved only, where each came from stands beside it. */
function generalColumns(at: Position, computed: (symbol: string) => Column): Column[] {
  const symbols = at.equations.map(({ symbol }) => symbol);
  const chosen = at.equations[at.stage]?.symbol ?? symbols[symbols.length - 1];
  // Of many quantities those of the stage, and the last.
  const shown =
    symbols.length > 3 ? symbols.filter((symbol) => symbol === chosen || symbol === symbols.at(-1)) : symbols;
  if (at.equations.some(({ expression }) => isMove(expression))) return shown.map(computed);
  const seen = isRecurrent(at.callTrace.call.layer) ? {} : seenAt(at);
  const vectors = Object.entries(seen).flatMap(([symbol, value]): Column[] =>
    typeof value === 'number' || value.shape.length !== 1 || !/^(x|x_\d+|alpha|scale|offset|q)$/.test(symbol)
      ? []
      : [
          {
            symbol,
            title: `${symbolText(symbol)}${symbol.startsWith('x') ? '  input' : ''}`,
            stage: -1,
            tensor: value,
            value: (unit) => value.data[unit] ?? Number.NaN,
          },
        ],
  );
  return [...vectors.slice(0, 4), ...shown.map(computed)];
}

/** `x[2,1]`: where a number that was moved stood. In a Bidirectional, in which direction. */
function sourceText(at: Position, unit: number): string {
  const { symbol } = at.equations[at.stage];
  if (unit >= widthOf(at.callTrace.quantities[symbol])) return '';
  const source = sourceOf(at, symbol, unit);
  if (source === null) return 'padding';
  if (at.callTrace.call.layer.kind === 'bidirectional')
    return `${source.input === 0 ? 'forward' : 'backward'} ${source.places.at(-1)}`;
  return elementText(at.callTrace.inputs.length > 1 ? `x_${source.input + 1}` : 'x', source.places);
}

/** What the chosen unit is made of: the largest terms of its sum, or the numbers of its window. */
function termLines({ session, width, theme }: ViewProps, at: Position, rows: number): Line[] {
  const arithmetic = arithmeticOf(at, 0);
  if (rows < 3 || stageShown(session, at, 0) === 'hidden') return [];
  const lines =
    arithmetic.form === 'sum'
      ? sumLines(arithmetic, width - 2, rows, theme)
      : arithmetic.form === 'largest'
        ? largestLines(arithmetic, width - 2, rows, theme)
        : arithmetic.form === 'formula'
          ? formulaLines(arithmetic, width - 2, rows, theme)
          : [];
  return lines.map((line): Line => [' ', ...line]);
}
