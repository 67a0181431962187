import { kindOf } from '../../layers/kinds.ts';
import { isRecurrent, type Layer } from '../../layers/layer.ts';
import { windowAt } from '../../layers/windows.ts';
import { type ActivationName, activations } from '../../math/activations.ts';
import { numberAt, part, type Rows, row, type Tensor, tensor, whole, widthOf } from '../../math/tensor.ts';
import { innermost, seenByCell } from '../../session/evidence.ts';
import { seenAt } from '../../session/seen.ts';
import type { Position } from '../../session/selectors.ts';
import { elementText, symbolText } from '../notation.ts';
import { type DotProduct, evaluated, type Names } from './evaluated.ts';
import { lettersOf } from './letters.ts';
import { isMove, placesIn, sourceOf } from './places.ts';

/*
 * What an equation does with the actual numbers, for one unit: read from the equation's own string and from the trace, so that the arithmetic on
 * screen is the arithmetic that ran.
 */

/** A number with its name: `f[2]` and 0.731. */
interface Named {
  readonly label: string;
  readonly value: number;
}

export interface Product {
  readonly factors: readonly Named[];
  readonly value: number;
}

/** One summand: a dot product has a term for each row of its matrix, a product or a number has one. */
export interface Part {
  /** `x · W_i[:,2]`, `f[2] × c₋₁[2]`, `b_i[2]` */
  readonly label: string;
  readonly terms: readonly Product[];
  readonly isDot: boolean;
  readonly value: number;
}

export type Arithmetic = { readonly result: Named } & (
  | {
      readonly form: 'sum';
      readonly parts: readonly Part[];
      /** The sum is clipped to ± this. */
      readonly clip?: number;
    }
  | {
      readonly form: 'activation';
      readonly activation: ActivationName;
      readonly parameters: readonly number[];
      readonly argument: Named;
      /** The whole argument, for activations of a whole vector. */
      readonly vector: ArrayLike<number>;
    }
  | { readonly form: 'row'; readonly index: number; readonly table: Rows }
  | { readonly form: 'differs'; readonly maskValue: number; readonly features: ArrayLike<number> }
  /** A number that was moved; `from` null: it was not there before. */
  | { readonly form: 'place'; readonly from: Named | null; readonly places: readonly number[]; readonly input: number }
  /** The largest of a column. */
  | { readonly form: 'largest'; readonly candidates: readonly Named[] }
  /** Any other arithmetic, in letters and in numbers; the terms of the products that it sums. */
  | {
      readonly form: 'formula';
      readonly letters: string;
      readonly numbers: string;
      readonly parts: readonly Part[];
    }
  /** More than the screen writes out for one number. */
  | { readonly form: 'other' }
);

/** The unit of a quantity that the cursor is on: some quantities are narrower than others. */
export function unitOf({ callTrace, unit }: Position, symbol: string): number {
  return Math.min(unit, widthOf(callTrace.quantities[symbol]) - 1);
}

export function arithmeticOf(at: Position, stage: number): Arithmetic {
  const { symbol, expression } = at.equations[stage];
  const unit = unitOf(at, symbol);
  const { layer } = at.callTrace.call;
  const result = { label: elementOfSymbol(at, symbol, unit), value: quantityRow(at, symbol)[unit] };
  const right = expression.slice(expression.indexOf('=') + 2);
  if (isMove(expression)) return moved(at, result, symbol, unit);

  const clip = /^clip\((.*), ([\d.e+-]+)\)$/.exec(right);
  const call = clip ? null : /^(\w+)\(([^()]*)\)$/.exec(right);
  if (call) {
    const [, name, given] = call;
    const [argument, ...parameters] = given.split(', ');
    if (name === 'row') {
      const table = constantsOf(layer).E as Rows;
      return { form: 'row', result, index: operand(at, 'x').data[0], table };
    }
    if (name === 'differs') {
      const maskValue = constantsOf(layer).mask_value as number;
      return { form: 'differs', result, maskValue, features: operand(at, 'x').data };
    }
    if (name === 'column_max') return largest(at, result, argument, unit);
    if (name in activations) {
      const vector = operand(at, argument).data;
      const named = { label: elementOfSymbol(at, argument, unit), value: vector[unit] };
      const numbers = parameters.map(Number);
      return {
        form: 'activation',
        result,
        activation: name as ActivationName,
        parameters: numbers,
        argument: named,
        vector,
      };
    }
  }

  const masked = /^softmax\(where\(m, (\w+), (-[\de+]+)\)\)$/.exec(right);
  if (masked) {
    const [, name, never] = masked;
    const used = operand(at, 'm').data;
    const vector = Array.from(operand(at, name).data, (value, k) => (used[k] ? value : Number(never)));
    const argument = { label: elementOfSymbol(at, name, unit), value: vector[unit] };
    return { form: 'activation', result, activation: 'softmax', parameters: [], argument, vector };
  }

  const parts = sumParts(at, clip ? clip[1] : right, unit);
  if (parts) return { form: 'sum', result, parts, ...(clip && { clip: Number(clip[2]) }) };
  const found = evaluated(right, namesAt(at));
  if (!found || (found.value.data.length > 1 && found.value.data.length <= unit)) return { form: 'other', result };
  return {
    form: 'formula',
    result,
    letters: found.label(unit),
    // What the whole begins with needs no brackets.
    numbers: found.written(unit).replace(/^\((−[\d.e−]+)\)(?= [+−×/] |$)/, '$1'),
    parts: found.dots.map((product) => dotPart(at, product, unit)),
  };
}

