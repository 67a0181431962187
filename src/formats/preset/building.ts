import { LabError } from '../../math/lab-error.ts';
import type { LayerPlan, WrapperPlan } from '../../model/plan.ts';
import type { Defaults } from './options.ts';
import type { Node } from './parse.ts';
import { type Returns, tensorName } from './wiring.ts';

/** As many uses of layers as a model may have; nested models that are called several times multiply them. */
const MAX_USES = 2_000;

/** One use of a layer: names of tensors, and what a recurrent layer starts from. */
export interface Use {
  readonly inputs: readonly string[];
  readonly states?: readonly (string | readonly number[])[];
}

/** Where and how a layer is planned. */
export interface Site {
  /** Its whole name: `encoder/lstm`. */
  readonly name: string;
  /** Its place in the file: `layers[1] (encoder).layers[0] (lstm)`. */
  readonly path: string;
  readonly within?: string;
  /** It stands in something that is not trained. */
  readonly frozen: boolean;
  /** Inside how many TimeDistributed it stands. */
  readonly timeDistributed: number;
  /** It is a layer of a model that stands in TimeDistributed. */
  readonly distributedModel?: true;
  /** A cell whose sequence was turned around by the first cell of its RNN. */
  readonly maskBackwards?: true;
  readonly uses: readonly Use[];
}

/** A plan that is being made. */
export interface Building {
  readonly defaults: Defaults;
  readonly layers: LayerPlan[];
  readonly wrappers: WrapperPlan[];
  /** What the calls of wrappers return that are no layers themselves. */
  readonly returns: Returns;
  /** How many tensors each planned layer or wrapper returns. */
  readonly outputs: Map<string, number>;
  /** Weights that a wrapper gives to what is inside it. */
  readonly given: Map<Node, unknown>;
  /** Layers whose batches are [timesteps, samples, features]. */
  readonly timeMajor: Set<string>;
  /** A name that is given, or Keras's own. */
  readonly nameFor: (given: string | undefined, className: string) => string;
  /** Plans whatever it is: a layer or a wrapper. */
  readonly plan: (node: Node, site: Site) => void;
}

/** Takes a name; layers and wrappers share them. */
export function claim(building: Building, { name, uses }: Pick<Site, 'name' | 'uses'>, outputs: number): void {
  if (building.outputs.has(name))
    throw new LabError({
      path: 'layers',
      problem: 'every layer needs a name of its own.',
      received: `"${name}" twice`,
    });
  building.outputs.set(name, outputs);
  refuseTooMany(uses.length);
}

export function refuseTooMany(uses: number): void {
  if (uses <= MAX_USES) return;
  throw new LabError({
    path: 'layers',
    problem: `a model has at most ${MAX_USES} uses of layers.`,
    received: `${uses}`,
  });
}

/** The tensors that a call of a layer or wrapper, which is planned already, returns. */
export function outputsOf(building: Building, layer: string, call: number): string[] {
  const count = building.outputs.get(layer) ?? 1;
  return Array.from({ length: count }, (_, output) => tensorName({ layer, call, output }));
}

/** A wrapper that is no layer itself: its name stands for tensors of what is inside it. */
export function addWrapper(
  building: Building,
  site: Site,
  className: string,
  tensors: (call: number) => readonly string[],
): void {
  const calls = site.uses.map((_, at) => tensors(at + 1));
  claim(building, site, calls[0].length);
  calls.forEach((names, at) => {
    building.returns.set(tensorName({ layer: site.name, call: at + 1, output: undefined }), names);
  });
  building.wrappers.push({
    name: site.name,
    className,
    ...(site.within !== undefined && { within: site.within }),
    outputs: calls[0],
  });
}

/** A layer written otherwise, with the weights that it is given. */
export function withGiven(building: Building, from: Node, to: Node): Node {
  if (building.given.has(from)) building.given.set(to, building.given.get(from));
  return to;
}

/** A layer that the lab cannot compute: refused, or left out where a file is read. */
export function leaveOut(building: Building, node: Node, site: Site, reason: string, received?: string): void {
  if (building.defaults.unknowns !== 'leave out') throw new LabError({ path: site.path, problem: reason, received });
  claim(building, site, 1);
  building.layers.push({
    spec: {
      kind: 'unknown',
      name: site.name,
      trainable: !site.frozen && node.parsed.args.trainable !== false,
      ...(site.within !== undefined && { within: site.within }),
      className: node.className,
      reason: received === undefined ? reason : `${reason} Received: ${received}.`,
    },
    weights: { initializers: {} },
    calls: site.uses.map(({ inputs }) => ({ inputs })),
    path: site.path,
  });
}
