import fc from 'fast-check';
import { type Activation, type ActivationName, activations, activationWith } from '../../src/math/activations.ts';
import { sizeOf, type Tensor, tensor } from '../../src/math/tensor.ts';
import { buildModel } from '../../src/model/build.ts';
import type { LayerPlan, LayerSpec, ModelPlan } from '../../src/model/plan.ts';

/*
 * Random models of every kind of layer: a list of numbers decides, one after the other, which layer comes next and how it is set up, so that a model
 * that fails shrinks with its list. Every layer takes what the one before it returns; those of several inputs take earlier tensors too.
 */

const uniform = { kind: 'uniform', minval: -1.2, maxval: 1.2 } as const;
const positive = { kind: 'uniform', minval: 0.1, maxval: 1.5 } as const;
const projections = ['query', 'key', 'value', 'output'].flatMap((role) => [`${role}_kernel`, `${role}_bias`]);
const initializers = {
  ...Object.fromEntries(
    [
      'kernel',
      'recurrent_kernel',
      'bias',
      'peepholes',
      'projection',
      'gamma',
      'beta',
      'moving_mean',
      'alpha',
      'scale',
      'offset',
      'concept_weight',
      ...projections,
    ].map((name) => [name, uniform]),
  ),
  moving_variance: positive,
};

type Draw = (below: number) => number;

interface Built {
  readonly layers: LayerPlan[];
  /** Names and shapes of what was made so far; the last one goes on. */
  readonly tensors: { readonly name: string; readonly shape: readonly number[] }[];
}

const names = Object.keys(activations) as ActivationName[];
/** A cell that grows without bound blows up the last bits, in which the engines differ; random-models.ts has those too, in smaller models. */
const bounded = [
  'tanh',
  'sigmoid',
  'hard_sigmoid',
  'hard_tanh',
  'softsign',
  'softmax',
  'sparsemax',
  'clip(0.8)',
] as const;
/** Those that take parameters, with others than they have by themselves. */
const parametric = names.flatMap((name) => {
  const values = Object.values((activations[name] as Activation).parameters ?? {});
  const others = values.map((value) => (Number.isFinite(value) ? value * 1.5 + 0.1 : 2));
  return values.length === 0 ? [] : [activationWith(name, ...others)];
});
const pick = <T>(draw: Draw, from: readonly T[]): T => from[draw(from.length)];
const flag = (draw: Draw) => draw(2) === 1;

function recurrent(draw: Draw): object {
  const units = 1 + draw(4);
  const clip = flag(draw) ? {} : { clip: 0.5 + draw(3) };
  const common = {
    units,
    activation: pick(draw, bounded),
    useBias: flag(draw),
    goBackwards: flag(draw),
    returnSequences: draw(4) > 0,
    returnState: flag(draw),
    stateful: flag(draw),
    unroll: false,
    zeroOutputForMask: flag(draw),
    maskedStart: pick(draw, ['zeros', 'state']),
    dropout: 0,
    recurrentDropout: 0,
    ...clip,
  };
  const recurrentActivation = pick(draw, bounded);
  switch (draw(3)) {
    case 0:
      return { ...common, kind: 'simple_rnn' };
    case 1:
      return { ...common, kind: 'gru', recurrentActivation, resetAfter: flag(draw) };
    default:
      return {
        ...common,
        kind: 'lstm',
        recurrentActivation,
        ...(flag(draw) && { outputActivation: pick(draw, bounded) }),
        ...(flag(draw) && { usePeepholes: true }),
        ...(draw(4) === 0 && { inputForget: true }),
        ...(draw(4) === 0 && { projectionUnits: 1 + draw(units) }),
      };
  }
}

/** Of this shape, or of its last axis alone. */
function constantOf(draw: Draw, shape: readonly number[]): Tensor {
  const lengths = flag(draw) ? shape : shape.slice(-1);
  return tensor(
    lengths,
    Float64Array.from({ length: sizeOf(lengths) }, () => draw(9) - 4),
  );
}

/** A product along the last axis, or along the first. */
function einsum(draw: Draw, shape: readonly number[]): object {
  const letters = 'bcdef'.slice(0, shape.length);
  const [size, first] = [1 + draw(3), flag(draw)];
  const summed = first ? letters[0] : letters[shape.length - 1];
  return {
    kind: 'einsum_dense',
    equation: `a${letters},${summed}z->a${letters.replace(summed, 'z')}`,
    outputShape: [...letters].map((letter) => (letter === summed ? size : null)),
    biasAxes: flag(draw) ? 'z' : null,
    activation: pick(draw, bounded.slice(0, 5)),
  };
}

