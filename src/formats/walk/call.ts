import { kindOf } from '../../layers/kinds.ts';
import { isRecurrent, type Layer } from '../../layers/layer.ts';
import { part, type Rows, row, rowsOf, shapeText, sizeOf, widthOf } from '../../math/tensor.ts';
import { callName, outputNames } from '../../model/graph.ts';
import { statistics } from '../../trace/statistics.ts';
import { isUsed, stepCount } from '../../trace/timeline.ts';
import { type CallTrace, isBackward } from '../../trace/trace.ts';
import { COLUMN, fixed, isSmall, MAX_STEPS, MAX_UNITS, range, tensorLines, vectorText } from './numbers.ts';

/** What a call's lines need to know besides the call. */
export interface CallContext {
  readonly model: string;
  /** Samples of the batch, for shapes. */
  readonly batch: number;
  /** The word at an input timestep, where there is one. */
  word(timestep: number): string | null;
  explain(step: number): string | null;
}

/** A cell's gates and states; what leads to them is in its trace. Other layers have few enough quantities to show all. */
const CELL_SYMBOLS: Readonly<Partial<Record<Layer['kind'], readonly string[]>>> = {
  lstm: ['i', 'f', 'g', 'o', 'c', 'h'],
  gru: ['z', 'r', 'g', 'h'],
  simple_rnn: ['z_h', 'h'],
};
/** Its norm is what a layer passes on, or keeps. */
const NORMED = ['c', 'h', 'y'];

/** One call of a layer as text: its shapes, every timestep's quantities, what it returns. */
export function* callLines(trace: CallTrace, context: CallContext): Generator<string> {
  const { call, input, initialState, quantities } = trace;
  const { layer } = call;
  const returns = outputNames(call).map(
    (name, at) => `${name} ${shapeText([context.batch, ...trace.returns[at].shape])}`,
  );
  const takes = (trace.inputs.length > 0 ? trace.inputs : [input])
    .map(({ shape }) => shapeText([context.batch, ...shape]))
    .join(' and ');
  yield `${callName(call)} · ${kindOf(layer).className(layer)} · takes ${takes} · returns ${returns.join(', ')}`;
  const symbols = CELL_SYMBOLS[layer.kind] ?? Object.keys(quantities);
  const isCell = isRecurrent(layer);
  yield `  ${meanings(layer, trace.inputs.length, symbols)}`;
  if (initialState) {
    const { h, c } = initialState;
    yield `  starts from h = ${vectorText(h)}${c ? ` and c = ${vectorText(c)}` : ''}`;
  }
  if (isBackward(call)) yield '  go_backwards: the last timestep comes first';
  yield '';
  const steps = stepCount(trace);
  const width = Math.max(...symbols.map((symbol) => widthOf(quantities[symbol])));
  const small = isSmall(steps, width);
  if (small && !isCell) {
    // The rows are what it returns.
    yield* rowLines(trace, symbols, context);
    return;
  }
  if (small) yield* unitLines(trace, symbols, width, context);
  else if (steps > 1 || isCell) yield* extremeLines(trace, symbols, context);
  else if (context.explain(0)) yield `       ${context.explain(0)}`;
  if (!small) {
    yield '';
    yield `  norms and extremes of ${width} units; every number: lstm-lab trace ${context.model} --layer ${callName(call)}`;
  }
  yield '';
  for (const [at, name] of outputNames(call).entries())
    for (const line of tensorLines(name, trace.returns[at], context.batch)) yield `  ${line}`;
}

function meanings(layer: Layer, inputs: number, symbols: readonly string[]): string {
  return kindOf(layer)
    .equations(layer, inputs)
    .filter(({ symbol }) => symbols.includes(symbol))
    .map(({ symbol, meaning }) => `${symbol} ${meaning}${symbol === 'g' ? (layer.kind === 'gru' ? ' h̃' : ' c̃') : ''}`)
    .join(' · ');
}

