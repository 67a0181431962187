import { LabError, quote } from '../../math/lab-error.ts';
import { sizeOf, type Tensor } from '../../math/tensor.ts';
import { isRecord } from '../is-record.ts';
import { bytesOf, checkedShape, decode, type StoredArray, type StoredType, storedType } from '../stored-type.ts';
import type { TorchArrays } from './arrays.ts';
import { leftOut } from './state-dict.ts';

const MAX_HEADER = 2 ** 25;
const MAX_ARRAYS = 100_000;

/**
 * The arrays of a .safetensors file: eight bytes of header length, a JSON header {name: {dtype, shape, data_offsets}}, the numbers.
 * Throws a LabError with the array's name where anything does not fit. Source: github.com/huggingface/safetensors, README.
 */
export function readSafetensors(bytes: Uint8Array, file: string): TorchArrays {
  try {
    return read(bytes);
  } catch (error) {
    throw error instanceof LabError ? error.within({ file }) : error;
  }
}

function read(bytes: Uint8Array): TorchArrays {
  const { header, start } = readHeader(bytes);
  const arrays = new Map<string, StoredArray>();
  const metadata = new Map<string, string>();
  const unread: string[] = [];
  const known: { name: string; type: StoredType; shape: number[]; begin: number }[] = [];
  const used: { name: string; begin: number; end: number }[] = [];
  const entries = Object.entries(header);
  if (entries.length > MAX_ARRAYS)
    throw new LabError({ problem: `a file has at most ${MAX_ARRAYS} arrays.`, received: `${entries.length}` });
  for (const [name, entry] of entries) {
    if (name === '__metadata__') {
      if (isRecord(entry)) for (const [key, value] of Object.entries(entry)) metadata.set(key, String(value));
      continue;
    }
    const { dtype, shape, begin, end } = checkEntry(name, entry, bytes.length - start);
    used.push({ name, begin, end });
    const type = storedType(dtype);
    if (type === null) {
      unread.push(`${name} is ${dtype}`);
      continue;
    }
    const wanted = sizeOf(shape) * bytesOf(type);
    if (end - begin !== wanted) {
      throw new LabError({
        path: `${name}.data_offsets`,
        problem: `${dtype} of this shape takes ${wanted} bytes.`,
        received: `${end - begin}`,
      });
    }
    known.push({ name, type, shape, begin });
  }
  // Before anything is decoded: overlapping arrays could become many times the file.
  refuseOverlap(used);
  for (const { name, type, shape, begin } of known)
    arrays.set(name, { type, tensor: { shape, data: decode(type, bytes, start + begin, sizeOf(shape)) } });
  const notes = unread.length > 0 ? [leftOut(unread)] : [];
  return { arrays, metadata, notes, format: 'PyTorch .safetensors', modules: new Map() };
}

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; start: number } {
  if (bytes.length < 8) throw new LabError({ problem: 'the file is too short for a .safetensors file.' });
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > MAX_HEADER || length > bytes.length - 8) {
    throw new LabError({
      path: 'header',
      problem: 'the file is cut off, or is no .safetensors file: its header does not fit into it.',
      received: `a header of ${length} bytes in a file of ${bytes.length}`,
    });
  }
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch (error) {
    throw new LabError({
      path: 'header',
      problem: `the header is no JSON: ${(error as Error).message.slice(0, 200)}.`,
    });
  }
  if (!isRecord(header)) throw new LabError({ path: 'header', problem: 'the header must be a JSON object.' });
  return { header, start: 8 + length };
}

function checkEntry(name: string, entry: unknown, length: number) {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  if (typeof dtype !== 'string' || !Array.isArray(shape) || !Array.isArray(offsets) || offsets.length !== 2) {
    throw new LabError({
      path: name,
      problem: 'an array needs dtype, shape and data_offsets.',
      received: quote(entry),
    });
  }
  const [begin, end] = offsets as unknown[];
  const whole = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value);
  if (!whole(begin) || !whole(end) || begin < 0 || end < begin || end > length) {
    throw new LabError({
      path: `${name}.data_offsets`,
      problem: `the file is cut off or damaged: ${length} bytes of numbers are there.`,
      received: quote(offsets),
    });
  }
  return { dtype: dtype.slice(0, 40), shape: checkedShape(shape, `${name}.shape`), begin, end };
}

function refuseOverlap(used: { name: string; begin: number; end: number }[]): void {
  const sorted = used.filter(({ begin, end }) => end > begin).sort((a, b) => a.begin - b.begin);
  const at = sorted.findIndex(({ begin }, index) => index > 0 && begin < sorted[index - 1].end);
  if (at > 0)
    throw new LabError({ path: sorted[at].name, problem: `its numbers overlap with those of ${sorted[at - 1].name}.` });
}

/** A .safetensors file: float64 as F64, float32 as F32. Safetensors wants wider types first and the numbers aligned to eight bytes. */
export function writeSafetensors(
  arrays: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): Uint8Array {
  const sorted = [...arrays].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  const header: [string, unknown][] = [['__metadata__', metadata]];
  let length = 0;
  for (const [name, { shape, data }] of sorted) {
    const dtype = data instanceof Float64Array ? 'F64' : 'F32';
    header.push([name, { dtype, shape, data_offsets: [length, length + data.byteLength] }]);
    length += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const start = 8 + Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(start + length);
  bytes.fill(0x20, 8, start);
  bytes.set(text, 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  let at = start;
  for (const [, { data }] of sorted) {
    // Numbers are little-endian in the file, and on every machine that Node runs on but one (s390x).
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}