/** Layers that take one tensor of this shape, each made from further numbers. */
function oneInput(draw: Draw, shape: readonly number[]): object {
  const rank = shape.length;
  const axis = flag(draw) ? 1 + draw(rank) : -1 - draw(rank);
  const dataFormat = pick(draw, ['channels_last', 'channels_first']);
  const [timesteps, features] = dataFormat === 'channels_first' ? [shape[1], shape[0]] : shape;
  const learned = { epsilon: 0.01, center: flag(draw), scale: flag(draw) };
  const size = 1 + draw(3);
  const window = { strides: 1 + draw(2), padding: flag(draw) || timesteps < size ? 'same' : 'valid', dataFormat };
  const groups = features % 2 === 0 && flag(draw) ? 2 : 1;
  const everywhere = [
    { kind: 'dense', units: size, activation: pick(draw, names), useBias: flag(draw), timeDistributed: false },
    { kind: 'activation', activation: pick(draw, names) },
    { kind: 'activation', activation: pick(draw, parametric) },
    { kind: 'activation', activation: 'bounded_relu(Infinity, 0.1, 0.2)' },
    { kind: 'identity', className: 'GaussianNoise' },
    { kind: 'dropout', rate: 0.5 },
    { kind: 'softmax', axis },
    { kind: 'prelu', sharedAxes: flag(draw) ? [axis] : [] },
    { kind: 'batch_normalization', axis, ...learned },
    { kind: 'layer_normalization', axis: rank > 1 && flag(draw) ? [1, rank] : [axis], ...learned },
    { kind: 'group_normalization', axis: -1, groups: pick(draw, [1, -1]), ...learned },
    { kind: 'rms_normalization', axis: [-1], epsilon: 0.01 },
    { kind: 'unit_normalization', axis: [axis], epsilon: 1e-12 },
    einsum(draw, shape),
    { kind: 'constant', value: constantOf(draw, shape) },
    { kind: 'affine', scaleShape: flag(draw) ? [] : shape.slice(-1), ...(flag(draw) && { offsetShape: shape }) },
    { kind: 'flatten', dataFormat },
    { kind: 'reshape', targetShape: [-1, shape[rank - 1]] },
  ];
  const ofVectors = [{ kind: 'repeat_vector', n: size }];
  const ofSequences = [
    recurrent(draw),
    recurrent(draw),
    { kind: 'masking', maskValue: 0 },
    { kind: 'permute', dims: [2, 1] },
    { kind: 'slice', axis: 1 + draw(2), index: -1 },
    { kind: 'slice', axis, start: -2, step: 1 },
    { kind: 'slice', axis, step: -1 },
    { kind: 'zero_padding1d', padding: [draw(3), draw(3)] },
    ...(shape[0] > 1 ? [{ kind: 'cropping1d', cropping: flag(draw) ? [1, 0] : [0, 1] }] : []),
    { kind: 'up_sampling1d', size },
    { kind: 'pooling1d', operation: pick(draw, ['max', 'average']), poolSize: size, ...window },
    { kind: 'global_pooling1d', operation: pick(draw, ['max', 'average']), keepdims: flag(draw), dataFormat },
    { kind: 'adaptive_pooling1d', operation: pick(draw, ['max', 'average']), outputSize: size, dataFormat },
    {
      kind: 'conv1d',
      filters: groups * (1 + draw(2)),
      kernelSize: size,
      ...window,
      ...(draw(3) === 0 && { padding: 'causal' }),
      ...(draw(3) === 0 && { strides: 1, padding: 'same', dilationRate: 2 }),
      ...{ groups, activation: pick(draw, names), useBias: flag(draw) },
    },
    { kind: 'time_distributed', inner: { kind: 'layer_normalization', axis: [1], ...learned } },
    { kind: 'time_distributed', inner: { kind: 'repeat_vector', n: 2 } },
  ];
  const ofCubes = [
    { kind: 'permute', dims: [3, 1, 2] },
    { kind: 'time_distributed', inner: { ...recurrent(draw), returnState: false, stateful: false } },
    {
      kind: 'time_distributed',
      inner: { kind: 'global_pooling1d', operation: 'average', keepdims: false, dataFormat },
    },
  ];
  const special = rank === 1 ? ofVectors : rank === 2 ? ofSequences : ofCubes;
  const found = pick(draw, flag(draw) ? everywhere : special) as { kind: string };
  return found.kind === 'conv1d' ? { dilationRate: 1, ...found } : found;
}

