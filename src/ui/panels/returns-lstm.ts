import type { LstmLayer } from '../../layers/layer.ts';
import { outputSequence, reversed } from '../../layers/lstm.ts';
import { isReached, type Position } from '../../session/selectors.ts';
import { stepOf } from '../../trace/timeline.ts';
import { fit, type Line, type Span, span, widthOfText } from '../line.ts';
import { glyphs } from '../theme/theme.ts';
import { windowAround } from './heatmap.ts';
import { kerasLines } from './keras-line.ts';
import { rowValues, type SequenceRow, sequenceLines, vectorText } from './returned-rows.ts';
import type { ViewProps } from './view.ts';

/** The flags as the boxes stand: return_sequences, return_state. */
const COMBINATIONS = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

/** From here on four boxes stand in one row. */
const FOUR_ACROSS = 92;

/** What the LSTM has to return so far, under any flags. */
interface Returned {
  readonly sequence: readonly SequenceRow[];
  /** The last output, which is h_T unless the last timestep is masked and zero_output_for_mask. */
  readonly output: ArrayLike<number>;
  readonly h: ArrayLike<number>;
  readonly c: ArrayLike<number>;
  /** Steps until h_T and c_T are there. */
  readonly stepsToGo: number;
  readonly finished: boolean;
  readonly units: number;
}

export function lstmReturnsLines(props: ViewProps, at: Position): Line[] {
  const { width, height, theme } = props;
  const layer = at.callTrace.call.layer as LstmLayer;
  const returned = returnedSoFar(at, layer, glyphs(theme).masked);
  const across = width >= FOUR_ACROSS ? 4 : 2;
  const headline = headLines(props, layer, returned);
  const keras = kerasLines(at.callTrace.call, width, height);
  const bands = 4 / across;
  const fixed = headline.length + keras.length + bands + 1;
  const notes = noteLines(at, layer).slice(0, Math.max(0, height - fixed - 3 * bands));
  const rows = Math.max(1, Math.min(longestBox(returned), Math.floor((height - fixed - notes.length) / bands)));
  return [...headline, ...boxes(props, layer, returned, across, rows), ...notes, ...keras];
}

function returnedSoFar(at: Position, layer: LstmLayer, mark: string): Returned {
  const { callTrace, steps, step, equations } = at;
  const { h, c } = callTrace.quantities;
  const mask = layer.goBackwards ? reversed(callTrace.mask) : callTrace.mask;
  const output = outputSequence(layer, h, { mask, initialState: callTrace.initialState });
  const lastStage = equations.length - 1;
  const finished = isReached(at, steps - 1, lastStage);
  const sequence = Array.from({ length: steps }, (_, s): SequenceRow => {
    const skipped = mask?.[s] === 0;
    return {
      label: `t${String(stepOf(callTrace, s)).padStart(String(steps - 1).length)}${skipped ? `${mark}` : ''}`,
      reached: isReached(at, s, lastStage),
      atCursor: s === step,
      ...(skipped && { tone: 'masked' }),
      values: rowValues(output, s),
    };
  });
  return {
    sequence,
    output: rowValues(output, steps - 1),
    h: rowValues(h, steps - 1),
    c: rowValues(c, steps - 1),
    stepsToGo: steps - 1 - step,
    finished,
    units: layer.units,
  };
}

/** Title line of the view: this layer's own flags, what it returns, its shape with the batch axis. */
function headLines({ width }: ViewProps, layer: LstmLayer, returned: Returned): Line[] {
  const flags = `return_sequences=${python(layer.returnSequences)}, return_state=${python(layer.returnState)}`;
  const shapes = shapesText(layer.returnSequences, layer.returnState, returned);
  const what = [
    layer.returnSequences ? 'h of every timestep' : 'h_T',
    ...(layer.returnState ? ['h_T', 'c_T'] : []),
  ].join(', ');
  const state: Span = returned.finished
    ? span('', 'good')
    : span(layer.returnSequences ? ', so far' : ', not yet', 'warning');
  const text = ` This layer: ${flags}`;
  const tail = `  →  ${what}`;
  if (widthOfText(text + tail) + widthOfText(shapes) + 14 <= width) return [[text, tail, state, `   ${shapes}`]];
  return [[text], [` ${tail.trim()}`, state, `   ${shapes}`]];
}

