import { norm } from '../../math/linear.ts';
import { rowsOf, type Tensor } from '../../math/tensor.ts';
import { isReached, type Position, position, timelineInput, tokenAt } from '../../session/selectors.ts';
import type { OpenSession } from '../../session/session.ts';
import { isUsed, stepOf } from '../../trace/timeline.ts';
import { isBackward } from '../../trace/trace.ts';
import { fit, fitLine, type Line, type Span, span, widthOfText } from '../line.ts';
import { numberText } from '../notation.ts';
import { glyphs, type Theme } from '../theme/theme.ts';
import { windowPlaces } from './arithmetic.ts';
import { indices, windowTurning } from './heatmap.ts';

const LABEL = 10;
const LEVELS = 8;

/** Three rows: timesteps, tokens or values, and how large the layer's output is. Time runs left to right; what is ahead of the cursor is dim. */
export function timelineLines(session: OpenSession, width: number, theme: Theme): Line[] {
  const at = position(session);
  const marks = glyphs(theme);
  const { label, texts } = inputTexts(session, at);
  const cell = Math.max(
    4,
    Math.min(at.steps === 1 ? 30 : 12, Math.max(String(at.steps - 1).length, ...texts.map(widthOfText)) + 3),
  );
  const room = Math.max(1, Math.floor((width - LABEL - 2) / cell));
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
      `${fit(mark + texts[timestep], cell - 1)} `,
      used ? (cursor ? 'accent' : ahead ? 'muted' : undefined) : 'masked',
      { bold: cursor },
    );
  });
  const sizes = outputSizes(at);
  const largest = Math.max(...sizes.norms.filter(Number.isFinite), 1e-300);
  const bars = columns.map(({ step }) => {
    const ahead = !isReached(at, step, sizes.stage);
    const level = Math.min(LEVELS, Math.max(1, Math.ceil((sizes.norms[step] / largest) * LEVELS)));
    const hidden = ahead && !session.wholeRun;
    return span(
      fit(`  ${hidden ? marks.future : Number.isFinite(sizes.norms[step]) ? marks.column[level] : '!'}`, cell),
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

/** What stands at each timestep: words, indices, values, or how large the features are. */
function inputTexts(session: OpenSession, at: Position): { label: string; texts: string[] } {
  const input = timelineInput(at);
  const source = input ?? at.callTrace.input;
  const timesteps = Array.from({ length: at.steps }, (_, timestep) => timestep);
  const { layer } = at.callTrace.call;
  if (layer.kind === 'conv1d' || layer.kind === 'pooling1d')
    return { label: 'window t', texts: timesteps.map((step) => windowText(windowPlaces({ ...at, step }))) };
  // The layer's own steps: no row of its input is theirs.
  if (input === null && at.steps > 1 && rowsOf(source) !== at.steps)
    return { label: '', texts: timesteps.map(() => '') };
  const isIndices =
    input?.shape.length === 1 &&
    at.trace.calls.some(
      ({ call, input: read }) => call.layer.kind === 'embedding' && read.data.length === input.data.length,
    );
  if (isIndices) {
    const words = session.subject.words !== null;
    return {
      label: words ? 'tokens' : 'index',
      texts: timesteps.map(
        (t) => tokenAt(session, at, t) ?? (words && source.data[t] === 0 ? 'pad' : String(source.data[t])),
      ),
    };
  }
  if (source.shape.length < 2 && at.steps === 1)
    return { label: 'input', texts: [`${source.data.length} number${source.data.length === 1 ? '' : 's'}`] };
  const features = source.data.length / at.steps;
  if (features === 1) return { label: 'x', texts: timesteps.map((t) => numberText(source.data[t], 7, 3)) };
  return {
    label: '‖x‖',
    texts: timesteps.map((t) => numberText(norm(source.data.subarray(t * features, (t + 1) * features)), 6, 2)),
  };
}

/** `2–4`: the first and the last timestep that a window sees. */
function windowText(places: readonly number[] | null): string {
  const inside = places?.filter((place) => place >= 0) ?? [];
  return inside.length > 1 ? `${inside[0]}–${inside.at(-1)}` : String(inside[0] ?? '');
}

function outputSizes(at: Position): { label: string; stage: number; norms: number[] } {
  const { callTrace, steps } = at;
  const symbol = 'h' in callTrace.quantities ? 'h' : 'y';
  const output = callTrace.quantities[symbol] ?? callTrace.input;
  const stage = at.equations.findIndex((equation) => equation.symbol === symbol);
  return { label: stage >= 0 ? `‖${symbol}‖` : '‖x‖', stage, norms: normsOf(output, steps) };
}

const known = new WeakMap<Tensor, number[]>();

function normsOf(output: Tensor, steps: number): number[] {
  let norms = known.get(output);
  if (norms?.length !== steps) {
    const width = output.data.length / steps;
    norms = Array.from({ length: steps }, (_, step) => norm(output.data.subarray(step * width, (step + 1) * width)));
    known.set(output, norms);
  }
  return norms;
}
