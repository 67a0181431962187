import { LabError, quote } from '../math/lab-error.ts';
import { sizeOf, type Tensor, tensor } from '../math/tensor.ts';
import { bytesOf, checkedShape, decode, type StoredArray, type StoredType, storedType } from './stored-type.ts';
import { openZip } from './zip.ts';

/** A header is a line of Python; numpy itself refuses longer ones. Source: numpy/lib/format.py, _MAX_HEADER_SIZE. */
const MAX_HEADER = 10_000;

/** As many bytes as all arrays of an archive may unpack to. */
const MAX_UNPACKED = 2 ** 30;

const MAGIC = Uint8Array.from([0x93, ...Buffer.from('NUMPY')]);

/** numpy's letters for kinds of numbers. */
const KINDS: Readonly<Record<string, string>> = { f: 'F', i: 'I', u: 'U' };

export function isNpy(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, at) => bytes[at] === byte);
}

/**
 * The array of a .npy file (version 1 to 3) in row-major order, in the precision that the file has. Arrays of Python objects, text and complex
 * numbers are refused. Throws a LabError. Format: numpy/lib/format.py.
 */
export function readNpy(bytes: Uint8Array): StoredArray {
  if (!isNpy(bytes) || bytes.length < 12) throw damaged('its beginning is not that of a .npy file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6];
  if (version < 1 || version > 3) {
    throw new LabError({ problem: 'the lab reads .npy files of version 1 to 3.', received: `version ${version}` });
  }
  const headerAt = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER) throw damaged(`its header claims ${length} bytes`);
  const start = headerAt + length;
  if (start > bytes.length) throw damaged('it ends in the header');
  const header = new TextDecoder().decode(bytes.subarray(headerAt, start));
  const { type, bigEndian } = typeOf(header);
  const shape = shapeOf(header);
  const count = sizeOf(shape);
  const wanted = count * bytesOf(type);
  if (bytes.length - start < wanted)
    throw damaged(`${wanted} bytes of numbers are wanted, and ${bytes.length - start} are there`);
  const numbers = tensor(shape, decode(type, bytes, start, count, bigEndian));
  const isFortran = /['"]fortran_order['"]\s*:\s*True/.test(header);
  return { tensor: isFortran ? rowMajor(numbers) : numbers, type };
}

/** The arrays of a .npz file by name, in its order. Throws a LabError that names the array. */
export function readNpz(bytes: Uint8Array): ReadonlyMap<string, StoredArray> {
  const members = [...openZip(bytes).values()].filter(({ name }) => name.endsWith('.npy'));
  if (members.length === 0)
    throw new LabError({ problem: 'the archive holds no .npy arrays.', hint: 'numpy.savez writes them.' });
  const unpacked = members.reduce((sum, { size }) => sum + size, 0);
  if (unpacked > MAX_UNPACKED)
    throw new LabError({
      problem: `the arrays of an archive have at most ${MAX_UNPACKED / 2 ** 20} MB here.`,
      received: `${Math.round(unpacked / 2 ** 20)} MB`,
    });
  return new Map(
    members.map((member) => {
      const name = member.name.replace(/\.npy$/, '');
      try {
        return [name, readNpy(member.read(MAX_UNPACKED))];
      } catch (error) {
        throw error instanceof LabError && error.fields.path === undefined ? error.within({ path: name }) : error;
      }
    }),
  );
}

function typeOf(header: string): { type: StoredType; bigEndian: boolean } {
  const descr = /['"]descr['"]\s*:\s*(?:'([^']*)'|"([^"]*)")/.exec(header);
  const name = descr?.[1] ?? descr?.[2];
  const [, order, kind, size] = /^([<>=|]?)([a-zA-Z?])(\d{0,2})$/.exec(name ?? '') ?? [];
  const type =
    kind === 'b' || kind === '?' ? storedType('BOOL') : storedType(`${KINDS[kind] ?? ''}${8 * Number(size)}`);
  if (type !== null) return { type, bigEndian: order === '>' };
  throw new LabError({
    problem: 'numbers are wanted: float16 to float64, int8 to int64, uint8 to uint64, or bool.',
    received: name === undefined ? 'a structured array' : `dtype ${quote(name)}`,
    hint:
      kind === 'O'
        ? 'this is an array of Python objects, which the lab does not open: pad the samples to one length, and save np.array(samples, dtype="float32").'
        : 'convert it first: x.astype("float32").',
  });
}

function shapeOf(header: string): number[] {
  const inside = /['"]shape['"]\s*:\s*\(([\d\s,L]*)\)/.exec(header)?.[1];
  if (inside === undefined) throw damaged('its header has no shape');
  const lengths = inside
    .split(',')
    .flatMap((length) => (length.trim() === '' ? [] : [Number(length.trim().replace(/L$/, ''))]));
  return checkedShape(lengths, 'shape');
}

/** Numbers that stand in column-major (Fortran's) order, in row-major order: the first axis varies fastest in what is given. */
function rowMajor({ shape, data }: Tensor): Tensor {
  const out = data.slice();
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < out.length; to++) {
    out[to] = data[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= index[axis] * strides[axis];
      index[axis] = 0;
    }
  }
  return tensor(shape, out);
}

function damaged(what: string): LabError {
  return new LabError({ problem: `the NumPy file is damaged: ${what}.` });
}
