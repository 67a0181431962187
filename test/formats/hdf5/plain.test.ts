import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withLibrary } from '../../../src/formats/hdf5/library.ts';
import { type PlainObject, plainTree } from '../../../src/formats/hdf5/plain/tree.ts';
import { plainHdf5 } from '../../../src/formats/hdf5/plain.ts';
import { writeHdf5 } from '../../../src/formats/hdf5/write.ts';
import { inMemory } from '../../../src/formats/source.ts';
import { isZip, openZip } from '../../../src/formats/zip.ts';
import { contents } from './contents.ts';

/** The HDF5 files of the fixtures, those in archives too. */
function fixtures(folder: string): [name: string, bytes: Uint8Array][] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(h5|keras)$/.test(name))
    .sort()
    .flatMap((name) => {
      const bytes = new Uint8Array(readFileSync(join(folder, name)));
      const inside = isZip(bytes) ? openZip(bytes).get('model.weights.h5')?.read().slice() : bytes;
      return inside ? [[name, inside] as [string, Uint8Array]] : [];
    });
}

const plain = (bytes: Uint8Array) => plainHdf5(inMemory(bytes));
const kerasFiles = fixtures('test/fixtures').filter(([name]) => !name.startsWith('hdf5/'));
const h5 = (name: string) => new Uint8Array(readFileSync(`test/fixtures/hdf5/${name}.h5`));

/** What HDF5's own library reads of a file must be what the plain reader read. */
async function expectSame(bytes: Uint8Array, read: unknown[]): Promise<void> {
  await withLibrary(bytes.slice(), (library) => expect(read).toEqual(contents(library)));
}

describe('the plain reader and HDF5’s own library', () => {
  it.each(kerasFiles)('read the same of %s, and the plain reader reads it', async (_, bytes) => {
    const file = plain(bytes);
    expect(file).not.toBeNull();
    if (file) await expectSame(bytes, contents(file));
  });

  it('read the same numbers and texts of all types', async () => {
    const file = plain(h5('types'));
    expect(file?.read('/f2').data).toEqual(Float32Array.of(0, 1, 2, 100));
    expect(file?.read('/i8').data).toEqual(Float64Array.of(0, 1, 2, 100));
    expect(file?.read('/scalar')).toEqual({ shape: [], data: Float32Array.of(2.5) });
    expect(file?.attribute('/', 'texts')).toEqual(['x', '', 'ünï']);
    expect(file?.attribute('/', 'große')).toBe('name');
    await withLibrary(h5('types'), (library) => {
      for (const name of ['text', 'bytes', 'list', 'texts', 'n', 'f', 'none', 'große', 'missing'])
        expect(file?.attribute('/', name)).toEqual(library.attribute('/', name));
      expect(file && contents(file)).toEqual(contents(library));
    });
  });

  it('read the same of a group with hundreds of members, and find each', async () => {
    const bytes = await writeHdf5((file) => {
      for (let n = 0; n < 400; n++) {
        file.group(`/layer_${n}`);
        file.attribute(`/layer_${n}`, 'name', `n${n}`);
      }
    });
    const file = plain(bytes);
    expect(file?.children('/').length).toBe(400);
    expect(file?.attribute('/layer_337', 'name')).toBe('n337');
    if (file) await expectSame(bytes, contents(file));
  });

  it('what is not plain is left to the library, whole', () => {
    const others = readdirSync('test/fixtures/hdf5').map((name) => name.replace('.h5', ''));
    expect(others.filter((name) => plain(h5(name)) !== null)).toEqual(['other', 'types']);
  });
});

/** Offsets of all bytes that are no array's numbers: a mistake there may change what is read. */
function structure(bytes: Uint8Array): number[] {
  const isNumber = new Uint8Array(bytes.length);
  const visit = ({ array, members }: PlainObject) => {
    if (array && array.count > 0) isNumber.fill(1, array.at, array.at + array.count * 4);
    for (const member of members?.values() ?? []) visit(member);
  };
  visit(plainTree(inMemory(bytes)));
  return Array.from(bytes.keys()).filter((at) => isNumber[at] === 0 && (bytes[at] !== 0 || at % 16 === 0));
}

const aligned = (at: number) => at - (at % 8);

describe('of a damaged file the plain reader answers what the library answers, or nothing', () => {
  const small = kerasFiles.filter(([name]) =>
    /(k122-tutorial|keras3-nested-model|keras2-encoder-decoder).model\.h5/.test(name),
  );

  it.each(small)('%s with changed bytes, and lengths and addresses in place of others', async (_, bytes) => {
    const places = structure(bytes);
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 2, 3, 8, 16, 255));
    const place = fc.constantFrom(...places);
    const change = fc.oneof(
      fc.record({ at: place, value: byte }),
      fc.record({ at: place.map(aligned), from: place.map(aligned) }),
    );
    let answers = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const copy = bytes.slice();
        for (const { at, ...what } of changes) {
          if ('from' in what) copy.copyWithin(at, what.from, what.from + 8);
          else copy[at] = what.value;
        }
        const file = plain(copy);
        if (file === null) return;
        answers++;
        await expectSame(copy, contents(file));
      }),
      { numRuns: 200 },
    );
    expect(answers).toBeGreaterThan(10);
  });

  it('a name that is not to be found from above: nothing', async () => {
    const bytes = await writeHdf5((file) => {
      for (let n = 0; n < 300; n++) file.group(`/layer_${n}`);
    });
    expect(plain(bytes)).not.toBeNull();
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const tops: number[] = [];
    for (let at = file.indexOf('TREE'); at >= 0; at = file.indexOf('TREE', at + 4)) if (file[at + 5] > 0) tops.push(at);
    expect(tops.length).toBe(1);
    // The second key becomes the first: no name is between.
    file.copyWithin(tops[0] + 24 + 16, tops[0] + 24, tops[0] + 32);
    expect(plain(bytes)).toBeNull();
  });

  it.each(small)('%s cut off anywhere: nothing', (_, bytes) => {
    for (let length = 0; length < bytes.length; length += 61) expect(plain(bytes.subarray(0, length))).toBeNull();
  });

  it.each(small)('%s with two links to one object: nothing', (_, bytes) => {
    const headers = addresses(bytes);
    expect(headers.length).toBeGreaterThan(3);
    for (const [n, { at }] of headers.entries()) {
      const copy = bytes.slice();
      const other = headers[(n + 1) % headers.length].address;
      new DataView(copy.buffer).setBigUint64(at, BigInt(other), true);
      expect(plain(copy)).toBeNull();
    }
  });
});

/** Where symbol tables keep the addresses of objects. */
function addresses(bytes: Uint8Array): { at: number; address: number }[] {
  const file = Buffer.from(bytes);
  const found: { at: number; address: number }[] = [];
  for (let table = file.indexOf('SNOD'); table >= 0; table = file.indexOf('SNOD', table + 4))
    for (let n = 0; n < file.readUInt16LE(table + 6); n++) {
      const at = table + 8 + 40 * n + 8;
      found.push({ at, address: Number(file.readBigUInt64LE(at)) });
    }
  return found;
}
