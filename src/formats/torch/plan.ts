import { LabError } from '../../math/lab-error.ts';
import type { Tensor } from '../../math/tensor.ts';
import type { LayerPlan, LayerSpec, WrapperPlan } from '../../model/plan.ts';
import type { OpenedFile } from '../opened.ts';
import { safeName } from '../safe-name.ts';
import type { TorchArrays } from './arrays.ts';
import { isBidirectional, layerCount, type TorchModule, torchModules } from './modules.ts';
import { assumedOrder, givenOrder } from './order.ts';
import { otherLayer, zerosAround } from './other-layers.ts';
import type { Following } from './weightless.ts';
import { cellArrays } from './weights.ts';

export interface TorchOptions {
  /** The modules in the order in which they run. */
  readonly layers?: readonly string[];
  /** `relu`: nn.RNN with nonlinearity="relu". `every-timestep`: a Linear after a recurrent module reads every timestep. */
  readonly assume?: readonly ('relu' | 'every-timestep')[];
  readonly seed?: number;
}

/** As many layers as one module may stack. */
const MAX_STACKED = 100;

/** A tensor that nothing has taken yet. */
interface End {
  readonly name: string;
  readonly width: number;
  readonly isSequence: boolean;
  /** It comes out of a recurrent module, at every timestep. */
  readonly isRecurrent: boolean;
  /** It comes out of a module that the lab does not know, or of what needs such a one. */
  readonly isUnknown?: true;
}

interface Building {
  readonly plans: LayerPlan[];
  readonly wrappers: WrapperPlan[];
  readonly notes: Set<string>;
  readonly options: TorchOptions;
  /** Whether any module steps along time, so that the first input is a sequence. */
  readonly hasTime: boolean;
  inputs: number;
  ends: End[];
}

/**
 * What a state dict of PyTorch is taken for. It holds arrays and no forward(): modules run in an order found by `order.ts`, batches come first, and a
 * Linear after a recurrent module reads y[:, -1]; `notes` say so. Sources: torch/nn/modules/rnn.py, linear.py, sparse.py, normalization.py, conv.py.
 */
export function torchModel(found: TorchArrays, options: TorchOptions = {}): OpenedFile {
  const { modules, unplaced } = torchModules(found);
  if (modules.length === 0)
    throw new LabError({
      problem: 'there are no weights of any module.',
      received: [...found.arrays.keys()].join(', ').slice(0, 200),
    });
  const { modules: ordered, note } = options.layers ? givenOrder(modules, options.layers) : assumedOrder(modules);
  const building: Building = {
    plans: [],
    wrappers: [],
    notes: new Set(note === '' ? [] : [note]),
    options,
    hasTime: modules.some(({ kind }) => kind === 'recurrent' || kind === 'conv1d' || kind === 'embedding'),
    inputs: 0,
    ends: [],
  };
  for (const module of ordered) {
    try {
      addModule(building, module);
    } catch (error) {
      throw error instanceof LabError ? error.within({ path: module.name }) : error;
    }
  }
  const last = building.plans[building.plans.length - 1];
  if (modules.some(({ kind }) => kind === 'recurrent'))
    building.notes.add('batches come first, gates are sigmoid and tanh, as nn.LSTM and nn.GRU have them');
  if (unplaced.length > 0) building.notes.add(notRun(unplaced));
  return {
    plan: {
      name: 'torch',
      keras: 3,
      seed: options.seed ?? 1,
      layers: building.plans,
      wrappers: building.wrappers,
      outputs: [building.ends[building.ends.length - 1]?.name ?? last.spec.name],
    },
    notes: [...found.notes, ...widened(found), ...notFinite(found), ...building.notes],
    format: found.format,
    madeWith: found.metadata.get('made_with') ?? null,
    vocabulary: null,
  };
}

function notRun(names: readonly string[]): string {
  const shown = `${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`;
  return `modules without weights are not run, as the file does not say where forward() calls them: ${shown}`;
}

/** Half precision is widened exactly; what PyTorch computes in it is rounded at every step. */
function widened({ arrays }: TorchArrays): string[] {
  const names: Readonly<Record<string, string>> = { F16: 'float16', BF16: 'bfloat16' };
  const types = new Set([...arrays.values()].flatMap(({ type }) => names[type] ?? []));
  return types.size === 0
    ? []
    : [
        `weights are stored as ${[...types].join(' and ')}: the lab computes with the same numbers in its own precision`,
      ];
}

function notFinite({ arrays }: TorchArrays): string[] {
  const bad = [...arrays].filter(([, { tensor: t }]) => t.data.some((value) => !Number.isFinite(value)));
  if (bad.length === 0) return [];
  return [
    `not all weights are finite numbers: ${bad
      .slice(0, 5)
      .map(([name]) => name)
      .join(', ')}`,
  ];
}

