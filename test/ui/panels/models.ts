import { record } from '../../../src/engines/record.ts';
import type { Layer } from '../../../src/layers/layer.ts';
import { type Rows, type Tensor, tensor } from '../../../src/math/tensor.ts';
import { buildModel } from '../../../src/model/build.ts';
import type { LayerPlan, LayerSpec, WrapperPlan } from '../../../src/model/plan.ts';
import { opened } from '../../../src/session/reduce.ts';
import type { Cursor, OpenSession } from '../../../src/session/session.ts';
import type { EngineName } from '../../../src/trace/trace.ts';
import { type Line, textOf } from '../../../src/ui/line.ts';
import type { ViewLines, ViewProps } from '../../../src/ui/panels/view.ts';
import { decodeFrame, gridToText } from '../../../src/ui/terminal/cells.ts';
import { themeFor } from '../../../src/ui/theme/theme.ts';

/* Small models of every kind of layer, recorded, and what a person reads of a view of them. */

export const plainTheme = themeFor({ env: {}, color: false });
export const colourTheme = themeFor({ env: { COLORTERM: 'truecolor' }, name: 'dark' });

type Partial<L> = { kind: L; name?: string; inputs?: readonly string[]; weights?: Record<string, Rows> } & Record<
  string,
  unknown
>;
export type Spec = Partial<Layer['kind']>;

const defaults: Record<string, object> = {
  lstm: {
    units: 3,
    activation: 'tanh',
    recurrentActivation: 'sigmoid',
    useBias: true,
    returnSequences: false,
    returnState: false,
    goBackwards: false,
    stateful: false,
    unroll: false,
    zeroOutputForMask: false,
    maskedStart: 'zeros',
    dropout: 0,
    recurrentDropout: 0,
  },
  input: { batch: null },
  embedding: { inputDim: 6, outputDim: 4, maskZero: false },
  dense: { units: 2, activation: 'linear', useBias: true, timeDistributed: false },
  dropout: { rate: 0.5 },
  activation: { activation: 'sigmoid' },
  flatten: { dataFormat: 'channels_last' },
  masking: { maskValue: 0 },
  identity: { className: 'GaussianNoise' },
  softmax: { axis: 1 },
  prelu: { sharedAxes: [] },
  repeat_vector: { n: 3 },
  reshape: { targetShape: [3, 4] },
  permute: { dims: [2, 1] },
  slice: { axis: 1, start: 1 },
  zero_padding1d: { padding: [1, 2] },
  cropping1d: { cropping: [1, 1] },
  up_sampling1d: { size: 2 },
  batch_normalization: { axis: -1, epsilon: 0.001, center: true, scale: true },
  layer_normalization: { axis: [-1], epsilon: 0.001, center: true, scale: true },
  conv1d: {
    filters: 2,
    kernelSize: 3,
    strides: 2,
    padding: 'same',
    dilationRate: 1,
    groups: 1,
    dataFormat: 'channels_last',
    activation: 'relu',
    useBias: true,
  },
  depthwise_conv1d: {
    filters: null,
    kernelSize: 3,
    strides: 1,
    padding: 'same',
    dilationRate: 1,
    depthMultiplier: 2,
    dataFormat: 'channels_last',
    activation: 'tanh',
    useBias: true,
  },
  conv1d_transpose: {
    filters: 2,
    kernelSize: 3,
    strides: 2,
    padding: 'same',
    dilationRate: 1,
    outputPadding: null,
    dataFormat: 'channels_last',
    activation: 'linear',
    useBias: true,
  },
  conv2d: {
    filters: 2,
    kernelSize: [3, 2],
    strides: [1, 1],
    padding: 'same',
    dilationRate: [1, 1],
    groups: 1,
    dataFormat: 'channels_last',
    activation: 'relu',
    useBias: true,
  },
  pooling2d: { operation: 'max', poolSize: [2, 2], strides: [2, 2], padding: 'valid', dataFormat: 'channels_last' },
  global_pooling2d: { operation: 'average', keepdims: false, dataFormat: 'channels_last' },
  normalization: { axis: [-1], invert: false },
  rescaling: { scale: [2], offset: [-1] },
  reduction: { operation: 'mean', axis: [1], keepdims: false },
  pooling1d: { operation: 'max', poolSize: 2, strides: 2, padding: 'same', dataFormat: 'channels_last' },
  global_pooling1d: { operation: 'average', keepdims: false, dataFormat: 'channels_last' },
  merge: { operation: 'add' },
  attention: { score: 'dot', useScale: false, causal: true, returnScores: true },
  multi_head_attention: {
    numHeads: 2,
    keyDim: 3,
    valueDim: 2,
    useBias: true,
    causal: false,
    returnScores: false,
    outputDim: null,
  },
  bidirectional: { mergeMode: 'concat', returnSequences: true },
};
defaults.gru = { ...defaults.lstm, resetAfter: true };
defaults.simple_rnn = defaults.lstm;

