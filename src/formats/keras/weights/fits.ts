import type { KerasLayer } from '../config/layer-tree.ts';
import { own } from '../config/object.ts';
import { todaysClass } from './classes.ts';
import type { Variables } from './variables.ts';

/** Whether arrays may be a layer's, by what its configuration says of their shapes. */
export function fits({ className, config }: KerasLayer, { shapes }: Variables): boolean {
  const number = (...keys: string[]) => keys.map((key) => own(config, key)).find((value) => typeof value === 'number');
  const units = number('units', 'output_dim') as number;
  const bias = own(config, 'use_bias') === false ? 0 : 1;
  const [first, second] = shapes;
  switch (todaysClass(className).replace(/Cell$/, '')) {
    case 'LSTM':
      return shapes.length === 2 + bias && is(second, [units, 4 * units]);
    case 'GRU':
      return shapes.length === 2 + bias && is(second, [units, 3 * units]);
    case 'SimpleRNN':
      return shapes.length === 2 + bias && is(second, [units, units]);
    case 'Dense':
      return shapes.length === 1 + bias && first.length === 2 && first[1] === units;
    case 'Embedding':
      return shapes.length === 1 && is(first, [number('input_dim'), units]);
    case 'Conv1D':
      return shapes.length === 1 + bias && first.length === 3 && first[2] === number('filters');
    case 'BatchNormalization':
      return shapes.length >= 2 && shapes.length <= 4 && shapes.every((shape) => shape.length === 1);
    default:
      return false;
  }
}

function is(shape: readonly number[] | undefined, wanted: readonly (number | unknown)[]): boolean {
  return shape !== undefined && shape.length === wanted.length && shape.every((length, at) => length === wanted[at]);
}
