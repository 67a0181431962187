import type { Layer, RecurrentLayer } from '../layers/layer.ts';
import { windowAt } from '../layers/windows.ts';
import { numberAt, type Rows, row, rowsOf, shapeText, widthOf } from '../math/tensor.ts';
import { counted, percent, plain, signed } from './explain-words.ts';
import { seenAt } from './seen.ts';
import { type Position, tokenAt } from './selectors.ts';
import type { Subject } from './session.ts';

/** The sentence about a layer that is not recurrent. */
export function explainLayer(subject: Subject, at: Position, layer: Exclude<Layer, RecurrentLayer>): string {
  const { callTrace, unit } = at;
  const { input, inputs } = callTrace;
  switch (layer.kind) {
    case 'input':
      return explainInput(subject, at);
    case 'embedding': {
      const index = numberAt(input, at.timestep);
      const word = tokenAt({ subject }, at, at.timestep);
      const name = word === null ? `index ${index}` : `word ${index} “${word}”`;
      if (layer.maskZero && index === 0)
        return 'index 0 is padding: row 0 is looked up all the same, and the layers after it skip this timestep.';
      return `${name} is row ${index} of the matrix: ${counted(layer.outputDim, 'number')}, copied.`;
    }
    case 'dense':
      return sumSentence(at, 'unit', widthOf(input), layer);
    case 'conv1d': {
      const window = windowText(at, layer, layer.kernelSize);
      return sumSentence(at, 'filter', layer.kernelSize * featuresOf(input, layer), layer, ` over ${window}`);
    }
    case 'dropout':
      return `${allOf(at.units)} passed on: ${layer.name} drops ${percent(layer.rate)} of them only while training.`;
    case 'identity':
      return `${allOf(at.units)} passed on: ${layer.className} acts only while training.`;
    case 'activation': {
      const [x, y] = [row(input, at.step)[unit], valueAt(at, 'y')];
      return `${layer.activation} makes ${plain(y)} of ${signed(x)}.`;
    }
    case 'softmax':
      return `softmax makes shares of 1 of ${counted(at.units, 'number')}: this one gets ${percent(valueAt(at, 'y'))}.`;
    case 'prelu': {
      const x = seenNumber(at, 'x');
      const alpha = seenNumber(at, 'alpha');
      return x < 0
        ? `${signed(x)} is negative: it is multiplied by α = ${plain(alpha)}, which was learned.`
        : `${signed(x)} is not negative: it is passed on.`;
    }
    case 'flatten':
      return `number ${unit} of ${at.units} is ${placeText(unit, input.shape)} of the input ${shapeText(input.shape)}: nothing is computed.`;
    case 'masking':
      return row(callTrace.quantities.m, at.step)[0] === 1
        ? `a feature differs from mask_value ${layer.maskValue}: the timestep is used.`
        : `all features equal mask_value ${layer.maskValue}: the layers after it skip this timestep.`;
    case 'repeat_vector':
      return `the ${counted(widthOf(input), 'number')} of x, copy ${at.step + 1} of ${layer.n}.`;
    case 'reshape':
    case 'permute':
      return `${shapeText(input.shape)} becomes ${shapeText(callTrace.call.outputShapes[0])}: the same numbers, ${layer.kind === 'permute' ? 'axes in another order' : 'in the same order'}.`;
    case 'slice':
      return layer.index === undefined
        ? `part of axis ${layer.axis} goes on: ${shapeText(callTrace.returns[0].shape)} of ${shapeText(input.shape)}.`
        : `place ${layer.index} of axis ${layer.axis} goes on, the rest is left: ${shapeText(callTrace.returns[0].shape)} of ${shapeText(input.shape)}.`;
    case 'zero_padding1d': {
      const from = at.step - layer.padding[0];
      return from < 0 || from >= rowsOf(input)
        ? `timestep ${at.step} is padding: zeros that were not in the input.`
        : `timestep ${at.step} is the input’s timestep ${from}.`;
    }
    case 'cropping1d':
      return `timestep ${at.step} is the input’s timestep ${at.step + layer.cropping[0]}: ${layer.cropping[0]} before it and ${layer.cropping[1]} at the end are cut off.`;
    case 'up_sampling1d':
      return `timestep ${at.step} is the input’s timestep ${Math.floor(at.step / layer.size)}, which is there ${layer.size} times.`;
    case 'pooling1d': {
      const window = windowText(at, layer, layer.poolSize);
      const result = plain(valueAt(at, 'y'));
      return `feature ${unit}: ${layer.operation === 'max' ? 'the largest' : 'the mean'} of ${window} is ${result}.`;
    }
    case 'global_pooling1d': {
      const result = plain(valueAt(at, 'y'));
      const count = layer.dataFormat === 'channels_first' ? widthOf(input) : rowsOf(input);
      return `feature ${unit}: ${layer.operation === 'max' ? 'the largest' : 'the mean'} of all ${count} timesteps is ${result}.`;
    }
    case 'conv2d': {
      const [rows, columns] = layer.kernelSize;
      const features = (layer.dataFormat === 'channels_first' ? input.shape[0] : widthOf(input)) / layer.groups;
      return sumSentence(at, 'filter', rows * columns * features, layer, ` over ${rows} × ${columns} pixels`);
    }
    case 'pooling2d':
      return `channel ${unit}: ${layer.operation === 'max' ? 'the largest' : 'the mean'} of ${layer.poolSize.join(' × ')} pixels is ${plain(valueAt(at, 'y'))}.`;
    case 'global_pooling2d':
      return `channel ${unit}: ${layer.operation === 'max' ? 'the largest' : 'the mean'} of all pixels is ${plain(valueAt(at, 'y'))}.`;
    case 'reduction':
      return `${REDUCED[layer.operation]} of ${seenAt(at).n} numbers along axis ${layer.axis.join(' and ')} is ${signed(valueAt(at, 'y'))}.`;
    case 'normalization': {
      const [mean, variance] = [signed(seenNumber(at, 'mu')), plain(seenNumber(at, 'variance'))];
      const becomes = `number ${unit}: ${signed(seenNumber(at, 'x'))} becomes ${signed(valueAt(at, 'y'))}`;
      return layer.invert
        ? `${becomes}, in the scale of the data again: times √${variance}, plus the mean ${mean}.`
        : `${becomes}: the mean ${mean} of the data is taken off, then it is divided by √${variance}.`;
    }
    case 'rescaling':
      return `number ${unit}: ${signed(seenNumber(at, 'x'))} becomes ${signed(valueAt(at, 'y'))}: times ${plain(seenNumber(at, 'scale'))}, plus ${plain(seenNumber(at, 'offset'))}.`;
    case 'batch_normalization':
      return `feature ${unit}: ${signed(seenNumber(at, 'x'))} becomes ${signed(valueAt(at, 'y'))}, with the mean ${plain(layer.weights.movingMean.data[unit])} and variance ${plain(layer.weights.movingVariance.data[unit])} of the training data.`;
    case 'layer_normalization': {
      const { mu, variance } = callTrace.quantities;
      const [mean, spread] = [numberAt(mu, at.step), numberAt(variance, at.step)];
      const { symbol } = at.equations[at.stage];
      if (symbol === 'mu') return `the mean of these ${at.units} numbers is ${signed(mean)}.`;
      if (symbol === 'variance')
        return `their variance is ${plain(spread)}: how far they are from the mean ${signed(mean)}.`;
      return `number ${unit}: ${signed(seenNumber(at, 'x'))} becomes ${signed(valueAt(at, 'y'))}; the mean ${signed(mean)} is taken off, then it is divided by √${plain(spread)}.`;
    }
    case 'merge':
      return explainMerge(at, layer.operation, inputs.length);
    case 'affine':
      return `number ${unit}: ${signed(seenNumber(at, 'x'))} becomes ${signed(valueAt(at, 'y'))}, with constants of the file.`;
    case 'bidirectional':
      return explainBidirectional(at, layer.mergeMode, layer.returnSequences);
    case 'time_distributed':
      return `timestep ${Math.floor((at.step * input.shape[0]) / at.steps)} goes through ${layer.inner.kind.replaceAll('_', ' ')} by itself; number ${unit} is ${signed(valueAt(at, at.equations[at.stage]?.symbol ?? 'y'))}.`;
    case 'attention':
    case 'multi_head_attention':
      return explainAttention(at);
    default:
      return generalSentence(at);
  }
}