const initializers = {
  kernel: { kind: 'uniform', minval: -1, maxval: 1 },
  recurrent_kernel: { kind: 'uniform', minval: -1, maxval: 1 },
  bias: { kind: 'uniform', minval: -0.5, maxval: 0.5 },
  embeddings: { kind: 'uniform', minval: -1, maxval: 1 },
  ...Object.fromEntries(
    [
      ...['alpha', 'gamma', 'beta', 'moving_mean', 'peepholes', 'projection', 'output_kernel', 'output_bias'],
      ...['query', 'key', 'value'].flatMap((role) => [`${role}_kernel`, `${role}_bias`]),
    ].map((name) => [name, { kind: 'uniform', minval: -1, maxval: 1 } as const]),
  ),
  depthwise_kernel: { kind: 'uniform', minval: -1, maxval: 1 },
  pointwise_kernel: { kind: 'uniform', minval: -1, maxval: 1 },
  mean: { kind: 'uniform', minval: -1, maxval: 1 },
  variance: { kind: 'uniform', minval: 0.5, maxval: 2 },
  count: { kind: 'constant', value: 0 },
  moving_variance: { kind: 'uniform', minval: 0.5, maxval: 2 },
} as const;

/** A session on a chain of layers, at the last layer and the last timestep unless the cursor says otherwise. */
export async function sessionOf(
  specs: readonly Spec[],
  inputs: readonly Tensor[],
  options: {
    words?: Record<number, string>;
    engine?: EngineName;
    keras?: 1 | 2 | 3;
    wrappers?: readonly WrapperPlan[];
  } = {},
): Promise<OpenSession> {
  const layers = specs.map(
    ({ weights: given, inputs: sources, ...spec }, at): LayerPlan => ({
      spec: { name: `${spec.kind}_${at}`, trainable: true, ...defaults[spec.kind], ...spec } as LayerSpec,
      weights: { given, initializers },
      calls: [{ inputs: sources ?? (at === 0 ? [] : [specs[at - 1].name ?? `${specs[at - 1].kind}_${at - 1}`]) }],
      path: `layers[${at}]`,
    }),
  );
  const { name } = layers[layers.length - 1].spec;
  const model = buildModel({
    name: 'test',
    keras: options.keras ?? 3,
    seed: 4,
    layers,
    outputs: [name],
    wrappers: options.wrappers,
  });
  const recording = await record(model, [inputs], options.engine ?? 'kernel');
  const session = opened({ recording, about: null, words: options.words ?? null, notes: [] }, []);
  return at(session, { call: model.calls.length - 1, step: 1e9 });
}

export function at(
  session: OpenSession,
  cursor: globalThis.Partial<Cursor>,
  change: globalThis.Partial<OpenSession> = {},
): OpenSession {
  return { ...session, ...change, cursor: { ...session.cursor, ...cursor } };
}

/** Numbers between −1 and 1 that repeat from run to run. */
export function numbers(...shape: number[]): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return tensor(
    shape,
    Float64Array.from({ length: size }, (_, n) => Math.sin(7 * n + 1)),
  );
}

/** What a person reads without colours. */
export function shown(view: ViewLines, session: OpenSession, size: globalThis.Partial<ViewProps> = {}): string {
  const props = { session, width: 100, height: 30, theme: plainTheme, ...size };
  return textShown(view(props), props.width, props.height);
}

function textShown(lines: readonly Line[], columns = 200, rows = 60): string {
  const frame = lines.map(textOf).join('\n');
  return gridToText(decodeFrame(frame, { columns, rows, palette: plainTheme }));
}

const sequence: Spec = { kind: 'input', name: 'x', shape: [6, 4] };
const two: Spec[] = [sequence, { kind: 'lstm', name: 'a', units: 4, returnSequences: true }];
const joined = (spec: Spec): Spec[] => [...two, { ...spec, inputs: ['x', 'a'] }];

