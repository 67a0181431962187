import type { Building } from '../building.ts';
import { BATCH } from '../dim.ts';
import { wholeList } from '../known.ts';
import type { NodeProto } from '../model-proto.ts';
import { floatOf, intOf, intsOf, sliceRanges } from '../node.ts';
import type { Constant } from '../value.ts';

/* What a gate is before its activation: products of inputs with weights of the file, and numbers of the file. */

/** Rows [from, to) of W · input. */
export interface Term {
  readonly input: string;
  readonly weight: string;
  /** The file has W as [in, out]. */
  readonly isTurned: boolean;
  readonly from: number;
  readonly to: number;
  /** Of its columns only these, where the input is one of two that were joined. */
  readonly columns?: readonly [number, number];
}

/** Numbers [from, to) of a vector of the file. */
interface Added {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export interface Linear {
  readonly length: number;
  readonly terms: readonly Term[];
  readonly added: readonly Added[];
  /** One number that is added to all. */
  readonly plus: number;
}

export type View = Pick<Building, 'values' | 'producers' | 'opset'>;

/** As deep as sums and slices lie within each other here. */
const MAX_DEPTH = 8;

/** What is known already of a graph: many gates may share one sum. */
const found = new WeakMap<Building['values'], Map<string, Linear | null>>();

/** The sum that `name` is; null where it is something else. */
export function linearOf(view: Building, name: string): Linear | null {
  const sum = shiftedOf(view, name);
  return sum?.plus === 0 ? sum : null;
}

/** The same, where one number may be added to all. */
export function shiftedOf(view: Building, name: string): Linear | null {
  const known = found.get(view.values) ?? new Map<string, Linear | null>();
  found.set(view.values, known);
  const before = known.get(name);
  if (before !== undefined) return before;
  const made = sumOf(view, name, 0);
  known.set(name, made);
  return made;
}

function sumOf(view: Building, name: string, depth: number): Linear | null {
  const known = constantOf(view, name);
  const length = known?.shape.at(-1);
  if (length !== undefined) return { length, terms: [], added: [{ name, from: 0, to: length }], plus: 0 };
  const node = view.producers.get(name);
  if (node === undefined || node.domain !== '' || depth === MAX_DEPTH) return null;
  const inner = (at: number) => sumOf(view, node.inputs[at] ?? '', depth + 1);
  switch (node.opType) {
    case 'Add': {
      const [first, second] = node.inputs.map((input) => scalarOf(view, input));
      if (first !== null) return shifted(inner(1), first);
      return second !== null ? shifted(inner(0), second) : sum(inner(0), inner(1));
    }
    case 'Gemm': {
      if (floatOf(node, 'alpha', 1) !== 1 || floatOf(node, 'beta', 1) !== 1 || intOf(node, 'transA', 0) !== 0)
        return null;
      const product = productOf(view, node, intOf(node, 'transB', 0) === 0);
      return node.inputs[2] ? sum(product, inner(2)) : product;
    }
    case 'MatMul':
      return productOf(view, node, true);
    case 'Split':
      return split(view, node, node.outputs.indexOf(name), inner(0));
    case 'Slice':
      return sliced(view, node, inner(0));
    default:
      return null;
  }
}

export function constantOf({ values }: Pick<Building, 'values'>, name: string): Constant | null {
  const value = values.get(name);
  return value?.kind === 'constant' ? value : null;
}

function productOf(view: Building, { inputs: [input, weight] }: NodeProto, isTurned: boolean): Linear | null {
  const W = constantOf(view, weight);
  if (W?.shape.length !== 2) return null;
  const length = W.shape[isTurned ? 1 : 0];
  return { length, terms: [{ input, weight, isTurned, from: 0, to: length }], added: [], plus: 0 };
}

function sum(a: Linear | null, b: Linear | null): Linear | null {
  if (a === null || b === null || a.length !== b.length) return null;
  return { length: a.length, terms: [...a.terms, ...b.terms], added: [...a.added, ...b.added], plus: a.plus + b.plus };
}

function scalarOf(view: Building, name: string): number | null {
  const known = constantOf(view, name);
  return known?.shape.length === 0 ? known.data[0] : null;
}

function shifted(whole: Linear | null, by: number): Linear | null {
  return whole && { ...whole, plus: whole.plus + by };
}

function part(whole: Linear, from: number, to: number): Linear | null {
  if (!(from >= 0 && from < to && to <= whole.length)) return null;
  const moved = <T extends Added | Term>(one: T): T => ({ ...one, from: one.from + from, to: one.from + to });
  return { length: to - from, terms: whole.terms.map(moved), added: whole.added.map(moved), plus: whole.plus };
}

/** A product with [x, h] or [h, x] as two; `place` says which of them h is. */
export function apart(
  view: View,
  term: Term,
  units: number,
  place: (joined: readonly string[]) => number,
): readonly Term[] {
  const node = view.producers.get(term.input);
  const [columns] = [constantOf(view, term.weight)?.shape[term.isTurned ? 0 : 1] ?? 0];
  if (node?.opType !== 'Concat' || node.inputs.length !== 2 || !isLast(intOf(node, 'axis', 1))) return [term];
  const at = place(node.inputs);
  if (at < 0 || columns <= units) return [term];
  const edge = at === 0 ? units : columns - units;
  const [first, second] = node.inputs;
  return [
    { ...term, input: first, columns: [0, edge] },
    { ...term, input: second, columns: [edge, columns] },
  ];
}

/** The axis of the features of [batch, features]. */
const isLast = (axis: number) => axis === 1 || axis === -1;

function split({ values }: Building, node: NodeProto, at: number, whole: Linear | null): Linear | null {
  if (whole === null || !isLast(intOf(node, 'axis', 0))) return null;
  const equal = node.outputs.map(() => whole.length / node.outputs.length);
  const given = node.inputs[1] ? values.get(node.inputs[1]) : undefined;
  const sizes = given ? wholeList(given, 'parts') : (intsOf(node, 'split') ?? equal);
  const from = sizes.slice(0, at).reduce((a, b) => a + b, 0);
  return part(whole, from, from + sizes[at]);
}

function sliced(view: Building, node: NodeProto, whole: Linear | null): Linear | null {
  if (whole === null) return null;
  const inputs = node.inputs.map((name) => view.values.get(name) ?? null);
  const ranges = sliceRanges(view, node, inputs, [BATCH, whole.length]);
  const [samples, range] = [ranges.get(0), ranges.get(1)];
  const isAll = samples === undefined || (samples.start === 0 && samples.stop === null && samples.step === 1);
  if (!isAll || range?.step !== 1 || range.count === null) return null;
  return part(whole, range.start, range.start + range.count);
}
