import type { RecurrentLayer } from '../../layers/layer.ts';
import { fit, type Line, type Span, span, widthOfText } from '../line.ts';
import { glyphs } from '../theme/theme.ts';
import { blanks, indices, windowAround } from './heatmap.ts';
import { python } from './keras-line.ts';
import type { Returned } from './returned.ts';
import { sequenceLines, vectorText } from './returned-rows.ts';
import type { ViewProps } from './view.ts';

/** The flags as the boxes stand: return_sequences, return_state. */
const COMBINATIONS = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

/** The four boxes, `across` in a row, each with `rows` lines between its edges. */
export function returnsBoxes(
  props: ViewProps,
  layer: RecurrentLayer,
  returned: Returned,
  across: number,
  rows: number,
): Line[] {
  const { width, theme } = props;
  const g = glyphs(theme);
  const inner = boxWidth(width, across);
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
  layer: RecurrentLayer,
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

/** Lines that the fullest box wants: a name and a row for each timestep, and a name and a row for each state. */
export function longestBox({ steps, states }: Returned): number {
  return 1 + steps + 2 * states.length;
}

/** Columns between a box's edges. */
export function boxWidth(width: number, across: number): number {
  return Math.max(1, Math.floor((width - across - 1) / across));
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
    nameLine(name, `(1, ${values.length})`, width),
    valueLine(values, returned, width, session.wholeRun),
  ];
  const states = state ? returned.states.flatMap(({ name, values }) => vector(name, values)) : [];
  const lines: Line[] = [];
  if (sequences) {
    const space = rows - 1 - states.length;
    const compact = space < Math.min(3, returned.steps);
    const after = compact && state ? compactStates(returned, width, rows, session.wholeRun) : states;
    const room = Math.max(0, Math.min(returned.steps, rows - 1 - after.length));
    const shown = windowAround(returned.step, room, returned.steps);
    lines.push(
      nameLine(returned.steps > 1 ? 'h_0 … h_T' : 'h_0', `(1, ${returned.steps}, ${units})`, width),
      ...sequenceLines(indices(shown).map(returned.rowAt), width, session.wholeRun),
      ...after,
    );
  } else {
    const again = state
      ? returned.states.flatMap(({ name, values }, n) => vector(n === 0 ? `${name} again` : name, values))
      : [];
    const all = [...vector('h_T', returned.output), ...again];
    lines.push(...(all.length <= rows || !state ? all : compactOutput(returned, width, rows, session.wholeRun)));
  }
  const blank: Line = [blanks(width)];
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

/** The states in a line each where the box is low, in one where it is very low. */
function compactStates(returned: Returned, width: number, rows: number, wholeRun: boolean): Line[] {
  const { states } = returned;
  if (rows > 3 || states.length === 1)
    return states.map(({ name, values }) => shortLine(name, values, returned, width, wholeRun));
  const half = Math.floor(width / 2);
  return [
    states.flatMap(({ name, values }, n) => shortLine(name, values, returned, n === 0 ? half : width - half, wholeRun)),
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