/** For each timestep its input, a row for each unit, and the sentence. */
function* unitLines(
  trace: CallTrace,
  symbols: readonly string[],
  width: number,
  context: CallContext,
): Generator<string> {
  yield `    t  unit${symbols.map((symbol) => symbol.padStart(COLUMN)).join('')}`;
  for (const { step, timestep, used, x, notes } of stepsOf(trace, context)) {
    yield [String(timestep).padStart(5), `x = ${vectorText(x)}`, ...notes].join('  ');
    for (let unit = 0; unit < width; unit++) {
      const cells = symbols.map((symbol) => cell(trace.quantities[symbol], step, unit, used));
      yield `    ${String(unit).padStart(7)}${cells.map((text) => text.padStart(COLUMN)).join('')}`.trimEnd();
    }
    const sentence = context.explain(step);
    if (sentence) yield `       ${sentence}`;
  }
}

function cell(quantity: Rows, step: number, unit: number, used: boolean): string {
  if (unit >= widthOf(quantity)) return '';
  const value = row(quantity, step)[unit];
  return Number.isNaN(value) && !used ? '-' : fixed(value);
}

/** For each timestep one row: its input and each quantity of a layer without gates. */
function* rowLines(trace: CallTrace, symbols: readonly string[], context: CallContext): Generator<string> {
  const rows = [...stepsOf(trace, context)];
  const cells = rows.map(({ step, x, xs }) => [
    ...(xs.length > 1
      ? xs.map((each, n) => `x_${n + 1} = ${vectorText(each)}`)
      : x.length > 0
        ? [`x = ${vectorText(x)}`]
        : []),
    ...symbols.map((symbol) => `${symbol} = ${vectorText(row(trace.quantities[symbol], step), MAX_UNITS)}`),
  ]);
  const widths = cells[0].map((_, column) => Math.max(...cells.map((texts) => texts[column].length)));
  for (const [at, { step, timestep, notes }] of rows.entries()) {
    const texts = cells[at].map((text, column) => text.padEnd(widths[column]));
    yield [String(timestep).padStart(5), ...texts, ...notes].join('  ').trimEnd();
    const sentence = context.explain(step);
    if (sentence) yield `       ${sentence}`;
  }
}

/** For each timestep one row: the smallest and the largest of each quantity, and norms. */
function* extremeLines(trace: CallTrace, symbols: readonly string[], context: CallContext): Generator<string> {
  const normed = symbols.filter((symbol) => NORMED.includes(symbol));
  const heads = [...symbols.map((symbol) => `${symbol} min…max`), ...normed.map((symbol) => `‖${symbol}‖`)];
  yield `${'t'.padStart(5)}${heads.map((head) => head.padStart(columnOf(head))).join('')}`;
  for (const { step, timestep, x, notes } of stepsOf(trace, context)) {
    const cells = [
      ...symbols.map((symbol) => range(row(trace.quantities[symbol], step))),
      ...normed.map((symbol) => fixed(statistics(row(trace.quantities[symbol], step)).norm)),
    ];
    const line = cells.map((text, at) => text.padStart(columnOf(heads[at]))).join('');
    yield [
      `${String(timestep).padStart(5)}${line}`,
      ...(x.length === 1 ? [`x = ${vectorText(x)}`] : []),
      ...notes,
    ].join('  ');
    const sentence = stepCount(trace) > MAX_STEPS ? null : context.explain(step);
    if (sentence) yield `       ${sentence}`;
  }
}

function columnOf(head: string): number {
  return head.startsWith('‖') ? COLUMN : 16;
}

/** In the order in which they were computed: the input's timestep, what the layer saw there, and what is to be said about it. */
function* stepsOf(trace: CallTrace, { word }: CallContext) {
  const { input, call } = trace;
  const steps = stepCount(trace);
  for (let step = 0; step < steps; step++) {
    const timestep = isBackward(call) ? steps - 1 - step : step;
    const used = isUsed(trace, timestep);
    // Where a step sees a window or the whole input, no row of it is the step's own.
    const rowOf = (t: Rows) => {
      const size = sizeOf(t.shape) / steps;
      const isOwn = rowsOf(t) === steps || steps === 1 || t.shape.length < 2;
      return isOwn && Number.isInteger(size) ? part(t, timestep, steps) : [];
    };
    const x = rowOf(input);
    const xs = trace.inputs.map(rowOf).filter(({ length }) => length > 0);
    const kept = call.layer.kind === 'lstm' ? 'h and c stay' : 'h stays';
    const notes = [word(timestep), used ? null : `masked: skipped, ${kept}`].filter((note) => note !== null);
    yield { step, timestep, used, x, xs, notes };
  }
}
