import { kindOf } from '../../layers/kinds.ts';
import type { Layer, LstmLayer } from '../../layers/layer.ts';
import { shapeText } from '../../math/tensor.ts';
import { type Call, callName, type Model, type Ref } from '../../model/graph.ts';
import { position } from '../../session/selectors.ts';
import type { OpenSession } from '../../session/session.ts';
import { wrap } from '../components/wrap.ts';
import { fit, fitLine, fitName, type Line, span, widthOfText } from '../line.ts';
import { glyphs, type Theme } from '../theme/theme.ts';
import { indices, windowAround } from './heatmap.ts';
import { modelRows } from './model-rows.ts';

/**
 * The layers in the order in which they run, under the wrappers that they are part of, with the shape of what each returns (without the batch axis);
 * what is left out and why; and the arguments of the chosen layer.
 */
export function modelLines(session: OpenSession, width: number, height: number, theme: Theme): Line[] {
  const { callIndex, trace, callTrace } = position(session);
  const { model } = session.subject.recording;
  const marks = glyphs(theme);
  const focused = session.focus === 'model';
  const rows = modelRows(model, theme);
  const flags = [...sourceArguments(callTrace.call, callIndex, model), ...argumentsOf(callTrace.call.layer)].flatMap(
    ([name, value]) => argumentLines(name, value, width),
  );
  // Layers come first, then what is missing; of the arguments those that are left room for.
  const unused = height - rows.length - (flags.length > 0 ? flags.length + 1 : 0);
  const missing = incompleteLines(model, width, Math.max(Math.floor(height / 3), unused), focused, theme);
  const space = height - missing.length;
  const room = Math.max(1, space - Math.min(flags.length, Math.max(0, space - rows.length - 1)) - 1);
  const chosenRow = rows.findIndex(({ call }) => call === callIndex);
  const shown = windowAround(chosenRow, Math.min(room, rows.length), rows.length);
  const layers = indices(shown).map((at): Line => {
    const { call, branch, name, wrapper } = rows[at];
    if (call === null)
      return fitLine([` ${' '.repeat(2)}${branch}`, span(`${name} · ${wrapper?.className ?? ''}`, 'muted')], width);
    const shape = shapeText(trace.calls[call].call.outputShapes[0]);
    const chosen = call === callIndex;
    const room = Math.max(4, width - widthOfText(shape) - 2);
    const before = `${chosen ? marks.cursor : ' '} ${branch}`;
    // A name that fills its column keeps a blank before the shape.
    const label = `${before}${fitName(name, room - widthOfText(before) - 1)} `;
    return fitLine(
      [
        ' ',
        span(label, chosen ? 'accent' : undefined, { bold: chosen, inverse: chosen && focused }),
        span(shape, 'muted'),
      ],
      width,
    );
  });
  const rest = rows.length - shown.count;
  const more: Line[] = rest > 0 ? [[span(`   ${marks.ellipsis} ${rest} more`, 'muted')]] : [];
  return [...layers, ...more, ...missing, ...(flags.length > 0 ? [[], ...flags] : [])]
    .slice(0, height)
    .map((line) => fitLine(line, width));
}

/** Layers that are left out, with a mark, and how many more there are; why, where one looks into this panel or there is only one of them. */
function incompleteLines({ incomplete }: Model, width: number, height: number, focused: boolean, theme: Theme): Line[] {
  const marks = glyphs(theme);
  const entries = incomplete.map(({ layer, class: className, reason }): Line[] => [
    [span(` ${marks.warning} ${withClass(layer, className, width - 3)}`, 'warning')],
    ...(focused || incomplete.length === 1
      ? wrap(reason, width - 4).map((line): Line => [span(`   ${line}`, 'muted')])
      : []),
  ]);
  const lines = entries.flat();
  if (lines.length <= height || incomplete.length === 1) return lines.slice(0, Math.max(0, height));
  if (height < 1) return [];
  const shown: Line[] = [];
  let count = 0;
  while (shown.length + entries[count].length < height) shown.push(...entries[count++]);
  const rest = entries.length - count;
  const more = count > 0 ? `${marks.ellipsis} ${rest} more left out` : `${rest} left out`;
  return [...shown, [span(` ${marks.warning} ${more}`, 'warning')]];
}

/** The name with the class behind it; the class gives way where both do not fit and the name alone does not either. */
function withClass(name: string, className: string, width: number): string {
  const both = `${name} · ${className}`;
  return widthOfText(name) < width - 3 ? both : fitName(name, width);
}

