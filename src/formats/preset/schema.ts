import * as z from 'zod';
import { MAX_LENGTH, MAX_ROWS, numbers, tensorName, unknownArguments } from './fields.ts';
import { plainSchemas } from './schema-layers.ts';
import { cellSchemas, recurrentSchemas } from './schema-recurrent.ts';

/*
 * What a preset may say. The JSON Schema that ships with the presets is made from these files (test/tools/schemas.ts), so that an editor checks
 * what the lab checks.
 */

/** What makes the schema of each class that may stand among the layers. */
const layers = { ...plainSchemas, ...recurrentSchemas };

/** With the cells of an RNN, and what is known of a layer whose class the lab does not know. */
const all = { ...layers, ...cellSchemas, Unknown: () => unknownArguments };

export type ClassName = keyof typeof layers;
type CellName = keyof typeof cellSchemas;
export type AnyClass = keyof typeof all;

export const layerClasses = Object.keys(layers) as readonly ClassName[];
export const cellClasses = Object.keys(cellSchemas) as readonly CellName[];
export const isLayerClass = (name: string): name is ClassName => Object.hasOwn(layers, name);
export const isCellClass = (name: string): name is CellName => Object.hasOwn(cellSchemas, name);

type SchemaOf<C extends AnyClass> = ReturnType<(typeof all)[C]>;

const made = new Map<AnyClass, z.ZodObject>();

/** The arguments of a class. */
export function schemaOf<C extends AnyClass>(className: C): SchemaOf<C> {
  const schema = made.get(className) ?? all[className]();
  made.set(className, schema);
  return schema as SchemaOf<C>;
}

export type Version = 1 | 2 | 3;

/** One layer's arguments, checked, with the class that they are of. */
export type Parsed = { [C in AnyClass]: { class: C; args: z.output<SchemaOf<C>> } }[AnyClass];

/** That of one class. */
export type ParsedAs<C extends AnyClass> = Extract<Parsed, { class: C }>;

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
