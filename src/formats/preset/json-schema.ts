import * as z from 'zod';
import { argumentAliases, classAliases, commonAliases } from './aliases.ts';
import { type AnyClass, type ClassName, cellClasses, layerClasses, presetSchema, schemaOf } from './schema.ts';

type JsonObject = Record<string, unknown>;

/** Older classes that take other arguments than today's: they are told in words, not by the schema. */
const otherArguments = ['TimeDistributedDense', 'CuDNNLSTM', 'CuDNNGRU'];

const inner: JsonObject = { $ref: '#/$defs/layer' };
const innerCell: JsonObject = { $ref: '#/$defs/cell' };

/** Arguments that are layers themselves, which zod knows as objects with a class_name only. */
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

/** The JSON Schema of presets, made from the schemas that the lab itself checks with, older argument names included. */
export function presetJsonSchema(): JsonObject {
  const shared: JsonObject = {};
  const { layers, ...properties } = hoisted(presetSchema, shared).properties as JsonObject;
  const schemas = [...layerClasses, ...cellClasses].map((name) => [name, classSchema(name, shared)]);
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
      ...shared,
      ...Object.fromEntries(schemas),
    },
  };
}

function classSchema(className: AnyClass, shared: JsonObject): JsonObject {
  const json = hoisted(schemaOf(className), shared);
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

/** The schema with what it shares with others put aside, where all refer to it. */
function hoisted(schema: z.ZodType, shared: JsonObject): JsonObject {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonObject;
  const { $defs, $schema: _, ...rest } = json;
  for (const [name, value] of Object.entries(($defs ?? {}) as Record<string, JsonObject>)) {
    const { id: __, ...plain } = value;
    shared[name] = plain;
  }
  return rest;
}