/** Adds a layer that takes these tensors, and says what it returns first. */
function add(built: Built, spec: object, inputs: readonly string[]): void {
  const name = `layer_${built.layers.length}`;
  built.layers.push({
    spec: { name, trainable: true, ...spec } as LayerSpec,
    weights: { initializers },
    calls: [{ inputs }],
    path: name,
  });
  const model = buildModel({ name: 'random', keras: 3, seed: 1, layers: built.layers, outputs: [name] });
  built.tensors.push({ name, shape: model.calls.at(-1)?.outputShapes[0] as number[] });
}

function addSome(draw: Draw, built: Built): void {
  const last = built.tensors[built.tensors.length - 1];
  if (last.shape.length === 2 && draw(3) === 0) {
    const alike = built.tensors.filter(
      ({ shape }) => shape.length === 2 && shape[0] === last.shape[0] && shape[1] === last.shape[1],
    );
    const other = pick(draw, alike).name;
    const third = pick(draw, alike).name;
    const causal = flag(draw);
    const returnScores = flag(draw);
    const cell = recurrent(draw) as { projectionUnits?: number };
    switch (draw(5)) {
      case 0: {
        const operation = pick(draw, ['add', 'multiply', 'average', 'maximum', 'minimum', 'concatenate']);
        const axes = operation === 'concatenate' ? { axes: [pick(draw, [1, 2, -1])] } : {};
        add(built, { kind: 'merge', operation, ...axes }, [last.name, other, third]);
        return;
      }
      case 1: {
        const spec = flag(draw)
          ? { kind: 'merge', operation: 'subtract' }
          : { kind: 'merge', operation: 'dot', axes: [1, 1], normalize: flag(draw) };
        add(built, spec, [last.name, other]);
        return;
      }
      case 2: {
        const score = pick(draw, ['dot', 'concat', 'additive']);
        const spec = { kind: 'attention', score, useScale: flag(draw), causal, returnScores };
        add(built, spec, [last.name, other, third]);
        return;
      }
      case 3: {
        const sizes = { numHeads: 1 + draw(3), keyDim: 1 + draw(3), valueDim: 1 + draw(3) };
        const spec = {
          kind: 'multi_head_attention',
          ...sizes,
          useBias: flag(draw),
          causal,
          returnScores,
          outputDim: null,
        };
        add(built, spec, [last.name, other, third]);
        return;
      }
      default: {
        const returnSequences = flag(draw);
        const both = { ...cell, returnSequences, returnState: true, zeroOutputForMask: returnSequences };
        add(built, { ...both, goBackwards: false }, [last.name]);
        const forward = built.layers[built.layers.length - 1].spec.name;
        add(built, { ...both, goBackwards: true }, [last.name]);
        const backward = built.layers[built.layers.length - 1].spec.name;
        const mergeMode = pick(draw, ['concat', 'sum', 'mul', 'ave', null]);
        const states = [`${forward}:1`, `${backward}:1`];
        add(built, { kind: 'bidirectional', mergeMode, returnSequences }, [forward, backward, ...states]);
        return;
      }
    }
  }
  add(built, oneInput(draw, last.shape), [last.name]);
}

/** A model, and numbers for two batches of one sample. */
export const randomKinds: fc.Arbitrary<{ plan: ModelPlan; numbers: number[] }> = fc
  .record({
    timesteps: fc.integer({ min: 1, max: 6 }),
    features: fc.integer({ min: 1, max: 4 }),
    masked: fc.boolean(),
    layers: fc.integer({ min: 1, max: 5 }),
    choices: fc.array(fc.nat(999_999), { minLength: 200, maxLength: 200 }),
    seed: fc.nat(999_999),
  })
  .chain(({ timesteps, features, masked, layers, choices, seed }) => {
    let at = 0;
    const draw: Draw = (below) => choices[at++ % choices.length] % below;
    const built: Built = { layers: [], tensors: [] };
    add(built, { kind: 'input', batch: null, shape: [timesteps, features] }, []);
    if (masked) add(built, { kind: 'masking', maskValue: 0 }, [built.tensors[0].name]);
    for (let n = 0; n < layers; n++) addSome(draw, built);
    const plan: ModelPlan = {
      name: 'random',
      keras: 3,
      seed,
      layers: built.layers,
      outputs: [built.tensors[built.tensors.length - 1].name],
    };
    const count = 2 * timesteps * features;
    const row = fc.oneof(
      fc.constant(new Array<number>(features).fill(0)),
      fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: features, maxLength: features }),
    );
    return fc
      .array(row, { minLength: count / features, maxLength: count / features })
      .map((rows) => ({ plan, numbers: rows.flat() }));
  });
