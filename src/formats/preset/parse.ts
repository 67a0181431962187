import * as v from 'valibot';
import { LabError, quote } from '../../math/lab-error.ts';
import { suggestion } from '../../model/nearest.ts';
import { safeName } from '../safe-name.ts';
import { argumentAliases, classAliases, commonAliases } from './aliases.ts';
import { checked } from './issues.ts';
import { distributed, merge } from './older-classes.ts';
import {
  type AnyClass,
  type AnySchema,
  type ClassName,
  cellClasses,
  isCellClass,
  isLayerClass,
  layerClasses,
  type Parsed,
  schemaOf,
} from './schema.ts';

export type Entry = { readonly class_name: string } & Readonly<Record<string, unknown>>;

/** A layer as it is written, checked, with the layers inside it. */
export interface Node {
  readonly parsed: Parsed;
  /** Its name, where it is given. */
  readonly name?: string;
  /** Its class as it is written. */
  readonly className: string;
  /** Where it stands in what it is part of: `layers[2]`, `layer`, `cell.cells[0]`. */
  readonly place: string;
  /** Bidirectional: forward and backward layer; TimeDistributed: the layer; RNN: its cells; a model: its layers. */
  readonly inner: readonly Node[];
}

/** How strictly: a preset is written by a person, whom mistakes are told; a file may hold what the lab does not know, which is left out. */
export type Unknowns = 'refuse' | 'leave out';

/** Bidirectional(RNN([…])) in two models is four deep. */
const MAX_DEPTH = 10;

/** Where a null says something else than that the argument is not given. */
const nullable = ['activation', 'recurrent_activation', 'merge_mode', 'input_length'];

/** Checks the layers of a preset or of a model inside it. Throws a LabError with the place. */
export function parseLayers(
  entries: readonly Entry[],
  unknowns: Unknowns,
  passedOver?: (className: string, argument: string) => void,
): Node[] {
  return entries.map((entry, at) =>
    parseLayer(entry, { place: `layers[${at}]`, outer: '', unknowns, depth: 0, passedOver }),
  );
}

interface Where {
  readonly place: string;
  /** The path of what it is part of. */
  readonly outer: string;
  readonly unknowns: Unknowns;
  readonly depth: number;
  /** Is told of arguments that are left out. */
  readonly passedOver?: (className: string, argument: string) => void;
  /** A cell is wanted. */
  readonly cell?: true;
}

function parseLayer(entry: Entry, where: Where): Node {
  const { place, outer, unknowns } = where;
  const written = entry.class_name;
  const path = join(outer, place);
  if (where.depth > MAX_DEPTH)
    throw new LabError({ path, problem: `layers stand inside each other at most ${MAX_DEPTH} deep.` });
  const { class_name: _, ...rest } = entry;
  const known = classOf(written, rest, where.cell === true);
  const name = unknowns === 'refuse' || typeof entry.name !== 'string' ? undefined : safeName(entry.name);
  if (known === undefined) {
    if (unknowns === 'refuse') throw unknownClass(written, path, where.cell === true);
    const parsed = {
      class: 'Unknown',
      args: v.parse(schemaOf('Unknown'), { inputs: rest.inputs, calls: rest.calls, trainable: rest.trainable }),
    } as Parsed;
    return { parsed, name, className: written, place, inner: [] };
  }
  const label = /^layers/.test(place)
    ? `${path} (${typeof entry.name === 'string' ? entry.name.slice(0, 60) : known.class})`
    : path;
  const today = renamed(known.args, known.class, label);
  const given = unknowns === 'refuse' ? today : { ...withoutNulls(today), ...(name !== undefined && { name }) };
  const schema: AnySchema = schemaOf(known.class);
  const isKnown = ([key]: readonly [string, unknown]) => Object.hasOwn(schema.entries, key);
  const args = checked(
    schema,
    unknowns === 'refuse' ? given : Object.fromEntries(Object.entries(given).filter(isKnown)),
    label,
    [...Object.keys(schema.entries), ...Object.keys(argumentAliases[known.class as ClassName] ?? {})],
  );
  for (const key of Object.keys(given)) if (!Object.hasOwn(schema.entries, key)) where.passedOver?.(known.class, key);
  const parsed = { class: known.class, args } as Parsed;
  const inside = { outer: label, unknowns, depth: where.depth + 1, passedOver: where.passedOver };
  return {
    parsed,
    name: (args as { name?: string }).name,
    className: written,
    place,
    inner: innerNodes(parsed, inside),
  };
}

