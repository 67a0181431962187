import { isRecurrent, type Layer, type RecurrentLayer } from '../../layers/layer.ts';
import { LabError } from '../../math/lab-error.ts';
import type { Tensor } from '../../math/tensor.ts';
import type { CallPlan, LayerSpec } from '../../model/plan.ts';
import { type Building, claim, leaveOut, type Site, type Use } from './building.ts';
import type { Node } from './parse.ts';
import { layerSpec, outputCount, type Single } from './spec.ts';
import { weightPlan } from './weights.ts';

/** A layer of Keras that is one layer of the lab. */
export function planSingle(building: Building, node: Node, site: Site, matrix?: Tensor): void {
  const { defaults, given } = building;
  const own = node.parsed.args as { weights?: unknown };
  const weights = given.get(node) ?? own.weights;
  const parsed = { ...node.parsed, args: { ...own, weights } } as Single;
  try {
    const spec = specOf(building, node, parsed, site);
    if (spec === undefined) return;
    claim(building, site, outputCount(spec));
    if ('time_major' in parsed.args && parsed.args.time_major === true) building.timeMajor.add(site.name);
    building.layers.push({
      spec: {
        ...timeDistributed(site.maskBackwards ? ({ ...spec, maskBackwards: true } as LayerSpec) : spec, site),
        trainable: spec.trainable && !site.frozen,
        ...(site.within !== undefined && { within: site.within }),
      } as LayerSpec,
      weights: weightPlan(parsed, defaults, { value: weights, path: 'weights' }, matrix),
      calls: site.uses.map(callPlan),
      path: site.path,
    });
  } catch (error) {
    throw error instanceof LabError && error.fields.path !== 'layers' ? error.within({ path: site.path }) : error;
  }
}

/** Undefined where the layer was left out: what its arguments ask for is not computed. */
function specOf(building: Building, node: Node, parsed: Single, site: Site): LayerSpec | undefined {
  try {
    const spec = layerSpec(parsed, site.name, building.defaults);
    if (site.timeDistributed > 0 && isRecurrent(spec as Layer)) {
      const { stateful } = spec as RecurrentLayer;
      if (stateful || site.uses.some(({ states }) => states !== undefined))
        throw new LabError({
          problem: 'inside TimeDistributed every timestep starts from zeros: no state is handed on there.',
          received: stateful ? 'stateful=True' : 'initial_state',
        });
    }
    return spec;
  } catch (error) {
    if (!(error instanceof LabError) || building.defaults.unknowns !== 'leave out' || parsed.class === 'Input')
      throw error;
    leaveOut(building, node, site, error.fields.problem, error.fields.received);
    return undefined;
  }
}

/** As it stands inside TimeDistributed. What works row by row of its input does so on a sequence too. */
export function timeDistributed(
  spec: LayerSpec,
  { timeDistributed: depth, distributedModel }: Pick<Site, 'timeDistributed' | 'distributedModel'>,
): LayerSpec {
  if (depth === 0 || rowByRow(spec)) return spec;
  if (spec.kind === 'dense') return { ...spec, timeDistributed: true };
  let wrapped: LayerSpec = spec;
  for (let level = 0; level < depth; level++) {
    const { name, trainable } = spec;
    wrapped = {
      kind: 'time_distributed',
      name,
      trainable,
      inner: wrapped,
      ...(distributedModel && { withinModel: true }),
    } as LayerSpec;
  }
  return wrapped;
}

/** Whether a layer does the same with a sequence as it does with each timestep. */
export function rowByRow(spec: LayerSpec): boolean {
  switch (spec.kind) {
    case 'activation':
    case 'dropout':
    case 'identity':
      return true;
    case 'batch_normalization':
      return spec.axis === -1;
    case 'layer_normalization':
      return spec.axis.length === 1 && spec.axis[0] === -1;
    default:
      return false;
  }
}

function callPlan({ inputs, states }: Use): CallPlan {
  if (states === undefined) return { inputs };
  if (states.every((state) => typeof state === 'string')) return { inputs, initialState: states };
  const numbers = states.map((state) => {
    if (typeof state !== 'string') return Float64Array.from(state);
    throw new LabError({
      path: 'initial_state',
      problem: 'the states are all tensors of the model, or all lists of numbers.',
      received: state,
    });
  });
  const [h, c] = numbers;
  return { inputs, initialState: { h, ...(c && { c }) } };
}