/** What can be said of any layer. */
function generalSentence(at: Position): string {
  const { symbol, meaning } = at.equations[at.stage] ?? { symbol: 'y', meaning: 'output' };
  return `${meaning}: number ${at.unit} is ${signed(valueAt(at, symbol))}.`;
}

function explainInput(subject: Subject, at: Position): string {
  const word = tokenAt({ subject }, at, at.timestep);
  const { input } = at.callTrace;
  if (word !== null) return `timestep ${at.timestep} is word ${numberAt(input, at.timestep)}, “${word}”.`;
  if (input.shape.length < 2) return `number ${at.timestep} of the input is ${plain(numberAt(input, at.timestep))}.`;
  const features = row(input, at.timestep);
  return features.length === 1
    ? `the input at timestep ${at.timestep} is ${plain(features[0])}.`
    : `timestep ${at.timestep} brings ${features.length} features; number ${at.unit} is ${plain(features[at.unit])}.`;
}

const allOf = (count: number) => (count === 1 ? 'the one number is' : `all ${count} numbers are`);

function sumSentence(
  at: Position,
  unitName: string,
  products: number,
  layer: { readonly useBias: boolean; readonly activation: string },
  over = '',
): string {
  const sum = `${unitName} ${at.unit} sums ${counted(products, 'product')}${over}${layer.useBias ? ' and its bias' : ''} to ${signed(valueAt(at, 'z'))}`;
  if (at.equations[at.stage].symbol === 'z') return `${sum}.`;
  return layer.activation === 'linear'
    ? `${sum}; that is its output.`
    : `${sum}; ${layer.activation} makes it ${plain(valueAt(at, 'y'))}.`;
}

