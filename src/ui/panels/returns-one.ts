import { kindOf } from '../../layers/kinds.ts';
import type { Layer } from '../../layers/layer.ts';
import { numberAt, rowsOf, shapeText, sizeOf, whole, widthOf } from '../../math/tensor.ts';
import { outputNames } from '../../model/graph.ts';
import { isReached, type Position, tokenAt } from '../../session/selectors.ts';
import type { OpenSession } from '../../session/session.ts';
import { isWhole } from '../../trace/statistics.ts';
import { fit, fitLine, type Line, span } from '../line.ts';
import { numberCell } from '../notation.ts';
import { glyphs, type Theme } from '../theme/theme.ts';
import { indices, windowAround } from './heatmap.ts';
import { kerasLines } from './keras-line.ts';
import { rowValues, type SequenceRow, sequenceLines, vectorText } from './returned-rows.ts';
import type { ViewProps } from './view.ts';

/** The one tensor that a layer without states returns, filling up with the timesteps; the mask it hands on; the Keras line. */
export function oneTensorLines(props: ViewProps, at: Position): Line[] {
  const { session, width, height, theme } = props;
  const { callTrace, steps } = at;
  const { call, returns } = callTrace;
  const [tensor] = returns;
  const name = kindOf(call.layer).className(call.layer);
  const symbol = call.layer.kind === 'input' ? 'x' : 'y';
  const others = returns.slice(1);
  const names = outputNames(call);
  const head: Line = [
    ` ${name} returns ${others.length === 0 ? 'one tensor' : `${returns.length} tensors`}:  `,
    span(symbol, 'accent', { bold: true }),
    span(`   ${shapeText([1, ...tensor.shape])}`, 'muted'),
    ...others.flatMap(
      (other, n): Line => [span(`   ${names[n + 1]}`, 'accent'), span(` ${shapeText([1, ...other.shape])}`, 'muted')],
    ),
  ];
  const last = at.equations.length === 0 || isReached(at, steps - 1, at.equations.length - 1) || session.wholeRun;
  const after: Line[] = [
    ...(height > 12
      ? others
          .slice(0, Math.max(0, Math.floor(height / 3)))
          .map((other, n) => otherLine(names[n + 1], whole(other).data, last, width))
      : []),
    maskLine(at, width, theme),
    ...effectLines(call.layer),
    ...kerasLines(call, width, height),
  ];
  const room = Math.max(1, height - 1 - after.length - (height > 10 ? 2 : 0));
  const gap: Line[] = height > 10 ? [[]] : [];
  const body =
    rowsOf(tensor) === steps && steps > 1 ? timestepLines(props, at, room) : vectorLines(session, at, room, width);
  return [head, ...gap, ...body, ...gap, ...after].map((line) => (line.length > 12 ? line : fitLine(line, width)));
}

/** A tensor that is returned besides the first: as many of its numbers as fit, once they are there. */
function otherLine(name: string, values: ArrayLike<number>, isThere: boolean, width: number): Line {
  const label = ` ${name} `;
  const room = Math.max(0, width - label.length - 1);
  return [span(label, 'hidden'), isThere ? vectorText(values, room) : span('not yet', 'warning')];
}

function timestepLines({ session, theme, width }: ViewProps, at: Position, room: number): Line[] {
  const [tensor] = at.callTrace.returns;
  const lastStage = at.equations.length - 1;
  const padding = glyphs(theme).masked.repeat(2);
  const rowAt = (step: number): SequenceRow => {
    const word = tokenAt(session, at, step);
    const skipped = at.callTrace.outputMask?.[step] === 0;
    return {
      label: `t${String(step).padStart(String(at.steps - 1).length)} ${word ?? (skipped ? padding : '')}`,
      reached: isReached(at, step, lastStage),
      atCursor: step === at.step,
      ...(skipped && { tone: 'masked' }),
      values: rowValues(tensor, step),
    };
  };
  return sequenceLines(indices(windowAround(at.step, room, at.steps)).map(rowAt), width, session.wholeRun);
}

/** A tensor without timesteps, or one row of it: as many numbers in a line as fit, each line with the index of its first. */
function vectorLines(session: OpenSession, at: Position, room: number, width: number): Line[] {
  const [tensor] = at.callTrace.returns;
  if (at.equations.length > 0 && !isReached(at, 0, at.equations.length - 1) && !session.wholeRun)
    return [[span('   not yet', 'warning')]];
  const size = sizeOf(tensor.shape);
  const labelWidth = String(size).length + 5;
  const fitting = Math.max(1, Math.floor((width - labelWidth + 1) / 9));
  const perLine = [20, 10, 5].find((count) => count <= fitting) ?? fitting;
  const count = Math.ceil(size / perLine);
  const chosen = Math.floor(Math.min(at.unit, widthOf(tensor) - 1) / perLine);
  const areWhole = isWhole(tensor);
  const { words } = session.subject;
  const named = at.callTrace.call.layer.kind === 'input' && tensor.shape.length === 1 && words ? words : null;
  return indices(windowAround(chosen, Math.max(1, Math.floor(room / (named ? 2 : 1))), count)).flatMap((n): Line[] => {
    const values = Array.from({ length: Math.min(perLine, size - n * perLine) }, (_, at) =>
      numberAt(tensor, n * perLine + at),
    );
    const cells = values.map((value) => numberCell(value, 8, areWhole ? 0 : 4)).join(' ');
    const under = named ? values.map((value) => fit(named[value] ?? '', 8, 'right')).join(' ') : '';
    return [
      [span(fit(`  [${n * perLine}]`, labelWidth), 'muted'), cells],
      ...(named ? [[' '.repeat(labelWidth), span(under, 'accent')] satisfies Line] : []),
    ];
  });
}

function maskLine({ callTrace, steps }: Position, width: number, theme: Theme): Line {
  const { outputMask, mask } = callTrace;
  const { good, masked } = glyphs(theme);
  if (outputMask) {
    const shown = Math.min(outputMask.length, Math.max(0, width - 34));
    const marks = Array.from(outputMask.subarray(0, shown), (used) => (used ? good : masked)).join('');
    return [
      span(' mask it hands on: ', 'muted'),
      marks,
      span(`${shown < outputMask.length ? '…' : ''}   ${good} use  ${masked} skip`, 'muted'),
    ];
  }
  return [span(mask && steps > 0 ? ' the mask ends here: it hands none on' : ' there is no mask to hand on', 'muted')];
}

/** What a person may expect the layer to do and it does not. */
function effectLines(layer: Layer): Line[] {
  const texts: Partial<Record<Layer['kind'], string | null>> = {
    dense: layer.kind === 'dense' && layer.timeDistributed ? 'every timestep goes through the same Dense.' : null,
    dropout: 'at inference the numbers of x, unchanged.',
    flatten: 'the numbers of x in one row.',
    masking: 'the features of x, 0 where every one of them equals mask_value.',
    identity: 'at inference the numbers of x, unchanged.',
    bidirectional:
      layer.kind === 'bidirectional' && layer.mergeMode === 'concat'
        ? 'forward numbers first, backward numbers after them, at every timestep.'
        : null,
    attention: 'the values, weighted by how well the keys answer the query.',
  };
  const text = texts[layer.kind] ?? null;
  return text === null ? [] : [[span(` ${text}`, 'muted')]];
}
