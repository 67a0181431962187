import { type ConversionConfig, toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import { argumentAliases, classAliases, commonAliases } from '../../src/formats/preset/aliases.ts';
import * as fields from '../../src/formats/preset/fields.ts';
import {
  type AnyClass,
  type AnySchema,
  type ClassName,
  cellClasses,
  layerClasses,
  presetSchema,
  schemaOf,
} from '../../src/formats/preset/schema.ts';

type JsonObject = Record<string, unknown>;

/** Older classes that take other arguments than today's: they are told in words, not by the schema. */
const otherArguments = ['TimeDistributedDense', 'CuDNNLSTM', 'CuDNNGRU'];

const inner: JsonObject = { $ref: '#/$defs/layer' };
const innerCell: JsonObject = { $ref: '#/$defs/cell' };

/** Arguments that are layers themselves, which their schemas know as objects with a class_name only. */
const nested: Readonly<Record<string, (schema: JsonObject) => JsonObject>> = {
  layer: ({ description }) => ({ description, ...inner }),
  backward_layer: ({ description }) => ({ description, anyOf: [inner, { type: 'null' }] }),
  layers: (schema) => ({ ...schema, items: inner }),
  cell: ({ description }) => ({
    description,
    anyOf: [innerCell, { type: 'array', minItems: 1, maxItems: 64, items: innerCell }],
  }),
  cells: (schema) => ({ ...schema, items: innerCell }),
};

/** What many layers take, which is said once. */
const definitions = {
  name: fields.name,
  count: fields.count,
  rate: fields.rate,
  length: fields.length,
  shape: fields.shape,
  batch_shape: fields.batchShape,
  axis: fields.axis,
  axes: fields.axes,
  numbers: fields.numbers,
  initializer: fields.initializer,
  activation: fields.activation,
  inference_only: fields.inferenceOnly,
  weights: fields.weights,
  tensor: fields.tensorName,
  initial_state: fields.initialState,
  inputs: fields.inputs,
  calls: fields.calls,
  batch_size: fields.batchSize,
  input_length: fields.inputLength,
  input_dim: fields.features,
  data_format: fields.dataFormat,
  one_length: fields.one,
  two_lengths: fields.two,
  both_ends: fields.bothEnds,
};

// What JSON Schema cannot say (a function that checks) the lab still checks.
const config: ConversionConfig = { typeMode: 'input', errorMode: 'ignore', target: 'draft-2020-12', definitions };

/** The JSON Schema of presets, made from the schemas that the lab itself checks with, older argument names included. */
export function presetJsonSchema(): JsonObject {
  const { layers, ...properties } = converted(presetSchema).properties as JsonObject;
  const schemas = [...layerClasses, ...cellClasses].map((name) => [name, classSchema(name)]);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://unpkg.com/lstm-lab/presets/preset.schema.json',
    title: 'lstm-lab preset',
    description: 'A model in Keras’s words, with its weights and its input.',
    type: 'object',
    required: ['layers'],
    additionalProperties: false,
    properties: { ...properties, layers: { ...(layers as JsonObject), items: inner } },
    $defs: {
      layer: { oneOf: layerClasses.map((name) => ({ $ref: `#/$defs/${name}` })) },
      cell: { oneOf: cellClasses.map((name) => ({ $ref: `#/$defs/${name}` })) },
      ...toJsonSchemaDefs(definitions, config),
      ...Object.fromEntries(schemas),
    },
  };
}

function classSchema(className: AnyClass): JsonObject {
  const json = converted(schemaOf(className));
  const properties = Object.fromEntries(
    Object.entries(json.properties as Record<string, JsonObject>).map(([name, value]) => [
      name,
      Object.hasOwn(nested, name) ? nested[name](value) : value,
    ]),
  );
  const own = argumentAliases[className.replace(/Cell$/, '') as ClassName] ?? {};
  const aliases = Object.entries({ ...commonAliases, ...own }).filter(([, today]) => Object.hasOwn(properties, today));
  const names = [
    className,
    ...Object.keys(classAliases).filter(
      (alias) => classAliases[alias] === className && !otherArguments.includes(alias),
    ),
  ];
  const required = (json.required as string[] | undefined) ?? [];
  // A required argument may come under its older name.
  const older = new Map(aliases.map(([alias, today]) => [today, alias]));
  const either = required.flatMap((name) =>
    older.has(name) ? [{ anyOf: [{ required: [name] }, { required: [older.get(name)] }] }] : [],
  );
  return {
    type: 'object',
    additionalProperties: false,
    properties: {
      class_name: { enum: names },
      ...properties,
      ...Object.fromEntries(
        aliases.map(([alias, today]) => [alias, { ...properties[today], description: `Keras 1’s name of ${today}.` }]),
      ),
    },
    required: ['class_name', ...required.filter((name) => !older.has(name))],
    ...(either.length > 0 && { allOf: either }),
  };
}

function converted(schema: AnySchema): JsonObject {
  const { $defs: _, $schema: __, ...json } = toJsonSchema(schema, config);
  return json;
}