/** Sums of products of symbols, of which one may be a matrix; null for any other expression. */
function sumParts(at: Position, expression: string, unit: number): Part[] | null {
  const summands = expression.split(/ \+ (?![^(]*\))/);
  if (!summands.every((text) => /^(?:\w+|\(\w+ \.\* \w+\) \* \w+)(?: \.?\* \w+)*$/.test(text))) return null;
  const number = (name: string): Named => {
    const { data } = operand(at, name);
    return data.length === 1
      ? { label: symbolText(name, lettersOf(at)), value: data[0] }
      : { label: elementOfSymbol(at, name, unit), value: data[unit] };
  };
  const names = namesAt(at);
  // A matrix on the left gives a number for each of its rows: no sum of products of this unit's numbers.
  const leftIsMatrix = summands.some((text) =>
    text
      .split(/ \.?\* /)
      .slice(0, -1)
      .some((name) => names.value(name)?.shape.length === 2),
  );
  if (leftIsMatrix) return null;
  return summands.map((text): Part => {
    const [, matrixName] = /^.* \* (\w+)$/.exec(text) ?? [];
    const matrix = matrixName === undefined ? undefined : names.value(matrixName);
    if (matrix?.shape.length === 2) {
      const [product] = evaluated(text, names)?.dots.slice(-1) ?? [];
      if (product) return dotPart(at, product, unit);
    }
    const factors = text.split(/ \.?\* /).map(number);
    const value = factors.reduce((product, factor) => product * factor.value, 1);
    return { label: factors.map(({ label }) => label).join(' × '), terms: [{ factors, value }], isDot: false, value };
  });
}

function dotPart(at: Position, product: DotProduct, unit: number): Part {
  const { vectorName, matrixName, byRows } = product;
  const letters = lettersOf(at);
  const known = new Map([...symbolsAt(at)].map((symbol) => [symbolText(symbol, letters), symbol]));
  const symbol = known.get(vectorName);
  const nameOf = (k: number) => (symbol ? elementOfSymbol(at, symbol, k) : `${vectorName}[${k}]`);
  const column = product.column(unit);
  const vector = product.vector(unit);
  const terms = Array.from({ length: column.length }, (_, k): Product => {
    const weight = { label: `${matrixName}[${byRows ? `${unit},${k}` : `${k},${unit}`}]`, value: column[k] };
    return { factors: [{ label: nameOf(k), value: vector[k] }, weight], value: vector[k] * column[k] };
  });
  return {
    label: byRows ? `${matrixName}[${unit},:] · ${vectorName}` : `${vectorName} · ${matrixName}[:,${unit}]`,
    terms,
    isDot: true,
    value: terms.reduce((sum, { value }) => sum + value, 0),
  };
}

/** What an equation may name at the cursor's step. */
function symbolsAt({ callTrace, ...at }: Position): Set<string> {
  const { layer } = callTrace.call;
  const seen = isRecurrent(layer) ? ['x', 'h_prev', 'c_prev'] : Object.keys(seenAt({ ...at, callTrace }));
  return new Set([...Object.keys(callTrace.quantities), ...seen, ...Object.keys(constantsOf(layer))]);
}

function moved(at: Position, result: Named, symbol: string, unit: number): Arithmetic {
  const source = sourceOf(at, symbol, unit);
  if (!source) return { form: 'place', result, from: null, places: [], input: 0 };
  const { input, places } = source;
  const { inputs } = at.callTrace;
  const { shape } = inputs[input];
  const index = places.reduce((offset, place, axis) => offset * shape[axis] + place, 0);
  const value = numberAt(inputs[input], index);
  const name = inputs.length > 1 ? `x_${input + 1}` : 'x';
  return { form: 'place', result, places, input, from: { label: elementText(name, places), value } };
}

