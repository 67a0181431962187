import * as z from 'zod';

/*
 * What a preset may say. Argument names are Keras 3's; `aliases` has the names of Keras 1 and 2. The JSON Schema that ships with the presets is
 * made from this file (test/tools/schemas.ts), so that an editor checks what the lab checks.
 */

// zod would otherwise compile each schema with new Function, which costs more than one preset's check and is refused under some policies.
z.config({ jitless: true });

/** Bounds for lengths that files name: larger ones are refused before memory is asked for. */
const MAX_UNITS = 65_536;
const MAX_LENGTH = 1_000_000;
const MAX_ROWS = 10_000_000;

const name = z
  .string()
  // Names become those of files in an NPZ archive, so that no part of a path may lead upwards.
  .regex(/^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_.\-/]{0,99}$/, 'a name has letters, digits, _ - . and /, at most 100')
  .describe('The layer’s name; by default Keras’s own: lstm, lstm_1, …');
const flag = z.boolean();
const count = z.int().positive().max(MAX_UNITS);
const rate = z.number().min(0).max(1);
/** An LSTM clamps its rates, where Dropout refuses them. */
const clampedRate = z.number().overwrite((given) => Math.min(1, Math.max(0, given)));
const length = z.int().positive().max(MAX_LENGTH).nullable();
const numbers: z.ZodType = z.array(z.unknown()).describe('Nested lists of numbers.');
const initializer: z.ZodType = z
  .union([z.string(), numbers, z.looseObject({ class_name: z.string() })])
  .describe(
    'A name ("glorot_uniform"), a matrix, or {"class_name": …, "config": {…}}. Constant’s value may be {"word_vectors": "file.vec"}.',
  );
const activation = z.union([z.string(), z.null()]).describe('A Keras activation; null is linear.');
const inferenceOnly = z.unknown().describe('Accepted; has no effect at inference.');
const weights = z
  .union([z.array(z.unknown()), z.record(z.string(), z.unknown())])
  .describe('The arrays in Keras’s order, or by name: {"kernel": …, "recurrent_kernel": …, "bias": …}.');
const tensorName = z
  .string()
  .max(120)
  .describe('"lstm_1", "lstm_1:1" (its second output), "lstm_1#2" (its second call).');
const initialState = z
  .union([z.tuple([tensorName, tensorName]), z.tuple([z.array(z.number()), z.array(z.number())])])
  .describe('[h, c]: two tensors of the model, or two lists of numbers.');

const wiring = {
  inputs: z.array(tensorName).max(16).optional().describe('Where the input comes from; by default the layer before.'),
  calls: z
    .array(z.strictObject({ inputs: z.array(tensorName).max(16), initial_state: initialState.optional() }))
    .min(1)
    .max(64)
    .optional()
    .describe('A shared layer: one entry for each use, instead of inputs.'),
};

const common = {
  name: name.optional(),
  trainable: flag.default(true),
  dtype: z.unknown().optional(),
  autocast: flag.optional(),
  ...wiring,
};
const batchSize = z
  .int()
  .positive()
  .max(MAX_LENGTH)
  .nullable()
  .optional()
  .describe('The batch’s length, where it is fixed.');
const featureCount = count
  .nullable()
  .optional()
  .describe('Features: with input_length, another way to say input_shape.');

const shaped = {
  input_shape: z.array(length).max(7).optional(),
  batch_input_shape: z.array(length).max(8).optional().describe('The first length is the batch’s.'),
  input_length: length.optional(),
  batch_size: batchSize,
};

const regularized = {
  kernel_regularizer: inferenceOnly,
  bias_regularizer: inferenceOnly,
  activity_regularizer: inferenceOnly,
  kernel_constraint: inferenceOnly,
  bias_constraint: inferenceOnly,
};
const optionalAll = <T extends Record<string, z.ZodType>>(shape: T) =>
  Object.fromEntries(Object.entries(shape).map(([key, type]) => [key, type.optional()])) as {
    [K in keyof T]: z.ZodOptional<T[K]>;
  };

