import { LabError, quote } from '../../math/lab-error.ts';
import type { Tensor } from '../../math/tensor.ts';
import { suggestion } from '../../model/nearest.ts';
import type { CallPlan, LayerPlan } from '../../model/plan.ts';
import { schemaError } from './issues.ts';
import { argumentAliases, type ClassName, classAliases, layerSchemas, type Parsed, type Version } from './schema.ts';
import { layerSpec } from './spec.ts';
import { weightPlan } from './weights.ts';

type Entry = { readonly class_name: string } & Readonly<Record<string, unknown>>;
type Length = number | null;

/** Constants read from elsewhere (word vectors), by index of the layer whose embeddings they are. */
export type ReadMatrices = ReadonlyMap<number, Tensor>;

/** The layers of a preset as plans: names resolved, defaults filled in, wiring explicit. An input_shape on the first layer becomes an Input. */
export function planLayers(entries: readonly Entry[], keras: Version, matrices: ReadMatrices): LayerPlan[] {
  const plans: LayerPlan[] = [];
  const used = new Map<string, number>();
  const nameFor = (given: string | undefined, base: string) => {
    const number = used.get(base) ?? 0;
    if (given !== undefined) return given;
    used.set(base, number + 1);
    if (keras === 3) return number === 0 ? base : `${base}_${number}`;
    return `${base}_${number + 1}`;
  };
  entries.forEach((entry, at) => {
    const parsed = parseLayer(entry, at);
    const { class: className, args } = parsed;
    const name = nameFor(args.name, className === 'Input' && keras === 3 ? 'input_layer' : snakeCase(className));
    const path = `layers[${at}] (${name})`;
    // A first layer that is wired to another needs no input of its own: the Input stands further down.
    if (
      plans.length === 0 &&
      parsed.class !== 'Input' &&
      parsed.args.inputs === undefined &&
      parsed.args.calls === undefined
    )
      plans.push(implicitInput(parsed, nameFor(undefined, keras === 3 ? 'input_layer' : 'input'), path));
    const before = plans[plans.length - 1]?.spec.name;
    try {
      plans.push({
        spec: layerSpec(parsed, name, keras),
        weights: weightPlan(parsed, keras, matrices.get(at)),
        calls: callPlans(parsed, before),
        path,
      });
    } catch (error) {
      throw error instanceof LabError ? error.within({ path }) : error;
    }
  });
  return plans;
}

function parseLayer(entry: Entry, at: number): Parsed {
  const classes = Object.keys(layerSchemas);
  const className = Object.hasOwn(classAliases, entry.class_name) ? classAliases[entry.class_name] : entry.class_name;
  const path = `layers[${at}]`;
  if (!classes.includes(className)) {
    throw new LabError({
      path: `${path}.class_name`,
      problem: 'the lab has no layer of this class.',
      received: quote(entry.class_name),
      hint: suggestion(entry.class_name, [...classes, ...Object.keys(classAliases)], classes),
    });
  }
  const { class_name: written, ...rest } = entry;
  const label = `${path} (${typeof entry.name === 'string' ? entry.name.slice(0, 60) : className})`;
  const legacy = written === 'TimeDistributedDense' ? distributed(rest) : renamed(rest, className as ClassName, label);
  const schema = layerSchemas[className as ClassName];
  const result = schema.safeParse(legacy);
  if (!result.success) {
    throw schemaError(result.error, legacy, label, [
      ...Object.keys(schema.shape),
      ...Object.keys(argumentAliases[className as ClassName] ?? {}),
    ]);
  }
  return { class: className, args: result.data } as Parsed;
}

/** Arguments under their names of today. */
function renamed(args: Readonly<Record<string, unknown>>, className: ClassName, path: string): Record<string, unknown> {
  const aliases = argumentAliases[className] ?? {};
  const entries = new Map<string, unknown>();
  for (const [name, value] of Object.entries(args)) {
    const today = Object.hasOwn(aliases, name) ? aliases[name] : name;
    if (entries.has(today)) {
      throw new LabError({
        path: `${path}.${name}`,
        problem: `${today} is given twice, once under an older name.`,
        received: name,
      });
    }
    entries.set(today, value);
  }
  const out: Record<string, unknown> = Object.fromEntries(entries);
  if (className === 'TimeDistributed' && typeof out.layer === 'object' && out.layer !== null) {
    out.layer = renamed(out.layer as Record<string, unknown>, 'Dense', `${path}.layer`);
  }
  return out;
}

/** Keras 1's TimeDistributedDense is TimeDistributed(Dense). */
function distributed({
  name,
  inputs,
  calls,
  input_shape,
  batch_input_shape,
  input_length,
  input_dim,
  ...dense
}: Record<string, unknown>): Record<string, unknown> {
  const outer = { name, inputs, calls, input_shape, batch_input_shape, input_length, input_dim };
  return {
    ...Object.fromEntries(Object.entries(outer).filter(([, value]) => value !== undefined)),
    layer: { class_name: 'Dense', ...renamed(dense, 'Dense', '') },
  };
}

function snakeCase(className: string): string {
  return className
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** What Keras makes of input_shape, batch_input_shape, input_length and input_dim on a first layer. */
function implicitInput({ class: className, args }: Parsed, name: string, path: string): LayerPlan {
  const given = args as {
    input_shape?: Length[];
    batch_input_shape?: Length[];
    input_length?: Length;
    input_dim?: number | null;
    batch_size?: number | null;
  };
  const { input_shape, batch_input_shape, input_length = null, input_dim = null, batch_size = null } = given;
  const shorthand = () => {
    if (className === 'Embedding') return [input_length];
    if (input_dim === null) return undefined;
    return className === 'LSTM' || className === 'TimeDistributed' ? [input_length, input_dim] : [input_dim];
  };
  const shape = input_shape ?? batch_input_shape?.slice(1) ?? shorthand();
  if (shape === undefined) {
    throw new LabError({
      path,
      problem: 'the first layer must say what goes in.',
      hint: 'give input_shape=[timesteps, features], or put {"class_name": "Input", "shape": […]} before it.',
    });
  }
  return {
    spec: { kind: 'input', name, trainable: true, shape, batch: batch_input_shape?.[0] ?? batch_size },
    weights: { initializers: {} },
    calls: [{ inputs: [] }],
    path,
  };
}

function callPlans(parsed: Parsed, before: string | undefined): CallPlan[] {
  if (parsed.class === 'Input') return [{ inputs: [] }];
  const { args } = parsed;
  type Written = { inputs: string[]; initial_state?: [string, string] | [number[], number[]] };
  const own: Written = {
    inputs: args.inputs ?? (before === undefined ? [] : [before]),
    ...('initial_state' in args && { initial_state: args.initial_state }),
  };
  const written: readonly Written[] = args.calls ?? [own];
  return written.map(({ inputs, initial_state: state }, at) => {
    if (inputs.length !== 1) {
      throw new LabError({
        path: args.calls ? `calls[${at}].inputs` : 'inputs',
        problem: 'a layer takes one input.',
        received: `${inputs.length}`,
        hint:
          parsed.class === 'LSTM'
            ? 'h and c go into initial_state; a second use of the layer is another entry of calls.'
            : 'a second use of the layer is another entry of calls.',
      });
    }
    if (state === undefined) return { inputs };
    const [h, c] = state;
    return {
      inputs,
      initialState:
        typeof h === 'string' ? [h, c as string] : { h: Float64Array.from(h), c: Float64Array.from(c as number[]) },
    };
  });
}