/** Models in which every kind of layer stands, and the variations that draw otherwise. */
const MODELS: Readonly<Record<string, readonly Spec[]>> = {
  gru: [sequence, { kind: 'gru', returnState: true }],
  'gru, reset before': [sequence, { kind: 'gru', resetAfter: false, goBackwards: true, returnSequences: true }],
  'gru, clipped and masked': [sequence, { kind: 'masking' }, { kind: 'gru', clip: 0.5, returnSequences: true }],
  'simple rnn': [sequence, { kind: 'simple_rnn', returnSequences: true, returnState: true }],
  'lstm with peepholes': [sequence, { kind: 'lstm', usePeepholes: true, clip: 0.3 }],
  'lstm, input_forget': [sequence, { kind: 'lstm', inputForget: true, outputActivation: 'relu' }],
  'lstm, projected': [sequence, { kind: 'lstm', projectionUnits: 2, returnSequences: true, returnState: true }],
  activations: [
    sequence,
    { kind: 'identity' },
    { kind: 'activation', activation: 'leaky_relu(0.3)' },
    { kind: 'prelu' },
    { kind: 'softmax' },
    { kind: 'dense', activation: 'elu' },
  ],
  moves: [
    sequence,
    { kind: 'permute' },
    { kind: 'zero_padding1d' },
    { kind: 'cropping1d' },
    { kind: 'up_sampling1d' },
    { kind: 'slice' },
    { kind: 'slice', name: 'last', index: -1, start: undefined },
    { kind: 'repeat_vector' },
    { kind: 'reshape', targetShape: [2, -1] },
    { kind: 'flatten' },
  ],
  convolution: [sequence, { kind: 'conv1d' }, { kind: 'pooling1d' }, { kind: 'global_pooling1d' }],
  'convolution, causal': [
    sequence,
    { kind: 'conv1d', padding: 'causal', strides: 1, dilationRate: 2, groups: 2 },
    { kind: 'pooling1d', operation: 'average' },
    { kind: 'global_pooling1d', operation: 'max', keepdims: true },
  ],
  scalings: [
    sequence,
    { kind: 'normalization' },
    { kind: 'rescaling' },
    { kind: 'normalization', name: 'back', axis: [], invert: true },
    { kind: 'reduction' },
  ],
  'other convolutions': [
    sequence,
    { kind: 'depthwise_conv1d' },
    { kind: 'depthwise_conv1d', name: 'separable', filters: 3 },
    { kind: 'conv1d_transpose' },
  ],
  images: [
    sequence,
    { kind: 'reshape', targetShape: [4, 3, 2] },
    { kind: 'conv2d' },
    { kind: 'pooling2d' },
    { kind: 'global_pooling2d' },
  ],
  'time distributed': [
    sequence,
    { kind: 'reshape', targetShape: [3, 2, 4] },
    { kind: 'time_distributed', inner: { kind: 'lstm', name: 'inner', ...defaults.lstm } },
  ],
  normalizations: [sequence, { kind: 'batch_normalization' }, { kind: 'layer_normalization' }],
  add: joined({ kind: 'merge' }),
  subtract: joined({ kind: 'merge', operation: 'subtract' }),
  maximum: joined({ kind: 'merge', operation: 'maximum' }),
  average: joined({ kind: 'merge', operation: 'average' }),
  concatenate: joined({ kind: 'merge', operation: 'concatenate' }),
  'concatenate in time': joined({ kind: 'merge', operation: 'concatenate', axes: [1] }),
  dot: joined({ kind: 'merge', operation: 'dot', axes: [2, 2], normalize: true }),
  attention: joined({ kind: 'attention' }),
  'additive attention': joined({ kind: 'attention', score: 'additive', returnScores: false, causal: false }),
  'multi-head attention': joined({ kind: 'multi_head_attention' }),
};

const direction = (name: string, goBackwards: boolean): Spec => ({
  kind: 'lstm',
  name,
  units: 2,
  goBackwards,
  returnSequences: true,
  inputs: ['x'],
  within: 'both',
});

/** A session on each of them, and on a Bidirectional of every merge mode. */
export async function sessionsOfEveryKind(): Promise<Record<string, OpenSession>> {
  const sessions: Record<string, OpenSession> = {};
  for (const [name, specs] of Object.entries(MODELS)) sessions[name] = await sessionOf(specs, [numbers(6, 4)]);
  for (const mergeMode of ['concat', 'sum', 'mul', 'ave', null]) {
    const merge: Spec = {
      kind: 'bidirectional',
      name: 'both',
      within: 'both',
      inputs: ['both/forward_lstm', 'both/backward_lstm'],
      mergeMode,
    };
    sessions[`bidirectional ${mergeMode}`] = await sessionOf(
      [sequence, direction('both/forward_lstm', false), direction('both/backward_lstm', true), merge],
      [numbers(6, 4)],
      { wrappers: [{ name: 'both', className: 'Bidirectional', outputs: ['both'] }] },
    );
  }
  return sessions;
}

export const EVERY_KIND: readonly string[] = [
  ...Object.keys(MODELS),
  ...['concat', 'sum', 'mul', 'ave', null].map((mode) => `bidirectional ${mode}`),
];
