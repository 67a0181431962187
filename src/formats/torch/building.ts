import type { Tensor } from '../../math/tensor.ts';
import type { LayerPlan, LayerSpec, WrapperPlan } from '../../model/plan.ts';

export interface TorchOptions {
  /** The modules in the order in which they run. */
  readonly layers?: readonly string[];
  /** `relu`: nn.RNN with nonlinearity="relu". `every-timestep`: a Linear after a recurrent module reads every timestep. */
  readonly assume?: readonly ('relu' | 'every-timestep')[];
  readonly seed?: number;
}

/** A tensor that a module gives. */
export interface End {
  readonly name: string;
  readonly width: number;
  readonly isSequence: boolean;
  /** It comes out of a recurrent module, at every timestep. */
  readonly isRecurrent: boolean;
  /** It holds both directions, side by side. */
  readonly isBoth?: true;
  /** The Linear that gives it, with no activation after it that the file names; and the nn.Sequential that this stands in. */
  readonly linear?: { readonly name: string; readonly sequential: string | null };
  /** It comes out of a module that the lab does not know, or of what needs such a one. */
  readonly isUnknown?: true;
}

/** The plan of a model while modules are added to it. */
export interface Building {
  plans: LayerPlan[];
  readonly wrappers: WrapperPlan[];
  readonly notes: Set<string>;
  /** Linears that run right after another. */
  readonly chained: Set<string>;
  readonly options: TorchOptions;
  /** Whether any module steps along time, so that the first input is a sequence. */
  readonly hasTime: boolean;
  inputs: number;
  /** What no module has taken yet: the outputs, in the end. */
  ends: End[];
  /** What a Linear has taken: another may take it too, as a second head. */
  readonly used: End[];
}

export function add(
  building: Building,
  spec: LayerSpec,
  inputs: readonly string[],
  given: Record<string, Tensor> = {},
): void {
  const path = `layers[${building.plans.length}] (${spec.name})`;
  building.plans.push({ spec, weights: { given, initializers: {} }, calls: [{ inputs }], path });
}

export function addInput(building: Building, shape: readonly (number | null)[]): string {
  const name = building.inputs === 0 ? 'x' : `x_${building.inputs + 1}`;
  building.inputs++;
  add(building, { kind: 'input', name, trainable: true, shape, batch: null }, []);
  return name;
}
