import * as z from 'zod';

/* What arguments of layers may be. Those with an id stand once in the JSON Schema of presets, and are referred to. */

// zod would otherwise compile each schema with new Function, which costs more than one preset's check and is refused under some policies.
z.config({ jitless: true });

/** Bounds for lengths that files name: larger ones are refused before memory is asked for. */
const MAX_UNITS = 65_536;
export const MAX_LENGTH = 1_000_000;
export const MAX_ROWS = 10_000_000;

export const name = z
  .string()
  // Names become those of files in an NPZ archive, so that no part of a path may lead upwards.
  .regex(/^(?!.*\.\.)[\p{L}\p{N}_][\p{L}\p{N}_.\-/]{0,99}$/u, 'a name has letters, digits, _ - . and /, at most 100')
  .describe('The layer’s name; by default Keras’s own: lstm, lstm_1, …')
  .meta({ id: 'name' });
export const flag = z.boolean();
export const number = z.number();
export const count = z.int().positive().max(MAX_UNITS).meta({ id: 'count' });
export const rate = z.number().min(0).max(1).meta({ id: 'rate' });
/** A recurrent layer clamps its rates, where Dropout refuses them. */
export const clampedRate = z.number().overwrite((given) => Math.min(1, Math.max(0, given)));
export const length = z.int().positive().max(MAX_LENGTH).nullable().meta({ id: 'length' });
const shape = z
  .array(length)
  .max(7)
  .describe('Without the batch axis; null is a length not known before.')
  .meta({ id: 'shape' });
const batchShape = z.array(length).max(8).describe('The first length is the batch’s.').meta({ id: 'batch_shape' });
export const axis = z
  .int()
  .min(-8)
  .max(8)
  .describe('Counted from 1, as the batch is axis 0; negative from the end.')
  .meta({ id: 'axis' });
export const axes = z.union([axis, z.array(axis).min(1).max(7)]).meta({ id: 'axes' });
export const epsilon = z.number().min(0).max(1);
export const numbers: z.ZodType = z.array(z.unknown()).describe('Nested lists of numbers.').meta({ id: 'numbers' });
export const initializer: z.ZodType = z
  .union([z.string(), numbers, z.looseObject({ class_name: z.string() }), z.null()])
  .describe(
    'A name ("glorot_uniform"), a matrix, or {"class_name": …, "config": {…}}. Constant’s value may be {"word_vectors": "file.vec"}.',
  )
  .meta({ id: 'initializer' });
export const activation = z
  .union([z.string(), z.null(), z.looseObject({ class_name: z.string() })])
  .describe('A Keras activation, or a layer that is one: {"class_name": "LeakyReLU", "config": {…}}; null is linear.')
  .meta({ id: 'activation' });
export const inferenceOnly = z
  .unknown()
  .describe('Accepted; has no effect at inference.')
  .meta({ id: 'inference_only' });
export const seed = inferenceOnly.optional();
export const weights = z
  .union([z.array(z.unknown()), z.record(z.string(), z.unknown())])
  .describe('The arrays in Keras’s order, or by name: {"kernel": …, "recurrent_kernel": …, "bias": …}.')
  .meta({ id: 'weights' });
export const given = { weights: weights.nullish() };
export const tensorName = z
  .string()
  .max(240)
  .describe('"lstm_1", "lstm_1:1" (its second output), "lstm_1#2" (its second call).')
  .meta({ id: 'tensor' });
export const initialState = z
  .array(z.union([tensorName, z.array(z.number())]))
  .min(1)
  .max(64)
  .describe(
    '[h, c], [h] for a layer with one state: tensors of the model, or lists of numbers. Forward before backward.',
  )
  .meta({ id: 'initial_state' });

const inputs = z
  .array(tensorName)
  .max(64)
  .optional()
  .describe('Where the input comes from; by default the layer before.')
  .meta({ id: 'inputs' });
const calls = z
  .array(z.strictObject({ inputs: z.array(tensorName).max(64), initial_state: initialState.optional() }))
  .min(1)
  .max(64)
  .optional()
  .describe('A shared layer: one entry for each use, instead of inputs.')
  .meta({ id: 'calls' });

const batchSize = z
  .int()
  .positive()
  .max(MAX_LENGTH)
  .nullable()
  .optional()
  .describe('The batch’s length, where it is fixed.')
  .meta({ id: 'batch_size' });

/** What every layer takes: its name and wiring, and, where it is the first, what goes in. */
export const common = {
  name: name.optional(),
  trainable: flag.default(true),
  dtype: z.unknown().optional(),
  autocast: flag.optional(),
  inputs,
  calls,
  input_shape: shape.optional(),
  batch_input_shape: batchShape.optional(),
  input_length: z
    .union([length, z.array(length).max(7)])
    .optional()
    .describe('Timesteps: with input_dim, another way to say input_shape.')
    .meta({ id: 'input_length' }),
  batch_size: batchSize,
};

/** The strict object of a layer's arguments: one that Keras does not have is refused. */
export const layer = <S extends z.ZodRawShape>(shape: S) => z.strictObject({ ...common, ...shape });

export const inputArguments = z.strictObject({
  name: name.optional(),
  shape: shape.optional(),
  batch_shape: batchShape.optional(),
  batch_input_shape: batchShape.optional(),
  batch_size: batchSize,
  dtype: z.unknown().optional(),
  sparse: z.literal(false).nullish(),
  ragged: z.literal(false).nullish(),
  optional: flag.optional(),
  trainable: flag.optional(),
});

/** Features of a first layer. */
export const inputDim = {
  input_dim: count
    .nullable()
    .optional()
    .describe('Features: with input_length, another way to say input_shape.')
    .meta({ id: 'input_dim' }),
};

export const regularized = {
  kernel_regularizer: inferenceOnly.optional(),
  bias_regularizer: inferenceOnly.optional(),
  activity_regularizer: inferenceOnly.optional(),
  kernel_constraint: inferenceOnly.optional(),
  bias_constraint: inferenceOnly.optional(),
};

/** A layer inside another; which arguments it takes is looked up by its class. */
export const innerLayer = z.looseObject({ class_name: z.string().max(100) });

/** What is kept of a layer that a file has and the lab does not know. */
export const unknownArguments = z.object({
  trainable: z.unknown().transform((given) => given !== false),
  inputs,
  calls,
});