const dense = {
  units: count,
  activation: activation.default(null),
  use_bias: flag.default(true),
  kernel_initializer: initializer.default('glorot_uniform'),
  bias_initializer: initializer.default('zeros'),
  ...optionalAll(regularized),
  lora_rank: z.null().optional(),
  lora_alpha: z.null().optional(),
  quantization_config: z.null().optional(),
  weights: weights.nullish(),
};

/** One strict object for each class: an argument that Keras does not have is refused. */
export const layerSchemas = {
  Input: z.strictObject({
    name: name.optional(),
    shape: z.array(length).max(7).optional().describe('Without the batch axis; null is a length not known before.'),
    batch_shape: z.array(length).max(8).optional(),
    batch_input_shape: z.array(length).max(8).optional(),
    batch_size: batchSize,
    dtype: z.unknown().optional(),
    sparse: z.literal(false).nullish(),
    ragged: z.literal(false).nullish(),
    optional: flag.optional(),
    trainable: flag.optional(),
  }),
  Embedding: z.strictObject({
    ...common,
    ...shaped,
    input_dim: z.int().positive().max(MAX_ROWS).describe('Rows: the largest index + 1.'),
    output_dim: count,
    embeddings_initializer: initializer.default('uniform'),
    embeddings_regularizer: inferenceOnly.optional(),
    activity_regularizer: inferenceOnly.optional(),
    embeddings_constraint: inferenceOnly.optional(),
    mask_zero: flag.default(false).describe('Index 0 is padding: later layers skip the timestep.'),
    weights: weights.nullish(),
    dropout: rate.optional().describe('Keras 1: drops words while training.'),
    lora_rank: z.null().optional(),
    lora_alpha: z.null().optional(),
    quantization_config: z.null().optional(),
    sparse: flag.optional(),
  }),
  LSTM: z.strictObject({
    ...common,
    ...shaped,
    input_dim: featureCount,
    units: count,
    activation: activation.default('tanh'),
    recurrent_activation: activation.optional().describe('Default: sigmoid; hard_sigmoid with "keras": 1.'),
    use_bias: flag.default(true),
    kernel_initializer: initializer.default('glorot_uniform'),
    recurrent_initializer: initializer.default('orthogonal'),
    bias_initializer: initializer.default('zeros'),
    unit_forget_bias: flag.default(true).describe('The forget gate’s part of a drawn bias is 1.'),
    forget_bias_init: initializer.optional().describe('Keras 1: how the forget gate’s part of the bias is drawn.'),
    ...optionalAll(regularized),
    recurrent_regularizer: inferenceOnly.optional(),
    recurrent_constraint: inferenceOnly.optional(),
    dropout: clampedRate.default(0),
    recurrent_dropout: clampedRate.default(0),
    seed: z.union([z.int(), z.null()]).optional(),
    return_sequences: flag.default(false),
    return_state: flag.default(false),
    go_backwards: flag.default(false),
    stateful: flag.default(false),
    unroll: flag.default(false),
    zero_output_for_mask: flag.default(false),
    use_cudnn: z.union([flag, z.literal('auto')]).optional(),
    implementation: z.int().optional(),
    consume_less: z.enum(['cpu', 'mem', 'gpu']).optional(),
    time_major: z.literal(false).optional(),
    enable_caching_device: flag.optional(),
    initial_state: initialState.optional(),
    weights: weights.nullish(),
  }),
  Dense: z.strictObject({ ...common, ...shaped, input_dim: featureCount, ...dense }),
  TimeDistributed: z.strictObject({
    ...common,
    ...shaped,
    input_dim: featureCount,
    layer: z.strictObject({
      class_name: z.literal('Dense'),
      name: name.optional(),
      trainable: flag.optional(),
      dtype: z.unknown().optional(),
      ...shaped,
      input_dim: featureCount,
      ...dense,
    }),
  }),
  Dropout: z.strictObject({
    ...common,
    ...shaped,
    rate: rate.describe('The fraction that is dropped while training.'),
    noise_shape: z.unknown().optional(),
    seed: z.union([z.int(), z.null()]).optional(),
  }),
  Activation: z.strictObject({ ...common, ...shaped, activation: z.string() }),
  Flatten: z.strictObject({ ...common, ...shaped, data_format: z.enum(['channels_last', 'channels_first']).nullish() }),
  Masking: z.strictObject({ ...common, ...shaped, mask_value: z.number().default(0) }),
} as const;