function largest(at: Position, result: Named, name: string, unit: number): Arithmetic {
  const window = operand(at, name);
  const width = widthOf(window);
  const timesteps = windowPlaces(at)?.filter((place) => place >= 0);
  const candidates = Array.from({ length: window.data.length / width }, (_, k): Named => {
    return { label: elementText(name, [timesteps?.[k] ?? k, unit]), value: window.data[k * width + unit] };
  });
  return { form: 'largest', result, candidates };
}

/** The input's timesteps in the window at the cursor's step, −1 for padding; null for a layer without windows. */
export function windowPlaces({ callTrace, step }: Position): readonly number[] | null {
  const { layer } = callTrace.call;
  if (layer.kind !== 'conv1d' && layer.kind !== 'pooling1d') return null;
  const timesteps = callTrace.input.shape[layer.dataFormat === 'channels_first' ? 1 : 0];
  const size = layer.kind === 'conv1d' ? layer.kernelSize : layer.poolSize;
  return windowAt({ ...layer, size }, timesteps, step);
}

/** `f[2]`; of what a convolution sees its timestep and feature: `x[4,0]`. */
function elementOfSymbol(at: Position, name: string, unit: number): string {
  const letters = lettersOf(at);
  if (name === 'x' && at.callTrace.call.layer.kind === 'conv1d') {
    const places = windowPlaces(at);
    const width = places ? operand(at, 'x').data.length / places.length : 1;
    const place = places?.[Math.floor(unit / width)] ?? -1;
    return place < 0 ? 'padding' : elementText(name, [place, unit % width]);
  }
  const { shape, data } = operand(at, name);
  if (shape.length > 1 && data.length > 1) return elementText(name, placesIn(shape, unit), letters);
  return elementText(name, [unit], letters);
}

function namesAt(at: Position): Names {
  const letters = lettersOf(at);
  return {
    value: (name) => found(at, name),
    text: (name) => symbolText(name, letters),
    label: (name, unit) =>
      operand(at, name).data.length === 1 ? symbolText(name, letters) : elementOfSymbol(at, name, unit),
  };
}

/** A quantity's numbers at the cursor's step; of one that has several rows at each step, all of them. */
function quantityRow({ callTrace, step, steps }: Position, symbol: string): Float64Array | Float32Array {
  return part(callTrace.quantities[symbol], step, steps);
}

/** What a symbol stands for at the cursor's step. */
function operand(at: Position, name: string): Tensor {
  const value = found(at, name);
  if (!value) throw new Error(`an equation of ${at.name} names ${name}, which stands for nothing`);
  return value;
}

function found(at: Position, name: string): Tensor | undefined {
  const { callTrace, step, timestep } = at;
  const { input, call } = callTrace;
  const quantity = callTrace.quantities[name];
  const known = constantsOf(call.layer)[name];
  if (quantity) {
    const values = quantityRow(at, name);
    const width = widthOf(quantity);
    return values.length > width ? tensor([values.length / width, width], values) : tensor([width], values);
  }
  if (isRecurrent(call.layer)) {
    if (name === 'x') return tensor([widthOf(input)], row(input, timestep));
    const previous = /^(h|c)_prev$/.exec(name)?.[1] as 'h' | 'c' | undefined;
    if (previous) {
      const now = callTrace.quantities[previous];
      const start = callTrace.initialState?.[previous] ?? new Float64Array(widthOf(now));
      return tensor([widthOf(now)], step > 0 ? row(now, step - 1) : start);
    }
  } else {
    const cell = innermost(call.layer);
    const value = (isRecurrent(cell) ? seenByCell(cell, callTrace, step) : seenAt(at))[name];
    if (value !== undefined) return typeof value === 'number' ? tensor([], [value]) : value;
  }
  if (known === undefined) return undefined;
  return typeof known === 'number' ? tensor([], [known]) : whole(known);
}

// Constants are cut from the stored arrays; a step must not pay for that again.
const constants = new WeakMap<Layer, Readonly<Record<string, Rows | number>>>();

export function constantsOf(layer: Layer): Readonly<Record<string, Rows | number>> {
  let found = constants.get(layer);
  if (!found) {
    found = kindOf(layer).constants(layer);
    constants.set(layer, found);
  }
  return found;
}
