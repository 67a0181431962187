import { isRecurrent } from '../../layers/layer.ts';
import { LabError } from '../../math/lab-error.ts';
import type { LayerPlan, ModelPlan } from '../../model/plan.ts';
import { planLayers } from '../preset/layers.ts';
import { safeName } from '../safe-name.ts';
import { begunBehindUnknown } from './begin.ts';
import { type GivenMask, type GivenWeights, modelEntries } from './config/entries.ts';
import type { KerasLayer } from './config/layer-tree.ts';
import {
  bidirectionalZeroesMasked,
  type KerasVersion,
  losesMasksInMerging,
  reversesCellStates,
  startsMaskedFromState,
} from './version.ts';

export interface Planned {
  readonly plan: ModelPlan;
  readonly notes: readonly string[];
}

export interface PlanningOptions {
  readonly weights: GivenWeights;
  readonly seed: number;
  readonly name: string;
  readonly notes: Set<string>;
  /** What the model returns, where its configuration does not say (a preset's). */
  readonly outputs?: readonly string[];
  readonly backend?: unknown;
}

/** A configuration and the arrays of a file as a plan, with the behaviour of the version that wrote it. */
export function planModel(model: KerasLayer, version: KerasVersion, options: PlanningOptions): Planned {
  const { weights, seed, notes } = options;
  const context = {
    weights,
    notes,
    refused: new Map<string, { className: string; reason: string }>(),
    masks: [] as GivenMask[],
    operations: new Set<string>(),
    mixed: new Set<string>(),
  };
  const top: KerasLayer = model.model === undefined ? alone(model) : model;
  const { layers: entries, outputs } = modelEntries(top, context);
  if (entries.length === 0) throw new LabError({ path: model.path, problem: 'the model has no layers.' });
  const passedOver = new Map<string, readonly string[]>();
  const planned = planLayers(entries, version.major, {
    unknowns: 'leave out',
    zeroOutputForMaskInBidirectional: bidirectionalZeroesMasked(version),
    // Keras 2 by itself had no reset_after at first, and then not by default.
    resetAfter: !version.standalone,
    ...maskedStart(version, options.backend),
    losesMasks: losesMasksInMerging(version),
    statesReversed: reversesCellStates(version),
    passedOver: (className, argument) => {
      passedOver.set(className, [...(passedOver.get(className) ?? []), argument]);
    },
    outputs: outputs ?? options.outputs,
  });
  for (const [className, found] of passedOver) notes.add(passedOverNote(className, [...new Set(found)]));
  for (const policy of context.mixed)
    notes.add(`the model's policy is ${policy}; the lab computes in its own precision, so the last digits differ`);
  const named = planned.layers.map((layer) =>
    withoutMask(withMasks(withReason(unrolled(layer), context.refused), context.masks), context.operations),
  );
  for (const layer of named) nanNote(layer, notes);
  const plan: ModelPlan = {
    name: safeName(model.name ?? options.name),
    keras: version.major,
    seed,
    layers: named,
    wrappers: planned.wrappers,
    outputs: planned.outputs,
    ...(planned.outputBatchAxes && { outputBatchAxes: planned.outputBatchAxes }),
  };
  const begun = begunBehindUnknown(plan, top, notes);
  return { plan: begun, notes: [...notes] };
}

function passedOverNote(className: string, found: readonly string[]): string {
  const several = found.length > 1;
  return `the lab does not know the argument${several ? 's' : ''} ${found.slice(0, 8).join(', ')} of ${className}: the layer is computed without ${several ? 'them' : 'it'}`;
}

/** Keras 1 on Theano, and every unrolled layer, start from zeros; what Keras 1 does otherwise is its default. */
function maskedStart(version: KerasVersion, backend: unknown): { maskedStart?: 'zeros' | 'state' } {
  if (backend === 'theano' || !startsMaskedFromState(version)) return { maskedStart: 'zeros' };
  return { maskedStart: 'state' };
}

/** An unrolled layer starts from zeros in every version. */
function unrolled(layer: LayerPlan): LayerPlan {
  const { spec } = layer;
  return isRecurrent(spec) && spec.unroll
    ? ({ ...layer, spec: { ...spec, maskedStart: 'zeros' } } as LayerPlan)
    : layer;
}

/** A layer by itself is a model of one. */
function alone(layer: KerasLayer): KerasLayer {
  return {
    ...layer,
    className: 'Sequential',
    inside: [layer],
    model: { inputLayers: undefined, outputLayers: undefined },
  };
}

function withReason(layer: LayerPlan, refused: ReadonlyMap<string, { className: string; reason: string }>): LayerPlan {
  const { spec } = layer;
  const known = refused.get(spec.name);
  return spec.kind === 'unknown' && known ? { ...layer, spec: { ...spec, ...known } } : layer;
}

function withMasks(layer: LayerPlan, masks: readonly GivenMask[]): LayerPlan {
  const { name, within } = layer.spec;
  const own = masks.filter((one) => one.layer === name || one.layer === within);
  if (own.length === 0 || layer.spec.kind === 'bidirectional') return layer;
  const calls = layer.calls.map((call, at) => {
    const mask = own.find((one) => one.call === at + 1)?.mask;
    if (mask === undefined) return call;
    return mask === null ? { ...call, maskPassed: true } : { ...call, mask };
  });
  return { ...layer, calls };
}

/** Keras does not tell operations of masks: none is used there, and none goes on. */
function withoutMask(layer: LayerPlan, operations: ReadonlySet<string>): LayerPlan {
  const { spec } = layer;
  if (!operations.has(spec.name) || spec.kind === 'unknown') return layer;
  return {
    ...layer,
    spec: { ...spec, endsMask: true, ...(spec.kind === 'merge' && { losesMasks: true }) } as LayerPlan['spec'],
  };
}

function nanNote({ spec, weights }: LayerPlan, notes: Set<string>): void {
  for (const [name, given] of Object.entries(weights.given ?? {})) {
    // What waits in the file is not read for this; a row that is not finite is seen where it is looked up.
    if (!('data' in given)) continue;
    const { data } = given;
    // Built in, and quicker than a loop that runs once.
    if (![Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].some((bad) => data.includes(bad))) continue;
    const count = data.filter((value) => !Number.isFinite(value)).length;
    notes.add(
      `${spec.name}: ${count} of ${data.length} numbers of ${name} are not finite, so what it computes is not either`,
    );
  }
}
