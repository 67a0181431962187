import * as v from 'valibot';

/* What arguments of layers may be. What is exported here stands once in the JSON Schema of presets, by these names, and is referred to. */

/** Bounds for lengths that files name: larger ones are refused before memory is asked for. */
const MAX_UNITS = 65_536;
export const MAX_LENGTH = 1_000_000;
export const MAX_ROWS = 10_000_000;

/** What an editor shows of a field. */
export const about = <S extends v.GenericSchema>(schema: S, description: string) =>
  v.pipe(schema, v.description<v.InferOutput<S>, string>(description));
/** A whole number; the bounds are within it. */
export const int = (min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER) =>
  v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
export const list = <S extends v.GenericSchema>(item: S, min: number, max: number) =>
  v.pipe(v.array(item), v.minLength(min), v.maxLength(max));
export const text = (max: number) => v.pipe(v.string(), v.maxLength(max));
// What has keys of a person's choosing is not left to valibot's own objects: those leave out `constructor`, which is a name as any other.
const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
/** An object by names. `inJsonSchema` says of its values what `item` does. */
export const named = <S extends v.GenericSchema>(item: S, wanted: string, inJsonSchema: object) =>
  v.pipe(
    v.custom<Readonly<Record<string, v.InferOutput<S>>>>(isObject),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const input = dataset.value;
      for (const [key, value] of Object.entries(input)) {
        if (v.is(item, value)) continue;
        addIssue({ message: wanted, input: value, path: [{ type: 'object', origin: 'value', input, key, value }] });
        return;
      }
    }),
    v.metadata({ type: 'object', additionalProperties: inJsonSchema }),
  );

export const name = about(
  v.pipe(
    v.string(),
    v.regex(
      /^(?!.*\.\.)[\p{L}\p{N}_][\p{L}\p{N}_.\-/]{0,99}$/u,
      'a name has letters, digits, _ - . and /, at most 100',
    ),
  ),
  'The layer’s name; by default Keras’s own: lstm, lstm_1, …',
);
export const flag = v.boolean();
export const number = v.pipe(v.number(), v.finite());
export const count = int(1, MAX_UNITS);
export const rate = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
/** A recurrent layer clamps its rates, where Dropout refuses them. */
export const clampedRate = v.pipe(
  number,
  v.transform((given) => Math.min(1, Math.max(0, given))),
);
export const length = v.nullable(int(1, MAX_LENGTH));
export const shape = about(list(length, 0, 7), 'Without the batch axis; null is a length not known before.');
export const batchShape = about(list(length, 0, 8), 'The first length is the batch’s.');
export const axis = about(int(-8, 8), 'Counted from 1, as the batch is axis 0; negative from the end.');
export const axes = v.union([axis, list(axis, 1, 7)]);
export const epsilon = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
export const numbers: v.GenericSchema<unknown> = about(v.array(v.unknown()), 'Nested lists of numbers.');
export const initializer: v.GenericSchema<unknown> = about(
  v.union([v.string(), numbers, v.looseObject({ class_name: v.string() }), v.null()]),
  'A name ("glorot_uniform"), a matrix, or {"class_name": …, "config": {…}}. Constant’s value may be {"word_vectors": "file.vec"}.',
);
export const activation = about(
  v.union([v.string(), v.null(), v.looseObject({ class_name: v.string() })]),
  'A Keras activation, or a layer that is one: {"class_name": "LeakyReLU", "config": {…}}; null is linear.',
);
export const inferenceOnly = about(v.unknown(), 'Accepted; has no effect at inference.');
export const seed = v.optional(inferenceOnly);
export const weights = about(
  v.union([v.array(v.unknown()), named(v.unknown(), '', {})]),
  'The arrays in Keras’s order, or by name: {"kernel": …, "recurrent_kernel": …, "bias": …}.',
);
export const given = { weights: v.nullish(weights) };
export const tensorName = about(text(240), '"lstm_1", "lstm_1:1" (its second output), "lstm_1#2" (its second call).');
export const initialState = about(
  list(v.union([tensorName, v.array(number)]), 1, 64),
  '[h, c], [h] for a layer with one state: tensors of the model, or lists of numbers. Forward before backward.',
);

export const inputs = about(list(tensorName, 0, 64), 'Where the input comes from; by default the layer before.');
export const calls = about(
  list(v.strictObject({ inputs, initial_state: v.optional(initialState) }), 1, 64),
  'A shared layer: one entry for each use, instead of inputs.',
);
export const batchSize = about(v.nullable(int(1, MAX_LENGTH)), 'The batch’s length, where it is fixed.');
export const inputLength = about(
  v.union([length, list(length, 0, 7)]),
  'Timesteps: with input_dim, another way to say input_shape.',
);
export const features = about(v.nullable(count), 'Features: with input_length, another way to say input_shape.');
export const dataFormat = v.picklist(['channels_last', 'channels_first']);
export const timesteps = int(1, MAX_LENGTH);
/** One length, which Keras also writes as a list of one. */
export const one = v.union([timesteps, v.strictTuple([timesteps])]);
export const two = v.union([timesteps, v.strictTuple([timesteps, timesteps])]);
export const atLeastZero = int(0, MAX_LENGTH);
export const bothEnds = v.union([atLeastZero, v.strictTuple([atLeastZero, atLeastZero]), v.strictTuple([atLeastZero])]);

/** What every layer takes: its name and wiring, and, where it is the first, what goes in. */
export const common = {
  name: v.optional(name),
  trainable: v.optional(flag, true),
  dtype: v.optional(v.unknown()),
  autocast: v.optional(flag),
  inputs: v.optional(inputs),
  calls: v.optional(calls),
  input_shape: v.optional(shape),
  batch_input_shape: v.optional(batchShape),
  input_length: v.optional(inputLength),
  batch_size: v.optional(batchSize),
};

/** The strict object of a layer's arguments: one that Keras does not have is refused. */
export const layer = <S extends v.ObjectEntries>(shape: S) => v.strictObject({ ...common, ...shape });

export const inputArguments = v.strictObject({
  name: v.optional(name),
  shape: v.optional(shape),
  batch_shape: v.optional(batchShape),
  batch_input_shape: v.optional(batchShape),
  batch_size: v.optional(batchSize),
  dtype: v.optional(v.unknown()),
  sparse: v.nullish(v.literal(false)),
  ragged: v.nullish(v.literal(false)),
  optional: v.optional(flag),
  trainable: v.optional(flag),
});

/** Features of a first layer. */
export const inputDim = { input_dim: v.optional(features) };

export const regularized = {
  kernel_regularizer: v.optional(inferenceOnly),
  bias_regularizer: v.optional(inferenceOnly),
  activity_regularizer: v.optional(inferenceOnly),
  kernel_constraint: v.optional(inferenceOnly),
  bias_constraint: v.optional(inferenceOnly),
};

/** A layer as it is written; which arguments it takes is looked up by its class. */
export const layerEntry = v.pipe(
  v.custom<Readonly<Record<string, unknown>> & { readonly class_name: string }>(isObject),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { value: input } = dataset;
    const value: unknown = input.class_name;
    if (typeof value === 'string' && value.length <= 100) return;
    const message = value === undefined ? 'this must be given' : 'a text of at most 100 characters is wanted here';
    addIssue({ message, input: value, path: [{ type: 'object', origin: 'value', input, key: 'class_name', value }] });
  }),
);

/** What is kept of a layer that a file has and the lab does not know. */
export const unknownArguments = v.object({
  trainable: v.pipe(
    v.unknown(),
    v.transform((given) => given !== false),
  ),
  inputs: v.optional(inputs),
  calls: v.optional(calls),
});
