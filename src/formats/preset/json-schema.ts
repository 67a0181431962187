import * as z from 'zod';
import { argumentAliases, type ClassName, classAliases, layerSchemas, presetSchema } from './schema.ts';

type JsonObject = Record<string, unknown>;

/** The JSON Schema of presets, made from the schemas that the lab itself checks with, older argument names included. */
export function presetJsonSchema(): JsonObject {
  const { layers: _, ...properties } = json(presetSchema).properties as JsonObject;
  const classes = Object.keys(layerSchemas) as ClassName[];
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://unpkg.com/lstm-lab/presets/preset.schema.json',
    title: 'lstm-lab preset',
    description: 'A model in Keras’s words, with its weights and its input.',
    type: 'object',
    required: ['layers'],
    additionalProperties: false,
    properties: {
      ...properties,
      layers: {
        type: 'array',
        minItems: 1,
        maxItems: 1000,
        items: { oneOf: classes.map((name) => ({ $ref: `#/$defs/${name}` })) },
      },
    },
    $defs: Object.fromEntries(classes.map((name) => [name, layerJsonSchema(name)])),
  };
}

function layerJsonSchema(className: ClassName): JsonObject {
  const schema = json(layerSchemas[className]);
  const properties = schema.properties as Record<string, JsonObject>;
  const aliases = Object.entries(argumentAliases[className] ?? {});
  const names = [
    className,
    ...Object.keys(classAliases).filter(
      (alias) => classAliases[alias] === className && alias !== 'TimeDistributedDense',
    ),
  ];
  const required = (schema.required as string[] | undefined) ?? [];
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

function json(schema: z.ZodType): JsonObject {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonObject;
}
