import { LabError } from '../../math/lab-error.ts';
import { safeName } from '../safe-name.ts';
import { addWrapper, type Building, claim, outputsOf, refuseTooMany, type Site, type Use } from './building.ts';
import { join, type Node } from './parse.ts';
import type { ParsedAs } from './schema.ts';
import { shareOut } from './weight-names.ts';
import { parseTensorName, tensorName } from './wiring.ts';

/*
 * The layers of a model, and models inside a model. Those are inlined: `encoder/lstm` is a layer of its own, and each use of `encoder` is one more
 * use of each of its layers.
 */

interface Scope {
  readonly nodes: readonly Node[];
  /** Before the names of its layers: '' or 'encoder/'. */
  readonly prefix: string;
  /** What is wired to a nested model; null for the model itself, whose Inputs are layers. */
  readonly outer: readonly Use[] | null;
  /** What the model's first layer reads where it says nothing. */
  readonly implicit?: readonly string[];
  /** The order in which a nested model takes its inputs. */
  readonly inputLayers?: readonly string[];
  readonly path: string;
  readonly inside: Pick<Site, 'within' | 'frozen' | 'timeDistributed' | 'distributedModel'>;
}

type Written = { inputs?: readonly string[]; initial_state?: readonly (string | readonly number[])[] };

/** Plans all layers of a scope. Returns how its own names of tensors are told outside of it, in its nth use, and its last layer. */
export function planScope(
  building: Building,
  scope: Scope,
): { qualify: (name: string, use: number) => string; last: string } {
  const { nodes, prefix, outer } = scope;
  const lenient = building.defaults.unknowns === 'leave out';
  const names = nodes.map(({ name, parsed, className }) =>
    building.nameFor(name, parsed.class === 'Unknown' ? safeName(className) : parsed.class),
  );
  const written = nodes.map(({ parsed }, at) => callsOf(parsed.args as object, names[at - 1]));
  const callCounts = new Map(names.map((name, at) => [name, written[at].length]));
  const uses = outer?.length ?? 1;

  const qualify = (text: string, use: number): string => {
    const { layer: given, call, output } = parseTensorName(text);
    const layer = lenient ? safeName(given) : given;
    const count = callCounts.get(layer);
    if (call < 1 || (outer !== null && count !== undefined && call > count))
      throw new LabError({
        path: scope.path,
        problem: 'there is no layer or call of this name.',
        received: `"${text}"`,
      });
    return tensorName({ layer: `${prefix}${layer}`, call: (use - 1) * (count ?? 1) + call, output });
  };

  const inputNodes = inputOrder(scope, names);
  nodes.forEach((node, at) => {
    const name = `${prefix}${names[at]}`;
    refuseTooMany(uses * written[at].length);
    if (outer !== null && node.parsed.class === 'Input') {
      const index = inputNodes.indexOf(names[at]);
      claim(building, { name, uses: [] }, 1);
      outer.forEach(({ inputs }, use) => {
        building.returns.set(tensorName({ layer: name, call: use + 1, output: undefined }), [inputs[index]]);
      });
      return;
    }
    building.plan(node, {
      ...scope.inside,
      name,
      path: `${join(scope.path, node.place)} (${names[at]})`,
      uses: Array.from({ length: uses }, (_, use) =>
        written[at].map((call) =>
          qualifiedUse(
            node,
            call,
            outer?.[use].inputs ?? scope.implicit ?? [],
            (text) => qualify(text, use + 1),
            lenient,
          ),
        ),
      ).flat(),
    });
  });
  const last = names.length - 1;
  return { qualify, last: tensorName({ layer: names[last], call: written[last].length, output: undefined }) };
}

/** A layer's calls as they are written; one that says nothing reads the layer before. */
function callsOf(args: Written & { calls?: readonly Written[] }, before: string | undefined): readonly Written[] {
  if (args.calls) return args.calls;
  return [{ inputs: args.inputs ?? (before === undefined ? undefined : [before]), initial_state: args.initial_state }];
}

function qualifiedUse(
  { parsed }: Node,
  { inputs, initial_state: states }: Written,
  implicit: readonly string[],
  qualify: (name: string) => string,
  lenient: boolean,
): Use {
  if (parsed.class === 'Input') return { inputs: [] };
  const own = inputs === undefined ? implicit : inputs.map(qualify);
  if (states !== undefined)
    return { inputs: own, states: states.map((state) => (typeof state === 'string' ? qualify(state) : state)) };
  // Keras 2 wrote the states of a recurrent layer behind its input.
  if (lenient && own.length > 1 && ['LSTM', 'GRU', 'SimpleRNN', 'RNN', 'Bidirectional'].includes(parsed.class))
    return { inputs: own.slice(0, 1), states: own.slice(1) };
  return { inputs: own };
}

/** The names of a nested model's Inputs in the order in which it takes them. */
function inputOrder({ nodes, outer, inputLayers, path }: Scope, names: readonly string[]): readonly string[] {
  const own = names.filter((_, at) => nodes[at].parsed.class === 'Input');
  if (outer === null || own.length === 0) return own;
  const order =
    inputLayers
      ?.map((name) => parseTensorName(name).layer)
      .map((name) => (names.includes(name) ? name : safeName(name))) ?? own;
  const wrong = order.find((name) => !own.includes(name));
  if (wrong !== undefined)
    throw new LabError({
      path: `${path}.input_layers`,
      problem: 'the model has no Input of this name.',
      received: wrong,
    });
  const missing = own.find((name) => !order.includes(name));
  if (missing !== undefined)
    throw new LabError({
      path: `${path}.input_layers`,
      problem: 'all Inputs of the model must be named.',
      received: order.join(', '),
    });
  const bad = outer.find(({ inputs }) => inputs.length !== order.length);
  if (bad)
    throw new LabError({
      path: `${path}.inputs`,
      problem: `the model takes ${order.length === 1 ? 'one input' : `${order.length} inputs`}.`,
      received: `${bad.inputs.length}`,
    });
  return order;
}

/** A model inside a model. */
export function planModel(building: Building, node: Node, site: Site): void {
  const { args } = node.parsed as ParsedAs<'Functional'>;
  for (const [inner, value] of shareOut(node, building.given.get(node) ?? args.weights, `${site.path}.weights`))
    building.given.set(inner, value);
  const { qualify, last } = planScope(building, {
    nodes: node.inner,
    prefix: `${site.name}/`,
    outer: site.uses,
    inputLayers: args.input_layers,
    path: site.path,
    inside: {
      within: site.name,
      frozen: site.frozen || args.trainable === false,
      timeDistributed: site.timeDistributed,
      ...(site.timeDistributed > 0 && { distributedModel: true }),
    },
  });
  const returned = args.output_layers ?? [last];
  addWrapper(building, site, node.parsed.class, (use) =>
    returned.flatMap((name) => {
      const tensor = qualify(name, use);
      const { layer, call, output } = parseTensorName(tensor);
      return output === undefined ? outputsOf(building, layer, call) : [tensor];
    }),
  );
}