function addModule(building: Building, module: TorchModule): void {
  const name = safeName(module.name || module.facts?.className.split('.').pop()?.toLowerCase() || bareName(module));
  switch (module.kind) {
    case 'embedding':
      addEmbedding(building, module, name);
      break;
    case 'recurrent':
      addRecurrent(building, module, name);
      break;
    case 'unknown':
      leaveOut(building, module, name, module.reason ?? '');
      break;
    default:
      addOther(building, module, name);
  }
  for (const following of module.following) addActivation(building, following);
}

/** What stands behind a module in an nn.Sequential. */
function addActivation(building: Building, { name, activation, dim }: Following): void {
  const end = building.ends.pop();
  if (end === undefined) return;
  // Of a Softmax the lab has the one over the features; null is the older PyTorch's choice, for matrices that axis.
  const isLast =
    dim === undefined || dim === -1 || dim === (end.isSequence ? 2 : 1) || (dim === null && !end.isSequence);
  if (!isLast) building.notes.add(notRun([`${name} (over axis ${dim})`]));
  else add(building, { kind: 'activation', name: safeName(name), trainable: true, activation }, [end.name]);
  building.ends.push(isLast ? { ...end, name: safeName(name) } : end);
}

/** A module that was saved by itself is named as what it is. */
function bareName({ kind, arrays }: TorchModule): string {
  if (kind !== 'recurrent') return kind;
  const { gates } = cellArrays(arrays, arrays.has('weight_ih') ? '' : '_l0');
  return { 4: 'lstm', 3: 'gru', 1: 'rnn' }[gates];
}

function add(building: Building, spec: LayerSpec, inputs: readonly string[], given: Record<string, Tensor> = {}): void {
  const path = `layers[${building.plans.length}] (${spec.name})`;
  building.plans.push({ spec, weights: { given, initializers: {} }, calls: [{ inputs }], path });
}

function addInput(building: Building, shape: readonly (number | null)[]): string {
  const name = building.inputs === 0 ? 'x' : `x_${building.inputs + 1}`;
  building.inputs++;
  add(building, { kind: 'input', name, trainable: true, shape, batch: null }, []);
  return name;
}

function addEmbedding(building: Building, { arrays }: TorchModule, name: string): void {
  const embeddings = arrays.get('weight') as Tensor;
  const [inputDim, outputDim] = embeddings.shape;
  const input = addInput(building, [null]);
  add(building, { kind: 'embedding', name, trainable: true, inputDim, outputDim, maskZero: false }, [input], {
    embeddings,
  });
  building.ends.push({ name, width: outputDim, isSequence: true, isRecurrent: false });
}

/** The tensor that a module takes: the latest that fits (of its own branch, where there are several), several that fit together, or an input of the model. Undefined where none fits. */
function taken(building: Building, { name: own, takes, kind }: TorchModule): End | undefined {
  const width = takes as number;
  const last = building.ends.at(-1);
  if (last?.isUnknown && (kind === 'linear' || kind === 'batch_norm' || kind === 'layer_norm')) {
    building.ends.pop();
    return last;
  }
  const fitting = building.ends.filter((end) => end.width === width && !end.isUnknown);
  // Of several branches that of the same name: pep_lstm takes what pep_embedding gives.
  const branch = own.split(/[._]/)[0];
  const found = fitting.findLast((end) => end.name.split(/[._]/)[0] === branch) ?? fitting.at(-1);
  if (found) {
    building.ends = building.ends.filter((end) => end !== found);
    return found;
  }
  if (
    building.ends.length > 1 &&
    !last?.isUnknown &&
    building.ends.reduce((sum, end) => sum + end.width, 0) === width
  ) {
    const parts = building.ends.map((end) => lastTimestep(building, end));
    const name = `joined_${building.plans.length}`;
    add(
      building,
      { kind: 'merge', name, trainable: true, operation: 'concatenate', axes: [-1] },
      parts.map((part) => part.name),
    );
    building.notes.add(
      `what goes into it is taken for the last timesteps of ${parts.length} branches, side by side: ${name}`,
    );
    building.ends = [];
    return { name, width, isSequence: false, isRecurrent: false };
  }
  if (building.ends.length > 0 && (kind === 'linear' || kind === 'batch_norm' || kind === 'layer_norm'))
    return undefined;
  const isSequence = building.hasTime;
  return { name: addInput(building, isSequence ? [null, width] : [width]), width, isSequence, isRecurrent: false };
}

/** y[:, -1]: of a layer that runs forwards alone its last output, else a slice. */
function lastTimestep(building: Building, end: End): End {
  if (!end.isSequence) return end;
  const at = building.plans.findIndex(({ spec }) => spec.name === end.name);
  const { spec } = building.plans[at];
  if ((spec.kind === 'lstm' || spec.kind === 'gru' || spec.kind === 'simple_rnn') && !spec.goBackwards) {
    building.plans[at] = { ...building.plans[at], spec: { ...spec, returnSequences: false } };
    return { ...end, isSequence: false };
  }
  const name = `${end.name}_last`;
  add(building, { kind: 'slice', name, trainable: true, axis: 1, index: -1 }, [end.name]);
  return { ...end, name, isSequence: false };
}