export type ClassName = keyof typeof layerSchemas;

export type Version = 1 | 2 | 3;

/** One layer's arguments, checked, with the class that they are of. */
export type Parsed = { [C in ClassName]: { class: C; args: z.output<(typeof layerSchemas)[C]> } }[ClassName];

/** Older names of classes and arguments → today's. */
export const classAliases: Record<string, ClassName> = { InputLayer: 'Input', TimeDistributedDense: 'TimeDistributed' };

const everyLayer = { input_dtype: 'dtype' };
const recurrentOrDense = {
  ...everyLayer,
  init: 'kernel_initializer',
  W_regularizer: 'kernel_regularizer',
  b_regularizer: 'bias_regularizer',
  W_constraint: 'kernel_constraint',
  b_constraint: 'bias_constraint',
};
export const argumentAliases: Partial<Record<ClassName, Record<string, string>>> = {
  LSTM: {
    ...recurrentOrDense,
    output_dim: 'units',
    inner_activation: 'recurrent_activation',
    inner_init: 'recurrent_initializer',
    U_regularizer: 'recurrent_regularizer',
    dropout_W: 'dropout',
    dropout_U: 'recurrent_dropout',
  },
  Embedding: {
    ...everyLayer,
    init: 'embeddings_initializer',
    W_regularizer: 'embeddings_regularizer',
    W_constraint: 'embeddings_constraint',
  },
  Dense: { ...recurrentOrDense, output_dim: 'units', bias: 'use_bias' },
  Dropout: { ...everyLayer, p: 'rate' },
  Input: everyLayer,
  TimeDistributed: everyLayer,
  Activation: everyLayer,
  Flatten: everyLayer,
  Masking: everyLayer,
};

/** Everything of a preset but its layers, which are checked class by class. */
export const presetSchema = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().max(100).optional().describe('By default the file’s name.'),
  title: z.string().max(200).optional().describe('One line for the list of presets.'),
  shows: z.string().max(2000).optional().describe('What the preset shows.'),
  look_for: z.array(z.string().max(500)).max(20).optional(),
  try: z.array(z.string().max(500)).max(20).optional(),
  keras: z
    .union([z.literal(1), z.literal(2), z.literal(3)])
    .default(3)
    .describe('Whose behaviour: Keras 1.2, Keras 2.3 and tf.keras 2, or Keras 3.'),
  seed: z.int().min(0).max(0xffffffff).default(1).describe('Seeds the weights that are drawn.'),
  layers: z
    .array(z.looseObject({ class_name: z.string().max(100) }))
    .min(1)
    .max(1000),
  outputs: z
    .array(tensorName)
    .min(1)
    .max(100)
    .optional()
    .describe('By default all outputs of the last layer; a name without :n means all outputs of that call.'),
  input: numbers.optional().describe('One batch: [sample, timestep, feature] or [sample, timestep].'),
  inputs: z
    .record(z.string(), numbers)
    .optional()
    .describe('One batch for each input of the model, by the Input’s name.'),
  batches: z
    .array(numbers)
    .min(1)
    .max(10_000)
    .optional()
    .describe('Batches that run one after the other; a stateful layer carries its state.'),
  random_integers: z
    .strictObject({
      low: z.int().default(0),
      high: z.int(),
      size: z.array(z.int().positive().max(MAX_LENGTH)).min(1).max(3),
    })
    .optional()
    .describe('A batch of whole numbers from low to high − 1, as numpy.random.randint(low, high, size) draws them.'),
  text: z.array(z.string().max(100_000)).min(1).max(10_000).optional().describe('One text a sample; needs word_index.'),
  word_index: z
    .record(z.string().max(200), z.int().min(0).max(MAX_ROWS))
    .optional()
    .describe('Word → index, as Keras’s Tokenizer makes it.'),
  padding: z.enum(['pre', 'post']).default('pre').describe('As pad_sequences.'),
  truncating: z.enum(['pre', 'post']).default('pre').describe('As pad_sequences.'),
  oov_index: z
    .int()
    .min(0)
    .nullable()
    .default(null)
    .describe('The index of unknown words; null drops them, as the Tokenizer does.'),
});

export type PresetDocument = z.output<typeof presetSchema>;
