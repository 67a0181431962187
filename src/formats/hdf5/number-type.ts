import type { Metadata } from 'h5wasm';
import type { H5 } from './module.ts';
import { type NumberType, numberTypeOf } from './numbers.ts';

/** What numbers a type of the library is; h5py's booleans are an enumeration of bytes. */
export function numberType(h5: H5, { type, size, signed }: Metadata): NumberType | undefined {
  const { H5T_FLOAT, H5T_INTEGER, H5T_ENUM } = h5.H5T_class_t;
  if (type === H5T_FLOAT.value) return numberTypeOf('float', size);
  return type === H5T_INTEGER.value || type === H5T_ENUM.value
    ? numberTypeOf(signed ? 'int' : 'uint', size)
    : undefined;
}
