import { norm } from '../../math/linear.ts';
import { numberAt, part, type Rows, rowsOf, sizeOf } from '../../math/tensor.ts';
import { isReached, type Position, position, timelineInput, tokenAt } from '../../session/selectors.ts';
import type { OpenSession } from '../../session/session.ts';
import { isSurveyed } from '../../trace/extremes.ts';
import { isUsed, stepOf } from '../../trace/timeline.ts';
import { isBackward } from '../../trace/trace.ts';
import { fit, fitLine, type Line, type Span, span, widthOfText } from '../line.ts';
import { numberText, symbolText } from '../notation.ts';
import { glyphs, type Theme } from '../theme/theme.ts';
import { windowPlaces } from './arithmetic.ts';
import { drawnOf } from './drawn.ts';
import { columnCell, columnsOf, ENDS } from './heat-overview.ts';
import { cellSpans, indices, windowTurning } from './heatmap.ts';
import { lettersOf } from './letters.ts';
import { seriesOf } from './series.ts';
import { tickLine, wholeRunColumns } from './time-axis.ts';

const LABEL = 10;
const LEVELS = 8;

/**
 * Three rows: timesteps, tokens or values, and how large the layer's output is. Time runs left to right; what is ahead of the cursor is dim. Where the
 * whole of a long run is wanted, a column is several timesteps, and the rows are the largest and the smallest of the output.
 */
export function timelineLines(session: OpenSession, width: number, theme: Theme): Line[] {
  const at = position(session);
  const marks = glyphs(theme);
  const { label, textAt, widest } = inputTexts(session, at);
  const cell = Math.max(4, Math.min(at.steps === 1 ? 30 : 12, Math.max(String(at.steps - 1).length, widest) + 3));
  const room = Math.max(1, Math.floor((width - LABEL - 2) / cell));
  if (session.wholeRun && at.steps > room) {
    const overview = overviewLines(at, width, theme);
    if (overview) return overview;
  }
  const backward = isBackward(at.callTrace.call);
  const shown = windowTurning(at.timestep, room, at.steps, backward);
  const columns = indices(shown).map((timestep) => {
    const step = stepOf(at.callTrace, timestep);
    return {
      timestep,
      step,
      cursor: timestep === at.timestep,
      ahead: step > at.step,
      used: isUsed(at.callTrace, timestep),
    };
  });
  const more = (side: 'before' | 'after') => (side === 'before' ? shown.from > 0 : shown.from + shown.count < at.steps);
  const line = (name: string, cells: Span[]): Line =>
    fitLine(
      [fit(` ${name}`, LABEL - 1), more('before') ? marks.left : ' ', ...cells, more('after') ? marks.right : ''],
      width,
    );

  const ticks = columns.map(({ timestep, cursor, ahead }) =>
    span(
      fit(`${cursor ? `${marks.cursor} ` : '  '}${timestep}`, cell),
      cursor ? 'accent' : ahead ? 'muted' : undefined,
      { bold: cursor },
    ),
  );
  const words = columns.map(({ timestep, cursor, ahead, used }) => {
    const mark = used ? (ahead ? `${marks.future} ` : '  ') : marks.masked.repeat(2);
    return span(
      `${fit(mark + textAt(timestep), cell - 1)} `,
      used ? (cursor ? 'accent' : ahead ? 'muted' : undefined) : 'masked',
      { bold: cursor },
    );
  });
  const sizes = outputSizes(at);
  const bars = columns.map(({ step }) => {
    const ahead = !isReached(at, step, sizes.stage);
    const hidden = ahead && (!session.wholeRun || step >= at.computed);
    const size = hidden ? 0 : sizes.normAt(step);
    const level = Math.min(LEVELS, Math.max(1, Math.ceil((size / sizes.largest) * LEVELS)));
    return span(
      fit(`  ${hidden ? marks.future : Number.isFinite(size) ? marks.column[level] : '!'}`, cell),
      hidden ? 'muted' : 'hidden',
      { dim: ahead && session.wholeRun },
    );
  });
  const ways = directionsOf(at);
  if (!ways) return [line(backward ? `t  ${marks.left}` : 't', ticks), line(label, words), line(sizes.label, bars)];
  // Which timesteps each direction has read when it gives what is merged here: the two meet at the cursor.
  const read = columns.map(({ timestep, cursor }) => {
    const way = cursor ? `${marks.right}${marks.left}` : timestep < at.timestep ? marks.right : marks.left;
    return span(fit(`  ${way}`, cell), cursor ? 'accent' : timestep < at.timestep ? 'gate-i' : 'gate-f', {
      bold: cursor,
    });
  });
  return [line('t', ticks), line(label, words), line(`${marks.right} and ${marks.left}`, read)];
}

/** Whether both directions of a Bidirectional meet at the cursor, each a row for every timestep. */
function directionsOf({ callTrace: { call } }: Position): boolean {
  return call.layer.kind === 'bidirectional' && call.layer.returnSequences;
}