function addRecurrent(building: Building, module: TorchModule, name: string): void {
  const { arrays } = module;
  const layers = layerCount(arrays);
  if (layers > MAX_STACKED)
    throw new LabError({ problem: `a module stacks at most ${MAX_STACKED} layers.`, received: `${layers}` });
  let end = taken(building, module) as End;
  const isCell = arrays.has('weight_ih');
  for (let layer = 0; layer < layers; layer++) {
    const suffix = isCell ? '' : `_l${layer}`;
    const own = `${name}${suffix}`;
    const within = isBidirectional(arrays) ? { within: `${own}_both` } : {};
    const width = addCell(building, module, own, suffix, end.name, { goBackwards: false, ...within });
    if (!isBidirectional(arrays)) {
      end = { name: own, width, isSequence: true, isRecurrent: true };
      continue;
    }
    addCell(building, module, `${own}_reverse`, `${suffix}_reverse`, end.name, { goBackwards: true, ...within });
    const both = `${own}_both`;
    const spec = {
      kind: 'bidirectional',
      name: both,
      trainable: true,
      within: both,
      mergeMode: 'concat',
      returnSequences: true,
    } as const;
    add(building, spec, [own, `${own}_reverse`]);
    building.wrappers.push({ name: both, className: 'Bidirectional', outputs: [both] });
    end = { name: both, width: 2 * width, isSequence: true, isRecurrent: true };
  }
  building.ends.push(end);
}

/** One layer of one direction. Returns how many features it gives. */
function addCell(
  building: Building,
  { facts, arrays }: TorchModule,
  name: string,
  suffix: string,
  input: string,
  direction: { readonly goBackwards: boolean; readonly within?: string },
): number {
  const { gates, units, projectionUnits, useBias, given } = cellArrays(arrays, suffix);
  const relu = facts?.attributes.get('nonlinearity') === 'relu' || building.options.assume?.includes('relu');
  const common = {
    name,
    trainable: true,
    units,
    useBias,
    returnSequences: true,
    returnState: false,
    stateful: false,
    unroll: false,
    zeroOutputForMask: false,
    maskedStart: 'zeros',
    dropout: 0,
    recurrentDropout: 0,
    ...direction,
  } as const;
  if (gates === 4) {
    const projected = projectionUnits === undefined ? {} : { projectionUnits };
    add(
      building,
      { kind: 'lstm', ...common, activation: 'tanh', recurrentActivation: 'sigmoid', ...projected },
      [input],
      given,
    );
  } else if (gates === 3) {
    add(
      building,
      { kind: 'gru', ...common, activation: 'tanh', recurrentActivation: 'sigmoid', resetAfter: true },
      [input],
      given,
    );
  } else {
    if (!relu) building.notes.add('nn.RNN is taken to be tanh (--assume relu changes it)');
    add(building, { kind: 'simple_rnn', ...common, activation: relu ? 'relu' : 'tanh' }, [input], given);
  }
  return projectionUnits ?? units;
}

/** A Linear, a norm or a convolution. */
function addOther(building: Building, module: TorchModule, name: string): void {
  const found = taken(building, module);
  if (found === undefined) {
    leaveOut(building, module, name, `it takes ${module.takes} features, and no module before it gives as many`);
    return;
  }
  const readsLast =
    module.kind === 'batch_norm' || (module.kind === 'linear' && !building.options.assume?.includes('every-timestep'));
  const end = found.isRecurrent && readsLast ? lastTimestep(building, found) : found;
  if (found.isRecurrent && readsLast && found.isSequence)
    building.notes.add(
      `a ${module.kind === 'linear' ? 'Linear' : 'BatchNorm1d'} after a recurrent module reads its output at the last timestep, y[:, -1]${module.kind === 'linear' ? ' (--assume every-timestep changes it)' : ''}`,
    );
  const { spec, given } = otherLayer(building.notes, module, name);
  const zeros = zerosAround(module);
  if (zeros > 0)
    add(building, { kind: 'zero_padding1d', name: `${name}_padding`, trainable: true, padding: [zeros, zeros] }, [
      end.name,
    ]);
  add(building, spec, [zeros > 0 ? `${name}_padding` : end.name], given);
  building.ends.push({
    name,
    width: module.gives,
    isSequence: end.isSequence,
    isRecurrent: module.kind === 'layer_norm' && end.isRecurrent,
    ...(end.isUnknown && { isUnknown: true }),
  });
}

/** What comes after a module that the lab does not know needs what it returns, unless it steps along time of its own. */
function leaveOut(building: Building, { arrays, name: own }: TorchModule, name: string, reason: string): void {
  const inputs = building.ends.length > 0 ? [building.ends[building.ends.length - 1].name] : [];
  add(
    building,
    {
      kind: 'unknown',
      name,
      trainable: true,
      className: 'module',
      reason: `${reason} (${[...arrays.keys()].slice(0, 3).join(', ')})`,
    },
    inputs,
  );
  // Parameters of the network itself (a CRF's transitions) may be used anywhere.
  if (own !== '') building.ends.push({ name, width: 0, isSequence: false, isRecurrent: false, isUnknown: true });
}