function shapesText(sequences: boolean, state: boolean, { sequence, units }: Returned): string {
  const output = sequences ? `(1, ${sequence.length}, ${units})` : `(1, ${units})`;
  return state ? `${output} (1, ${units}) (1, ${units})` : output;
}

function python(flag: boolean): string {
  return flag ? 'True' : 'False';
}

function boxes(props: ViewProps, layer: LstmLayer, returned: Returned, across: number, rows: number): Line[] {
  const { width, theme } = props;
  const g = glyphs(theme);
  const inner = Math.max(1, Math.floor((width - across - 1) / across));
  const lines: Line[] = [];
  for (let first = 0; first < COMBINATIONS.length; first += across) {
    const band = COMBINATIONS.slice(first, first + across);
    const edge = first === 0 ? [g.topLeft, g.teeDown, g.topRight] : [g.teeRight, g.crossing, g.teeLeft];
    lines.push(borderLine(band, edge, inner, layer));
    const contents = band.map(([sequences, state]) => boxLines(props, returned, sequences, state, inner, rows));
    const side = span(g.vertical, 'muted');
    for (let n = 0; n < rows; n++) lines.push([...contents.flatMap((box): Line => [side, ...box[n]]), side]);
  }
  lines.push([span(g.bottomLeft + Array(across).fill('─'.repeat(inner)).join(g.teeUp) + g.bottomRight, 'muted')]);
  return lines;
}

/** A box's upper edge with its flags in it; this layer's own are marked. */
function borderLine(
  band: readonly (readonly [boolean, boolean])[],
  [left, middle, right]: readonly string[],
  inner: number,
  layer: LstmLayer,
): Line {
  const parts = band.flatMap(([sequences, state], n): Span[] => {
    const own = sequences === layer.returnSequences && state === layer.returnState;
    const flags =
      inner >= 26 ? `seq ${python(sequences)}, state ${python(state)}` : `${python(sequences)}, ${python(state)}`;
    const text = fit(`${own ? ' ▸' : ' '}${flags} `, Math.min(inner - 1, flags.length + (own ? 3 : 2)));
    return [
      span(n === 0 ? `${left}─` : `${middle}─`, 'muted'),
      span(text, own ? 'accent' : 'muted', { bold: own }),
      span('─'.repeat(Math.max(0, inner - 1 - widthOfText(text))), 'muted'),
    ];
  });
  return [...parts, span(right, 'muted')];
}

function longestBox({ sequence }: Returned): number {
  return sequence.length + 1 + 4;
}

/** One box: each tensor with name, shape and its values, or when they come. Exactly `rows` lines of `width` columns. */
function boxLines(
  { session }: ViewProps,
  returned: Returned,
  sequences: boolean,
  state: boolean,
  width: number,
  rows: number,
): Line[] {
  const { units } = returned;
  const vector = (name: string, values: ArrayLike<number>): Line[] => [
    nameLine(name, `(1, ${units})`, width),
    valueLine(values, returned, width, session.wholeRun),
  ];
  const states = state ? [...vector('h_T', returned.h), ...vector('c_T', returned.c)] : [];
  const lines: Line[] = [];
  if (sequences) {
    const space = rows - 1 - states.length;
    const compact = space < Math.min(3, returned.sequence.length);
    const after = compact && state ? compactStates(returned, width, rows, session.wholeRun) : states;
    const room = Math.max(0, Math.min(returned.sequence.length, rows - 1 - after.length));
    const cursor = returned.sequence.findIndex(({ atCursor }) => atCursor);
    lines.push(
      nameLine(returned.sequence.length > 1 ? 'h_0 … h_T' : 'h_0', `(1, ${returned.sequence.length}, ${units})`, width),
      ...sequenceLines(
        returned.sequence,
        windowAround(cursor, room, returned.sequence.length),
        width,
        session.wholeRun,
      ),
      ...after,
    );
  } else {
    const again = state ? [...vector('h_T again', returned.h), ...vector('c_T', returned.c)] : [];
    const all = [...vector('h_T', returned.output), ...again];
    lines.push(...(all.length <= rows || !state ? all : compactOutput(returned, width, rows, session.wholeRun)));
  }
  const blank: Line = [' '.repeat(width)];
  return Array.from({ length: rows }, (_, n) => lines[n] ?? blank);
}

