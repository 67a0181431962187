import { kindOf } from '../../layers/kinds.ts';
import type { Layer } from '../../layers/layer.ts';
import { shapeText } from '../../math/tensor.ts';
import { callName } from '../../model/graph.ts';
import { position } from '../../session/selectors.ts';
import type { OpenSession } from '../../session/session.ts';
import { fit, fitLine, type Line, span, widthOfText } from '../line.ts';
import { glyphs, type Theme } from '../theme/theme.ts';
import { indices, windowAround } from './heatmap.ts';

/** The layers in the order in which they run, with the shape of what each returns (without the batch axis), and the arguments of the chosen one. */
export function modelLines(session: OpenSession, width: number, height: number, theme: Theme): Line[] {
  const { callIndex, trace, callTrace } = position(session);
  const marks = glyphs(theme);
  const focused = session.focus === 'model';
  const flags = argumentsOf(callTrace.call.layer).flatMap(([name, value]) => argumentLines(name, value, width));
  // Layers come first; of the arguments those that are left room for.
  const room = Math.max(1, height - Math.min(flags.length, Math.max(0, height - trace.calls.length - 1)) - 1);
  const shown = windowAround(callIndex, Math.min(room, trace.calls.length), trace.calls.length);
  const layers = indices(shown).map((at): Line => {
    const { call } = trace.calls[at];
    const shape = shapeText(call.outputShapes[0]);
    const chosen = at === callIndex;
    const name = fit(`${chosen ? marks.cursor : ' '} ${callName(call)}`, Math.max(4, width - widthOfText(shape) - 2));
    return fitLine(
      [
        ' ',
        span(name, chosen ? 'accent' : undefined, { bold: chosen, inverse: chosen && focused }),
        span(shape, 'muted'),
      ],
      width,
    );
  });
  const rest = trace.calls.length - shown.count;
  const more: Line[] = rest > 0 ? [[span(`   ${marks.ellipsis} ${rest} more`, 'muted')]] : [];
  return [...layers, ...more, ...(flags.length > 0 ? [[], ...flags] : [])]
    .slice(0, height)
    .map((line) => fitLine(line, width));
}

/** The model in one line, for small screens: `tokens › embedding_1 › ▸lstm_1 › …`. */
export function crumbLine(session: OpenSession, width: number, theme: Theme): Line {
  const { callIndex, trace } = position(session);
  const marks = glyphs(theme);
  const crumb = (at: number) =>
    at === callIndex ? `${marks.cursor}${callName(trace.calls[at].call)}` : callName(trace.calls[at].call);
  let [from, to] = [callIndex, callIndex];
  const wide = () => {
    const names = Array.from({ length: to - from + 1 }, (_, n) => crumb(from + n));
    return widthOfText(names.join(` ${marks.crumb} `)) + 10;
  };
  while (wide() < width && (from > 0 || to < trace.calls.length - 1)) {
    if (to < trace.calls.length - 1 && (to - callIndex <= callIndex - from || from === 0)) to++;
    else from--;
    if (wide() >= width) {
      if (to - callIndex > callIndex - from) to--;
      else from++;
      break;
    }
  }
  const parts: Line[number][] = [' ', from > 0 ? span(`${marks.ellipsis} ${marks.crumb} `, 'muted') : ''];
  for (let at = from; at <= to; at++) {
    parts.push(
      span(crumb(at), at === callIndex ? 'accent' : undefined, {
        bold: at === callIndex,
        inverse: at === callIndex && session.focus === 'model',
      }),
    );
    if (at < to) parts.push(span(` ${marks.crumb} `, 'muted'));
  }
  if (to < trace.calls.length - 1) parts.push(span(` ${marks.crumb} ${marks.ellipsis}`, 'muted'));
  return fitLine(parts, width);
}

/** Name and value on one line where both fit, else the value under the name. */
function argumentLines(name: string, value: string, width: number): Line[] {
  const room = width - 2 - widthOfText(value) - 1;
  if (widthOfText(name) <= room) return [[' ', span(fit(name, room), 'muted'), ' ', value]];
  return [
    [' ', span(name, 'muted')],
    [' ', fit(value, width - 2, 'right')],
  ];
}

/** Those of Keras's arguments that say how the layer behaves. */
function argumentsOf(layer: Layer): [string, string][] {
  const python = (flag: boolean) => (flag ? 'True' : 'False');
  const kind: [string, string] = [kindOf(layer).className(layer), ''];
  switch (layer.kind) {
    case 'lstm':
      return [
        kind,
        ['units', String(layer.units)],
        ['activation', layer.activation],
        ['recurrent_activation', layer.recurrentActivation],
        ['return_sequences', python(layer.returnSequences)],
        ['return_state', python(layer.returnState)],
        ...(layer.goBackwards ? [['go_backwards', 'True'] as [string, string]] : []),
        ...(layer.stateful ? [['stateful', 'True'] as [string, string]] : []),
        ...(layer.zeroOutputForMask ? [['zero_output_for_mask', 'True'] as [string, string]] : []),
        ...(layer.useBias ? [] : [['use_bias', 'False'] as [string, string]]),
      ];
    case 'embedding':
      return [
        kind,
        ['input_dim', String(layer.inputDim)],
        ['output_dim', String(layer.outputDim)],
        ['mask_zero', python(layer.maskZero)],
        ['trainable', python(layer.trainable)],
      ];
    case 'dense':
      return [
        kind,
        ['units', String(layer.units)],
        ['activation', layer.activation],
        ['use_bias', python(layer.useBias)],
      ];
    case 'dropout':
      return [kind, ['rate', String(layer.rate)]];
    case 'activation':
      return [kind, ['activation', layer.activation]];
    case 'masking':
      return [kind, ['mask_value', String(layer.maskValue)]];
    default:
      return [kind];
  }
}