const REDUCED = {
  sum: 'the sum',
  mean: 'the mean',
  max: 'the largest',
  min: 'the smallest',
  argmax: 'the place, from 0, of the largest',
  argmin: 'the place, from 0, of the smallest',
} as const;

const MERGED = {
  add: 'added',
  subtract: 'subtracted',
  multiply: 'multiplied',
  average: 'averaged',
  maximum: 'compared; the largest is kept',
  minimum: 'compared; the smallest is kept',
} as const;

function explainMerge(at: Position, operation: keyof typeof MERGED | 'concatenate' | 'dot', count: number): string {
  const y = signed(valueAt(at, at.equations[at.stage]?.symbol ?? 'y'));
  if (operation === 'dot') return `number ${at.unit}: products of the two inputs are summed to ${y}.`;
  if (operation === 'concatenate')
    return `number ${at.unit} of ${at.units} is ${y}: ${count} inputs stand one after the other.`;
  const numbers = Array.from({ length: Math.min(count, 4) }, (_, n) => signed(seenNumber(at, `x_${n + 1}`)));
  return `number ${at.unit}: ${numbers.join(' and ')}${count > 4 ? ', …' : ''} are ${MERGED[operation]}: ${y}.`;
}

function explainBidirectional(at: Position, mergeMode: string | null, isSequence: boolean): string {
  const [forward, backward] = at.callTrace.inputs;
  const width = widthOf(forward);
  const count = isSequence ? rowsOf(backward) : null;
  const seen = (way: 'forward' | 'backward') => {
    if (count === null) return `the ${way} layer’s last h`;
    const timesteps = way === 'forward' ? at.timestep + 1 : count - at.timestep;
    return `the ${way} layer, which has seen ${timesteps} of ${count} timesteps`;
  };
  const value = signed(valueAt(at, at.equations[at.stage].symbol));
  if (mergeMode === 'concat') {
    const isForward = at.unit < width;
    return `number ${at.unit} is unit ${isForward ? at.unit : at.unit - width} of ${seen(isForward ? 'forward' : 'backward')}: ${value}.`;
  }
  if (mergeMode === null)
    return `both are returned by themselves; this is ${value}, of ${seen(at.stage === 0 ? 'forward' : 'backward')}.`;
  const words = { sum: 'added', mul: 'multiplied', ave: 'averaged' } as Readonly<Record<string, string>>;
  return `unit ${at.unit}: ${signed(seenNumber(at, 'x_1'))} forward and ${signed(seenNumber(at, 'x_2'))} backward are ${words[mergeMode]}: ${value}.`;
}

