import { LabError } from '../../math/lab-error.ts';
import { bytesOf, checkedShape, type StoredType } from '../stored-type.ts';
import type { PickleFunction } from './pickle-value.ts';
import {
  isKind,
  type PickleObject,
  type PickleValue,
  pickleObject,
  plainText,
  type TensorRef,
} from './pickle-value.ts';

const TYPES: Readonly<Record<string, StoredType>> = {
  f8: 'F64',
  f4: 'F32',
  f2: 'F16',
  i8: 'I64',
  i4: 'I32',
  i2: 'I16',
  i1: 'I8',
  u8: 'U64',
  u4: 'U32',
  u2: 'U16',
  u1: 'U8',
  b1: 'BOOL',
};

const record: PickleFunction = (args, name) => pickleObject(name, args);

/** What numpy puts arrays, types and random states together with: records until their state comes (`makeArray`). */
export const numpyFunctions: Readonly<Record<string, PickleFunction>> = Object.fromEntries(
  [
    'numpy.dtype',
    'numpy.ndarray',
    'numpy.matrix',
    ...['numpy.core.multiarray', 'numpy._core.multiarray'].flatMap((module) => [
      `${module}._reconstruct`,
      `${module}.scalar`,
    ]),
    ...['numpy.random', 'numpy.random._pickle'].flatMap((module) =>
      ['__RandomState_ctor', '__randomstate_ctor', '__bit_generator_ctor', '__generator_ctor'].map(
        (name) => `${module}.${name}`,
      ),
    ),
  ].map((name) => [name, record]),
);

/** A numpy array from its state (version, shape, dtype, Fortran order, bytes); undefined where the object is none. */
export function makeArray({ className }: PickleObject, state: PickleValue): TensorRef | undefined {
  if (!/^numpy\.(_?core\.multiarray\._reconstruct|ndarray)$/.test(className) || !Array.isArray(state)) return undefined;
  const [, size, dtype, fortran, data] = state.length === 5 ? state : [null, ...state];
  const bytes = typeof data === 'string' ? Uint8Array.from(data, (letter) => letter.charCodeAt(0)) : data;
  if (!Array.isArray(size) || !isKind(dtype, 'object')) return undefined;
  const shape = checkedShape(size, 'shape');
  const name = plainText(dtype.args[0]);
  const order = Array.isArray(dtype.state) ? dtype.state[1] : '<';
  const type = Object.hasOwn(TYPES, name) ? TYPES[name] : null;
  if (type !== null && !(bytes instanceof Uint8Array))
    throw new LabError({ problem: 'a numpy array is damaged: its numbers are missing.' });
  const held = bytes instanceof Uint8Array ? bytes : new Uint8Array();
  const strides = shape.map((_, axis) =>
    (fortran === true ? shape.slice(0, axis) : shape.slice(axis + 1)).reduce((product, length) => product * length, 1),
  );
  return {
    kind: 'tensor',
    storage: {
      kind: 'storage',
      key: '',
      className: 'numpy.ndarray',
      type,
      length: type === null ? 0 : Math.floor(held.length / bytesOf(type)),
      start: 0,
      bytes: held,
    },
    type,
    offset: 0,
    shape,
    strides,
    ...(type === null && { unreadable: `a numpy array of type ${name}` }),
    ...(order === '>' && { bigEndian: true as const }),
  };
}