function innerNodes({ class: className, args }: Parsed, inside: Omit<Where, 'place'>): Node[] {
  switch (className) {
    case 'TimeDistributed':
      return [parseLayer(args.layer, { ...inside, place: 'layer' })];
    case 'Bidirectional': {
      const forward = parseLayer(args.layer, { ...inside, place: 'layer' });
      if (args.backward_layer)
        return [forward, parseLayer(args.backward_layer, { ...inside, place: 'backward_layer' })];
      // The same layer, the other way round, with weights of its own.
      const { weights: _, ...copy } = forward.parsed.args as { weights?: unknown; go_backwards?: boolean };
      const parsed = {
        class: forward.parsed.class,
        args: { ...copy, go_backwards: copy.go_backwards !== true },
      } as Parsed;
      return [forward, { ...forward, parsed, inner: forward.inner.map(withoutWeights) }];
    }
    case 'RNN':
      return Array.isArray(args.cell)
        ? args.cell.flatMap((cell, at) => cells(cell, { ...inside, place: `cell[${at}]` }))
        : cells(args.cell, { ...inside, place: 'cell' });
    case 'Sequential':
    case 'Functional':
      return args.layers.map((entry, at) => parseLayer(entry, { ...inside, place: `layers[${at}]` }));
    default:
      return [];
  }
}

/** The cells of a stack, in order. */
function cells(entry: Entry, where: Where): Node[] {
  const node = parseLayer(entry, { ...where, cell: true });
  if (node.parsed.class !== 'StackedRNNCells') return [node];
  const { place } = where;
  return node.parsed.args.cells.flatMap((cell, at) =>
    cells(cell, { ...where, place: `${place}.cells[${at}]`, depth: where.depth + 1 }),
  );
}

function withoutWeights(node: Node): Node {
  const { weights: _, ...args } = node.parsed.args as { weights?: unknown };
  return { ...node, parsed: { ...node.parsed, args } as Parsed };
}

/** The class of today with the arguments that an older class stood for. */
function classOf(
  written: string,
  args: Readonly<Record<string, unknown>>,
  cell: boolean,
): { class: AnyClass; args: Readonly<Record<string, unknown>> } | undefined {
  if (cell) return isCellClass(written) ? { class: written, args } : undefined;
  if (isLayerClass(written)) return { class: written, args };
  if (written === 'Merge') return merge(args);
  if (!Object.hasOwn(classAliases, written)) return undefined;
  const today = classAliases[written];
  if (written === 'TimeDistributedDense') return { class: today, args: distributed(args) };
  if (written === 'CuDNNLSTM') return { class: today, args: { ...args, recurrent_activation: 'sigmoid' } };
  if (written === 'CuDNNGRU')
    return { class: today, args: { ...args, recurrent_activation: 'sigmoid', reset_after: true } };
  return { class: today, args };
}

/** Arguments under their names of today. */
function renamed(args: Readonly<Record<string, unknown>>, className: AnyClass, path: string): Record<string, unknown> {
  const own = argumentAliases[className.replace(/Cell$/, '') as ClassName] ?? {};
  const entries = new Map<string, unknown>();
  for (const [name, value] of Object.entries(args)) {
    const aliases = Object.hasOwn(own, name) ? own : commonAliases;
    const today = Object.hasOwn(aliases, name) ? aliases[name] : name;
    if (entries.has(today)) {
      throw new LabError({
        path: `${path}.${name}`,
        problem: `${today} is given twice, once under an older name.`,
        received: name,
      });
    }
    entries.set(today, plain(value));
  }
  return Object.fromEntries(entries);
}

/** Without the wrapping that some versions put around a number, {"type": "ndarray", "value": 0.3}, or a tuple. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { type, value: held, class_name: wrapper, items } = value as Record<string, unknown>;
  if (type === 'ndarray') return held;
  return (wrapper === '__tuple__' || wrapper === 'TensorShape') && Array.isArray(items) ? items : value;
}

function withoutNulls(args: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(args).filter(([key, value]) => value !== null || nullable.includes(key)));
}

function unknownClass(written: string, path: string, cell: boolean): LabError {
  const known: readonly string[] = cell ? cellClasses : layerClasses;
  return new LabError({
    path: `${path}.class_name`,
    problem: cell ? 'the lab has no cell of this class.' : 'the lab has no layer of this class.',
    received: quote(written),
    hint: suggestion(written, cell ? known : [...known, ...Object.keys(classAliases)], known),
  });
}

export function join(outer: string, place: string): string {
  return outer === '' ? place : `${outer}.${place}`;
}