/** The largest and the smallest of the layer's output, all units together, over the whole run. */
function overviewLines(at: Position, width: number, theme: Theme): Line[] | null {
  const series = seriesOf(at, outputSymbol(at)) ?? seriesOf(at, 'x');
  if (series?.steps !== at.steps || !isSurveyed(series.tensor)) return null;
  const drawn = drawnOf(at, series, theme, true);
  const room = Math.max(1, width - LABEL - 1);
  const time = wholeRunColumns(at.steps, room, at.timestep);
  const columns = columnsOf(drawn, time);
  const symbol = symbolText(series.symbol, lettersOf(at));
  const label = (text: string) => fit(` ${text}`, LABEL);
  return [
    fitLine([label(isBackward(at.callTrace.call) ? `t  ${glyphs(theme).left}` : 't'), ...tickLine(time, room)], width),
    ...ENDS.map((end) =>
      fitLine(
        [
          label(`${symbol} ${end === 'maximum' ? 'max' : 'min'}`),
          ...cellSpans(
            columns.map((column) => columnCell(drawn, column, end, 'all')),
            time.cellWidth,
          ),
        ],
        width,
      ),
    ),
  ];
}

/** As many texts as are measured to find the widest; of more, some all along the run. */
const MEASURED = 500;

/** What stands at each timestep: words, indices, values, or how large the features are. */
function inputTexts(
  session: OpenSession,
  at: Position,
): { label: string; textAt: (timestep: number) => string; widest: number } {
  const input = timelineInput(at);
  const source = input ?? at.callTrace.input;
  const { label, textAt } = textsOf(session, at, input, source);
  // What is not in memory is not read for its widths.
  if (!('data' in source)) return { label, textAt, widest: 6 };
  const every = Math.ceil(at.steps / MEASURED);
  const widths = Array.from({ length: Math.ceil(at.steps / every) }, (_, n) => widthOfText(textAt(n * every)));
  return { label, textAt, widest: Math.max(...widths) };
}

function textsOf(
  session: OpenSession,
  at: Position,
  input: Rows | null,
  source: Rows,
): { label: string; textAt: (timestep: number) => string } {
  const { layer } = at.callTrace.call;
  if (layer.kind === 'conv1d' || layer.kind === 'pooling1d')
    return { label: 'window t', textAt: (step) => windowText(windowPlaces({ ...at, step })) };
  // The layer's own steps: no row of its input is theirs.
  if (input === null && at.steps > 1 && rowsOf(source) !== at.steps) return { label: '', textAt: () => '' };
  const isIndices =
    input?.shape.length === 1 &&
    at.trace.calls.some(
      ({ call, input: read }) => call.layer.kind === 'embedding' && sizeOf(read.shape) === sizeOf(input.shape),
    );
  if (isIndices) {
    const words = session.subject.words !== null;
    return {
      label: words ? 'tokens' : 'index',
      textAt: (t) =>
        tokenAt(session, at, t) ?? (words && numberAt(source, t) === 0 ? 'pad' : String(numberAt(source, t))),
    };
  }
  const size = sizeOf(source.shape);
  if (source.shape.length < 2 && at.steps === 1)
    return { label: 'input', textAt: () => `${size} number${size === 1 ? '' : 's'}` };
  const features = size / at.steps;
  if (features === 1) return { label: 'x', textAt: (t) => numberText(numberAt(source, t), 7, 3) };
  return {
    label: '‖x‖',
    textAt: (t) => numberText(norm(part(source, t, at.steps)), 6, 2),
  };
}

/** `2–4`: the first and the last timestep that a window sees. */
function windowText(places: readonly number[] | null): string {
  const inside = places?.filter((place) => place >= 0) ?? [];
  return inside.length > 1 ? `${inside[0]}–${inside.at(-1)}` : String(inside[0] ?? '');
}

const outputSymbol = ({ callTrace }: Position) => ('h' in callTrace.quantities ? 'h' : 'y');

function outputSizes(at: Position): Sizes & { label: string; stage: number } {
  const { callTrace, steps } = at;
  const symbol = outputSymbol(at);
  const output = callTrace.quantities[symbol] ?? callTrace.input;
  const stage = at.equations.findIndex((equation) => equation.symbol === symbol);
  return { label: stage >= 0 ? `‖${symbol}‖` : '‖x‖', stage, ...sizesOf(output, steps) };
}

/** How large the output is at each step, and the largest that it is. */
interface Sizes {
  readonly largest: number;
  normAt(step: number): number;
}

const known = new WeakMap<Rows, { steps: number; norms: number[]; largest: number }>();

function sizesOf(output: Rows, steps: number): Sizes {
  const normAt = (step: number) => norm(part(output, step, steps));
  if (!('data' in output)) return { largest: output.largestNorm?.() || normAt(0) || 1e-300, normAt };
  let found = known.get(output);
  if (found?.steps !== steps) {
    const norms = Array.from({ length: steps }, (_, step) => normAt(step));
    const largest = norms.reduce((most, size) => (Number.isFinite(size) && size > most ? size : most), 1e-300);
    found = { steps, norms, largest };
    known.set(output, found);
  }
  const { norms, largest } = found;
  return { largest, normAt: (step) => norms[step] };
}
