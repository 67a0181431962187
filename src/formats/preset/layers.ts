import { activationName, activationNames } from '../../math/activations.ts';
import type { Initializer } from '../../math/initializers.ts';
import { LabError, quote } from '../../math/lab-error.ts';
import type { Tensor } from '../../math/tensor.ts';
import { nearest } from '../../model/nearest.ts';
import type { CallPlan, LayerPlan, LayerSpec, WeightPlan } from '../../model/plan.ts';
import { finiteTensor, parseInitializer } from './initializer.ts';
import { schemaError } from './issues.ts';
import { argumentAliases, type ClassName, classAliases, layerSchemas } from './schema.ts';

type Version = 1 | 2 | 3;
type Entry = { readonly class_name: string } & Readonly<Record<string, unknown>>;
type Parsed = { [C in ClassName]: { class: C; args: import('zod').output<(typeof layerSchemas)[C]> } }[ClassName];
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
    if (plans.length === 0 && parsed.class !== 'Input')
      plans.push(implicitInput(parsed, nameFor(undefined, keras === 3 ? 'input_layer' : 'input'), path));
    const before = plans[plans.length - 1]?.spec.name;
    try {
      plans.push({
        spec: spec(parsed, name, keras),
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
  const className = classAliases[entry.class_name] ?? entry.class_name;
  const path = `layers[${at}]`;
  if (!classes.includes(className)) {
    const near = nearest(entry.class_name, [...classes, ...Object.keys(classAliases)]);
    throw new LabError({
      path: `${path}.class_name`,
      problem: 'the lab has no layer of this class.',
      received: quote(entry.class_name),
      hint: near ? `did you mean "${near}"?` : `there are ${classes.join(', ')}.`,
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
  ...dense
}: Record<string, unknown>): Record<string, unknown> {
  const outer = { name, inputs, calls, input_shape, batch_input_shape, input_length };
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
  };
  const { input_shape, batch_input_shape, input_length = null, input_dim = null } = given;
  const shorthand = () => {
    if (className === 'Embedding') return [input_length];
    if (input_dim === null) return undefined;
    return className === 'LSTM' ? [input_length, input_dim] : [input_dim];
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
    spec: { kind: 'input', name, trainable: true, shape, batch: batch_input_shape?.[0] ?? null },
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

/** What the layer is, without its weights. */
function spec({ class: className, args }: Parsed, name: string, keras: Version): LayerSpec {
  const named = { name, trainable: args.trainable ?? true };
  const activation = (value: string | null, argument: string) => {
    const found = activationName(value, keras);
    if (found !== undefined) return found;
    const near = nearest(String(value), activationNames);
    throw new LabError({
      path: argument,
      problem:
        value === 'glu' || value === 'threshold'
          ? `${value} cannot be given by name here: ${value === 'glu' ? 'it halves its input' : 'it needs arguments'}.`
          : 'Keras has no activation of this name.',
      received: quote(value),
      hint: near ? `did you mean "${near}"?` : `there are ${activationNames.join(', ')}.`,
    });
  };
  switch (className) {
    case 'Input': {
      const shape = args.shape ?? (args.batch_shape ?? args.batch_input_shape)?.slice(1);
      if (shape === undefined)
        throw new LabError({
          path: 'shape',
          problem: 'an Input needs a shape.',
          hint: '[timesteps, features], null where a length varies.',
        });
      return { kind: 'input', ...named, shape, batch: (args.batch_shape ?? args.batch_input_shape)?.[0] ?? null };
    }
    case 'Embedding':
      return {
        kind: 'embedding',
        ...named,
        inputDim: args.input_dim,
        outputDim: args.output_dim,
        maskZero: args.mask_zero,
      };
    case 'LSTM':
      return {
        kind: 'lstm',
        ...named,
        units: args.units,
        activation: activation(args.activation, 'activation'),
        recurrentActivation: activation(
          args.recurrent_activation === undefined
            ? keras === 1
              ? 'hard_sigmoid'
              : 'sigmoid'
            : args.recurrent_activation,
          'recurrent_activation',
        ),
        useBias: args.use_bias,
        returnSequences: args.return_sequences,
        returnState: args.return_state,
        goBackwards: args.go_backwards,
        stateful: args.stateful,
        unroll: args.unroll,
        zeroOutputForMask: args.zero_output_for_mask,
        // Keras 1 on TensorFlow; an unrolled layer starts from zeros in every version.
        maskedStart: keras === 1 && !args.unroll ? 'state' : 'zeros',
        dropout: args.dropout,
        recurrentDropout: args.recurrent_dropout,
      };
    case 'Dense':
      return {
        kind: 'dense',
        ...named,
        units: args.units,
        activation: activation(args.activation, 'activation'),
        useBias: args.use_bias,
        timeDistributed: false,
      };
    case 'TimeDistributed': {
      const inner = args.layer;
      const trainable = named.trainable && (inner.trainable ?? true);
      return {
        kind: 'dense',
        ...named,
        trainable,
        units: inner.units,
        activation: activation(inner.activation, 'layer.activation'),
        useBias: inner.use_bias,
        timeDistributed: true,
      };
    }
    case 'Dropout':
      return { kind: 'dropout', ...named, rate: args.rate };
    case 'Activation':
      return { kind: 'activation', ...named, activation: activation(args.activation, 'activation') };
    case 'Flatten':
      return { kind: 'flatten', ...named, dataFormat: args.data_format ?? 'channels_last' };
    case 'Masking':
      return { kind: 'masking', ...named, maskValue: args.mask_value };
  }
}

function weightPlan({ class: className, args }: Parsed, keras: Version, matrix: Tensor | undefined): WeightPlan {
  const initializer = (value: unknown, path: string): Initializer => parseInitializer(value, keras, path);
  switch (className) {
    case 'Embedding':
      return {
        given: givenWeights(args.weights, ['embeddings'], 'weights'),
        initializers: {
          embeddings: matrix
            ? { kind: 'constant', value: matrix }
            : initializer(args.embeddings_initializer, 'embeddings_initializer'),
        },
      };
    case 'LSTM':
      return {
        given: givenWeights(args.weights, ['kernel', 'recurrent_kernel', 'bias'], 'weights'),
        initializers: {
          kernel: initializer(args.kernel_initializer, 'kernel_initializer'),
          recurrent_kernel: initializer(args.recurrent_initializer, 'recurrent_initializer'),
          bias: initializer(args.bias_initializer, 'bias_initializer'),
        },
        forgetBias:
          args.forget_bias_init !== undefined
            ? initializer(args.forget_bias_init, 'forget_bias_init')
            : args.unit_forget_bias
              ? { kind: 'constant', value: 1 }
              : undefined,
        perGate: keras === 1 && args.consume_less !== 'gpu',
      };
    case 'Dense':
      return denseWeights(args, 'weights');
    case 'TimeDistributed':
      return denseWeights(args.layer, 'layer.weights');
    default:
      return { initializers: {} };
  }

  function denseWeights(
    dense: { weights?: unknown; kernel_initializer: unknown; bias_initializer: unknown },
    path: string,
  ): WeightPlan {
    return {
      given: givenWeights(dense.weights, ['kernel', 'bias'], path),
      initializers: {
        kernel: initializer(dense.kernel_initializer, 'kernel_initializer'),
        bias: initializer(dense.bias_initializer, 'bias_initializer'),
      },
    };
  }
}

/** Arrays by name, or in Keras's order. */
function givenWeights(value: unknown, order: readonly string[], path: string): Record<string, Tensor> | undefined {
  if (value === undefined) return undefined;
  const named = Array.isArray(value)
    ? value.map((array, at): [string, unknown] => [order[at] ?? `[${at}]`, array])
    : Object.entries(value as object);
  return Object.fromEntries(named.map(([name, array]) => [name, finiteTensor(array, `${path}.${name}`)]));
}
