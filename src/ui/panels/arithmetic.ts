import { kindOf } from '../../layers/kinds.ts';
import type { Layer } from '../../layers/layer.ts';
import { type ActivationName, activations } from '../../math/activations.ts';
import { row, rowsOf, type Tensor, widthOf } from '../../math/tensor.ts';
import type { Position } from '../../session/selectors.ts';
import { elementText } from '../notation.ts';

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
  | { readonly form: 'sum'; readonly parts: readonly Part[] }
  | {
      readonly form: 'activation';
      readonly activation: ActivationName;
      readonly argument: Named;
      /** The whole argument, for activations of a whole vector. */
      readonly vector: ArrayLike<number>;
    }
  | { readonly form: 'row'; readonly index: number; readonly table: Tensor }
  | { readonly form: 'differs'; readonly maskValue: number; readonly features: ArrayLike<number> }
  | { readonly form: 'place'; readonly from: Named; readonly places: readonly number[] }
);

/** The unit of a quantity that the cursor is on: some quantities are narrower than others. */
export function unitOf({ callTrace, unit }: Position, symbol: string): number {
  return Math.min(unit, widthOf(callTrace.quantities[symbol]) - 1);
}

export function arithmeticOf(at: Position, stage: number): Arithmetic {
  const { symbol, expression } = at.equations[stage];
  const unit = unitOf(at, symbol);
  const { layer } = at.callTrace.call;
  const squash = layer.kind === 'lstm' ? layer.activation : undefined;
  const element = (name: string, ...places: number[]) => elementText(name, places, squash);
  const result = { label: element(symbol, unit), value: row(at.callTrace.quantities[symbol], at.step)[unit] };
  const right = expression.slice(expression.indexOf('=') + 2);

  const call = /^(\w+)\((.*)\)$/.exec(right);
  if (call) {
    const [, name, argument] = call;
    if (name === 'row') {
      const table = constantsOf(layer).E as Tensor;
      return { form: 'row', result, index: operand(at, 'x')[0], table };
    }
    if (name === 'differs') {
      const maskValue = constantsOf(layer).mask_value as number;
      return { form: 'differs', result, maskValue, features: operand(at, 'x') };
    }
    if (name === 'flatten') {
      const places = placeInInput(at, unit);
      return { form: 'place', result, places, from: { label: element('x', ...places), value: inputAt(at, places) } };
    }
    if (name in activations) {
      const vector = operand(at, argument);
      const named = { label: element(argument, unit), value: vector[unit] };
      return { form: 'activation', result, activation: name as ActivationName, argument: named, vector };
    }
  }

  const number = (name: string): Named => {
    const vector = operand(at, name);
    return vector.length === 1
      ? { label: name, value: vector[0] }
      : { label: element(name, unit), value: vector[unit] };
  };
  const parts = right.split(' + ').map((text): Part => {
    const names = text.split(/ \.?\* /);
    const matrix = constantsOf(layer)[names[1]];
    if (typeof matrix === 'object' && matrix.shape.length === 2)
      return dot(at, names[0], names[1], matrix, unit, element);
    const factors = names.map(number);
    const value = factors.reduce((product, factor) => product * factor.value, 1);
    return { label: factors.map(({ label }) => label).join(' × '), terms: [{ factors, value }], isDot: false, value };
  });
  return { form: 'sum', result, parts };
}

function dot(
  at: Position,
  vectorName: string,
  matrixName: string,
  matrix: Tensor,
  unit: number,
  element: (name: string, ...places: number[]) => string,
): Part {
  const vector = operand(at, vectorName);
  const terms = Array.from({ length: rowsOf(matrix) }, (_, k): Product => {
    const weight = row(matrix, k)[unit];
    return {
      factors: [
        { label: element(vectorName, k), value: vector[k] },
        { label: element(matrixName, k, unit), value: weight },
      ],
      value: vector[k] * weight,
    };
  });
  const column = element(matrixName, unit).replace('[', '[:,');
  const name = element(vectorName, 0).replace('[0]', '');
  return {
    label: `${name} · ${column}`,
    terms,
    isDot: true,
    value: terms.reduce((sum, { value }) => sum + value, 0),
  };
}

/** The vector that a symbol stands for at the cursor's step. */
function operand(at: Position, name: string): ArrayLike<number> {
  const { callTrace, step, timestep } = at;
  const { input, call } = callTrace;
  if (name === 'x') {
    if (kindOf(call.layer).wholeInput) return input.data;
    const width = call.layer.kind === 'embedding' ? 1 : widthOf(input);
    return input.data.subarray(timestep * width, (timestep + 1) * width);
  }
  const previous = /^(h|c)_prev$/.exec(name)?.[1] as 'h' | 'c' | undefined;
  if (previous) {
    const now = callTrace.quantities[previous];
    return step > 0 ? row(now, step - 1) : (callTrace.initialState?.[previous] ?? new Float64Array(widthOf(now)));
  }
  const quantity = callTrace.quantities[name];
  if (quantity) return row(quantity, step);
  const constant = constantsOf(call.layer)[name];
  return typeof constant === 'number' ? [constant] : constant.data;
}

/** Where in the input the number of a flattened vector stands: one index for each axis. */
function placeInInput({ callTrace: { call, input } }: Position, index: number): number[] {
  const channelsFirst = call.layer.kind === 'flatten' && call.layer.dataFormat === 'channels_first';
  const moved = channelsFirst && input.shape.length > 1;
  const shape = moved ? [...input.shape.slice(1), input.shape[0]] : input.shape;
  const places: number[] = [];
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    places.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  return moved ? [places[places.length - 1], ...places.slice(0, -1)] : places;
}

function inputAt({ callTrace: { input } }: Position, places: readonly number[]): number {
  return input.data[places.reduce((offset, place, axis) => offset * input.shape[axis] + place, 0)];
}

// Constants are cut from the stored arrays; a step must not pay for that again.
const constants = new WeakMap<Layer, Readonly<Record<string, Tensor | number>>>();

export function constantsOf(layer: Layer): Readonly<Record<string, Tensor | number>> {
  let found = constants.get(layer);
  if (!found) {
    found = kindOf(layer).constants(layer);
    constants.set(layer, found);
  }
  return found;
}
