import * as v from 'valibot';
import {
  about,
  int,
  layerEntry,
  list,
  MAX_LENGTH,
  MAX_ROWS,
  named,
  numbers,
  tensorName,
  text,
  unknownArguments,
} from './fields.ts';
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

export type AnySchema = v.GenericSchema & { readonly entries: v.ObjectEntries };

type SchemaOf<C extends AnyClass> = ReturnType<(typeof all)[C]>;

const made = new Map<AnyClass, AnySchema>();

/** The arguments of a class. */
export function schemaOf<C extends AnyClass>(className: C): SchemaOf<C> {
  const schema = made.get(className) ?? all[className]();
  made.set(className, schema);
  return schema as SchemaOf<C>;
}

export type Version = 1 | 2 | 3;

/** One layer's arguments, checked, with the class that they are of. */
export type Parsed = { [C in AnyClass]: { class: C; args: v.InferOutput<SchemaOf<C>> } }[AnyClass];

/** That of one class. */
export type ParsedAs<C extends AnyClass> = Extract<Parsed, { class: C }>;

/** Everything of a preset but its layers, which are checked class by class. */
export const presetSchema = v.strictObject({
  $schema: v.optional(v.string()),
  name: about(v.optional(text(100)), 'By default the file’s name.'),
  title: about(v.optional(text(200)), 'One line for the list of presets.'),
  shows: about(v.optional(text(2000)), 'What the preset shows.'),
  look_for: v.optional(list(text(500), 0, 20)),
  try: v.optional(list(text(500), 0, 20)),
  keras: about(
    v.optional(v.union([v.literal(1), v.literal(2), v.literal(3)]), 3),
    'Whose behaviour: Keras 1.2, Keras 2.3 and tf.keras 2, or Keras 3.',
  ),
  seed: about(v.optional(int(0, 0xffffffff), 1), 'Seeds the weights that are drawn.'),
  layers: list(layerEntry, 1, 1000),
  outputs: about(
    v.optional(list(tensorName, 1, 100)),
    'By default all outputs of the last layer; a name without :n means all outputs of that call.',
  ),
  input: about(v.optional(numbers), 'One batch: [sample, timestep, feature] or [sample, timestep].'),
  inputs: about(
    v.optional(named(numbers, 'a list is wanted here', { $ref: '#/$defs/numbers' })),
    'One batch for each input of the model, by the Input’s name.',
  ),
  batches: about(
    v.optional(list(numbers, 1, 10_000)),
    'Batches that run one after the other; a stateful layer carries its state.',
  ),
  random_integers: about(
    v.optional(
      v.strictObject({
        low: v.optional(int(), 0),
        high: int(),
        size: list(int(1, MAX_LENGTH), 1, 3),
      }),
    ),
    'A batch of whole numbers from low to high − 1, as numpy.random.randint(low, high, size) draws them.',
  ),
  text: about(v.optional(list(text(100_000), 1, 10_000)), 'One text a sample; needs word_index.'),
  word_index: about(
    v.optional(
      named(int(0, MAX_ROWS), `a whole number from 0 to ${MAX_ROWS} is wanted here`, {
        type: 'integer',
        minimum: 0,
        maximum: MAX_ROWS,
      }),
    ),
    'Word → index, as Keras’s Tokenizer makes it.',
  ),
  padding: about(v.optional(v.picklist(['pre', 'post']), 'pre'), 'As pad_sequences.'),
  truncating: about(v.optional(v.picklist(['pre', 'post']), 'pre'), 'As pad_sequences.'),
  oov_index: about(
    v.optional(v.nullable(int(0)), null),
    'The index of unknown words; null drops them, as the Tokenizer does.',
  ),
});

export type PresetDocument = v.InferOutput<typeof presetSchema>;