/** Where a layer's inputs come from, where that is not the layer above it alone. */
function sourceArguments({ inputs, states }: Call, index: number, { calls }: Model): [string, string][] {
  const name = ({ call, output }: Ref) => `${callName(calls[call])}${output > 0 ? `:${output}` : ''}`;
  const isNext = inputs.length === 1 && inputs[0].call === index - 1 && inputs[0].output === 0;
  const from = isNext
    ? []
    : inputs.map((ref, n): [string, string] => [inputs.length > 1 ? `input ${n + 1}` : 'input', name(ref)]);
  return [...from, ...states.map((ref, n): [string, string] => [n === 0 ? 'initial h' : 'initial c', name(ref)])];
}

/** The model in one line, for small screens: `tokens › embedding_1 › ▸lstm_1 › …`. */
export function crumbLine(session: OpenSession, width: number, theme: Theme): Line {
  const { callIndex, trace } = position(session);
  const marks = glyphs(theme);
  // A long name leaves room for its neighbours.
  const longest = Math.max(12, Math.floor(width / 3));
  const crumb = (at: number) => {
    const name = callName(trace.calls[at].call);
    const short = fitName(name, Math.min(longest, widthOfText(name)));
    return at === callIndex ? `${marks.cursor}${short}` : short;
  };
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
    [' ', widthOfText(value) > width - 2 ? fitName(value, width - 2) : fit(value, width - 2, 'right')],
  ];
}

/** Those of Keras's arguments that say how the layer behaves. */
function argumentsOf(layer: Layer): [string, string][] {
  const python = (flag: boolean) => (flag ? 'True' : 'False');
  const kind: [string, string] = [kindOf(layer).className(layer), ''];
  switch (layer.kind) {
    case 'lstm':
    case 'gru':
    case 'simple_rnn':
      return [
        kind,
        ['units', String(layer.units)],
        ['activation', layer.activation],
        ...(layer.kind === 'simple_rnn'
          ? []
          : [['recurrent_activation', layer.recurrentActivation] as [string, string]]),
        ...(layer.kind === 'gru' ? [['reset_after', python(layer.resetAfter)] as [string, string]] : []),
        ['return_sequences', python(layer.returnSequences)],
        ['return_state', python(layer.returnState)],
        ...(layer.goBackwards ? [['go_backwards', 'True'] as [string, string]] : []),
        ...(layer.stateful ? [['stateful', 'True'] as [string, string]] : []),
        ...(layer.zeroOutputForMask ? [['zero_output_for_mask', 'True'] as [string, string]] : []),
        ...(layer.useBias ? [] : [['use_bias', 'False'] as [string, string]]),
        ...(layer.kind === 'lstm' ? variations(layer) : []),
      ];
    case 'conv1d':
      return [
        kind,
        ['filters', String(layer.filters)],
        ['kernel_size', String(layer.kernelSize)],
        ['strides', String(layer.strides)],
        ['padding', layer.padding],
        ...(layer.dilationRate > 1 ? [['dilation_rate', String(layer.dilationRate)] as [string, string]] : []),
        ['activation', layer.activation],
      ];
    case 'pooling1d':
      return [
        kind,
        ['pool_size', String(layer.poolSize)],
        ['strides', String(layer.strides)],
        ['padding', layer.padding],
      ];
    case 'bidirectional':
      return [kind, ['merge_mode', layer.mergeMode ?? 'None']];
    case 'attention':
      return [kind, ['score', layer.score], ['causal', python(layer.causal)]];
    case 'multi_head_attention':
      return [
        kind,
        ['num_heads', String(layer.numHeads)],
        ['key_dim', String(layer.keyDim)],
        ['causal', python(layer.causal)],
      ];
    case 'batch_normalization':
    case 'layer_normalization':
      return [kind, ['axis', String(layer.axis)], ['epsilon', String(layer.epsilon)]];
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

/** What an LSTM of ONNX or PyTorch has and Keras has not. */
function variations({ clip, inputForget, usePeepholes, projectionUnits }: LstmLayer): [string, string][] {
  const all: [string, string | undefined][] = [
    ['clip', clip === undefined ? undefined : `±${clip}`],
    ['input_forget', inputForget && 'f = 1 − i'],
    ['peepholes', usePeepholes && 'yes'],
    ['projection', projectionUnits === undefined ? undefined : `${projectionUnits} units`],
  ];
  return all.filter((entry): entry is [string, string] => entry[1] !== undefined);
}