function nameLine(name: string, shape: string, width: number): Line {
  const room = width - shape.length - 2;
  if (room < 4) return [fit(` ${name}`, width)];
  return [span(` ${fit(name, room)}`, 'hidden'), span(`${shape} `, 'muted')];
}

function valueLine(values: ArrayLike<number>, returned: Returned, width: number, wholeRun: boolean): Line {
  const { finished, stepsToGo } = returned;
  if (finished || wholeRun)
    return [span(fit(`   ${vectorText(values, width - 3)}`, width), undefined, { bold: finished, dim: !finished })];
  const when = stepsToGo === 0 ? 'in this step' : stepsToGo === 1 ? '1 step to go' : `${stepsToGo} steps to go`;
  return [span(fit(width >= 26 ? `   not yet: ${when}` : '   not yet', width), 'warning')];
}

/** h_T and c_T in a line each where the box is low, in one where it is very low. */
function compactStates(returned: Returned, width: number, rows: number, wholeRun: boolean): Line[] {
  if (rows > 3)
    return [
      shortLine('h_T', returned.h, returned, width, wholeRun),
      shortLine('c_T', returned.c, returned, width, wholeRun),
    ];
  const half = Math.floor(width / 2);
  return [
    [
      ...shortLine('h_T', returned.h, returned, half, wholeRun),
      ...shortLine('c_T', returned.c, returned, width - half, wholeRun),
    ],
  ];
}

function compactOutput(returned: Returned, width: number, rows: number, wholeRun: boolean): Line[] {
  return [
    shortLine('h_T', returned.output, returned, width, wholeRun),
    ...compactStates(returned, width, rows === 3 ? 4 : rows, wholeRun),
  ];
}

function shortLine(
  name: string,
  values: ArrayLike<number>,
  { finished }: Returned,
  width: number,
  wholeRun: boolean,
): Line {
  const label = span(` ${name} `, 'hidden');
  if (!finished && !wholeRun) return [label, span(fit('not yet', width - 5), 'warning')];
  return [label, span(fit(vectorText(values, width - 5), width - 5), undefined, { bold: finished, dim: !finished })];
}

/** What makes this LSTM's returns differ from what one expects. */
function noteLines({ callTrace }: Position, layer: LstmLayer): Line[] {
  const { mask, call, initialState } = callTrace;
  const notes: string[] = [];
  if (layer.goBackwards)
    notes.push(
      'go_backwards: the sequence is in processed order, its first row belongs to the last timestep; T is timestep 0.',
    );
  if (mask?.includes(0)) {
    notes.push(
      layer.zeroOutputForMask
        ? 'masked timesteps return 0 (zero_output_for_mask); the states h and c are carried all the same.'
        : 'masked timesteps repeat the output before them; h and c are carried.',
    );
    if (layer.returnSequences) notes.push('the mask goes on with the sequence.');
  }
  if (layer.stateful) notes.push('stateful: h_T and c_T are where the next batch starts, until the states are reset.');
  if (initialState && (call.inputs.length > 1 || call.initialState))
    notes.push('it starts from a given initial_state, not from zeros.');
  return notes.map((note): Line => [span(` ${note}`, 'muted')]);
}
