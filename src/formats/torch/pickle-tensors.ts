import { LabError, quote } from '../../math/lab-error.ts';
import { checkedShape, type StoredType } from '../stored-type.ts';
import type { PickleFunction } from './pickle-value.ts';
import { isKind, type PickleValue, type StorageRef, type TensorRef } from './pickle-value.ts';

/** torch's storage classes by the type of their numbers. */
const STORAGES: Readonly<Record<string, StoredType>> = {
  DoubleStorage: 'F64',
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
};

const DTYPES: Readonly<Record<string, StoredType>> = {
  float64: 'F64',
  double: 'F64',
  float32: 'F32',
  float: 'F32',
  float16: 'F16',
  half: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  long: 'I64',
  int32: 'I32',
  int: 'I32',
  int16: 'I16',
  short: 'I16',
  int8: 'I8',
  uint64: 'U64',
  uint32: 'U32',
  uint16: 'U16',
  uint8: 'U8',
  bool: 'BOOL',
};

/** The type of a storage class's numbers; null for bytes (UntypedStorage) and what the lab does not read. */
export function storageType(className: string): StoredType | null {
  return Object.hasOwn(STORAGES, className) ? STORAGES[className] : null;
}

/** The last part of a class's name, if it is one of torch's storages. */
export function storageClass(value: PickleValue | undefined): string | undefined {
  if (!isKind(value, 'global')) return undefined;
  const name = value.name.slice(value.name.lastIndexOf('.') + 1);
  return /^torch\./.test(value.name) && name.endsWith('Storage') ? name : undefined;
}

/** What torch puts tensors together with. Source: torch/_utils.py, torch/_tensor.py. `construct` is for the one that calls another. */
export function tensorFunctions(
  construct: (callable: PickleValue, args: PickleValue) => PickleValue,
): Record<string, PickleFunction> {
  const tensor: PickleFunction = ([storage, offset, size, stride]) => view(storage, offset, size, stride);
  const parameter: PickleFunction = ([data = null]) => data;
  const fromType: PickleFunction = ([callable = null, , args = null]) => construct(callable, args);
  const unreadable =
    (what: string): PickleFunction =>
    () => ({
      kind: 'tensor',
      storage: { kind: 'storage', key: '', className: '', type: null, length: 0, start: 0 },
      type: null,
      offset: 0,
      shape: [],
      strides: [],
      unreadable: what,
    });
  return {
    'torch._utils._rebuild_tensor': tensor,
    'torch._utils._rebuild_tensor_v2': tensor,
    'torch._utils._rebuild_tensor_v3': ([storage, offset, size, stride, , , dtype]) =>
      view(storage, offset, size, stride, dtype),
    'torch._utils._rebuild_parameter': parameter,
    'torch._utils._rebuild_parameter_with_state': parameter,
    'torch.nn.parameter.Parameter': parameter,
    'torch.nn.parameter.Buffer': parameter,
    'torch._tensor._rebuild_from_type_v2': fromType,
    'torch._tensor._rebuild_from_type': fromType,
    'torch.tensor._rebuild_from_type': fromType,
    'torch._utils._rebuild_qtensor': unreadable('a quantized tensor'),
    'torch._utils._rebuild_sparse_tensor': unreadable('a sparse tensor'),
    'torch._utils._rebuild_sparse_csr_tensor': unreadable('a sparse tensor'),
    'torch._utils._rebuild_nested_tensor': unreadable('a nested tensor'),
    'torch._utils._rebuild_meta_tensor_no_storage': unreadable('a tensor without numbers'),
    'torch._utils._rebuild_wrapper_subclass': unreadable('a tensor of a class of its own'),
    'torch._utils._rebuild_device_tensor_from_numpy': parameter,
    'torch._utils._rebuild_device_tensor_from_cpu_tensor': parameter,
    'torch._utils._rebuild_xla_tensor': parameter,
  };
}

function view(
  storage: PickleValue | undefined,
  offset: PickleValue | undefined,
  size: PickleValue | undefined,
  stride: PickleValue | undefined,
  dtype?: PickleValue,
): TensorRef {
  if (!isKind(storage, 'storage') || !Array.isArray(size) || !Array.isArray(stride) || size.length !== stride.length)
    throw new LabError({ problem: 'a tensor is damaged: it needs a storage, an offset, a size and a stride.' });
  const [from] = checkedShape([offset], 'storage_offset');
  const type = dtype === undefined ? storage.type : typeNamed(dtype);
  return {
    kind: 'tensor',
    storage,
    type,
    offset: from,
    shape: checkedShape(size, 'size'),
    strides: checkedShape(stride, 'stride'),
    ...(type === null && { unreadable: `a tensor of ${unknownType(storage, dtype)}` }),
  };
}

function typeNamed(dtype: PickleValue): StoredType | null {
  const name = isKind(dtype, 'global') ? dtype.name.replace(/^torch\./, '') : '';
  return Object.hasOwn(DTYPES, name) ? DTYPES[name] : null;
}

function unknownType({ className }: StorageRef, dtype: PickleValue | undefined): string {
  return isKind(dtype, 'global') ? dtype.name : quote(className);
}