function explainAttention(at: Position): string {
  const { symbol, meaning } = at.equations[at.stage];
  const head = /_(\d+)$/.exec(symbol)?.[1];
  const weights = at.callTrace.quantities[head ? `a_${head}` : 'a'] as Rows | undefined;
  if (/^s/.test(symbol))
    return `timestep ${at.timestep} asks, and timestep ${at.unit} answers with the score ${signed(valueAt(at, symbol))}.`;
  if (!weights) return `${meaning}: number ${at.unit} is ${signed(valueAt(at, symbol))}.`;
  const shares = row(weights, at.step);
  const most = shares.indexOf(Math.max(...shares));
  const looks = `timestep ${at.timestep} looks most at timestep ${most} (${percent(shares[most])})`;
  if (/^a/.test(symbol))
    return `${looks}${most === at.unit ? '' : `, at timestep ${at.unit} with ${percent(shares[Math.min(at.unit, shares.length - 1)])}`}.`;
  return `${looks}; the values, weighted so, give number ${at.unit}: ${signed(valueAt(at, symbol))}.`;
}

/** `timesteps 2 to 4`, and how much of the window is padding. */
function windowText(
  { callTrace, step }: Position,
  layer: Extract<Layer, { kind: 'conv1d' | 'pooling1d' }>,
  size: number,
): string {
  const timesteps = callTrace.input.shape[layer.dataFormat === 'channels_first' ? 1 : 0];
  const places = windowAt({ ...layer, size }, timesteps, step) ?? [];
  const inside = places.filter((place) => place >= 0);
  const padding = places.length - inside.length;
  const seen = inside.length > 1 ? `timesteps ${inside[0]} to ${inside.at(-1)}` : `timestep ${inside[0]}`;
  return padding > 0 ? `${seen} and ${padding} of padding` : seen;
}

function featuresOf(input: Pick<Rows, 'shape'>, { dataFormat, groups }: Extract<Layer, { kind: 'conv1d' }>): number {
  return (dataFormat === 'channels_first' ? input.shape[0] : widthOf(input)) / groups;
}

function valueAt({ callTrace, step, unit }: Position, symbol: string): number {
  const quantity = callTrace.quantities[symbol];
  return row(quantity, step)[Math.min(unit, widthOf(quantity) - 1)];
}

/** The chosen unit of what the equations see under this name. */
function seenNumber(at: Position, name: string): number {
  const value = seenAt(at)[name];
  if (typeof value === 'number') return value;
  return value ? value.data[Math.min(at.unit, value.data.length - 1)] : Number.NaN;
}

function placeText(index: number, shape: readonly number[]): string {
  const places: number[] = [];
  let rest = index;
  for (const length of [...shape].reverse()) {
    places.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return `[${places.join(', ')}]`;
}
