import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { kerasFile } from '../../../src/formats/keras/open.ts';
import { readConfiguration } from '../../../src/formats/keras/text.ts';
import { openZip } from '../../../src/formats/zip.ts';
import { LabError } from '../../../src/math/lab-error.ts';
import { buildModel } from '../../../src/model/build.ts';

const read = (file: string) => new Uint8Array(readFileSync(`test/fixtures/keras-files/${file}`));
const files = [
  'keras1-k122-tutorial/model.h5',
  'keras3-nested-model/model.h5',
  'keras3-bidirectional-states/model.keras',
  'keras2-nested-model/model.weights.h5',
];
const config = JSON.parse(readFileSync('test/fixtures/keras-files/keras2-nested-model/model.json', 'utf8'));

/** Opens and builds: fine, or a LabError; anything else is the lab's own mistake. */
async function opens(bytes: Uint8Array): Promise<boolean> {
  try {
    buildModel((await kerasFile(bytes, 'hostile', { config })).plan);
    return true;
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    expect(error.message).toMatch(/^hostile|^layers|^outputs/);
    return false;
  }
}

describe('damaged Keras files are refused with a message', () => {
  it.each(files)('%s cut off at every kilobyte', async (file) => {
    const bytes = read(file);
    for (let length = 0; length < bytes.length - 1024; length += 1024) await opens(bytes.slice(0, length));
    expect(await opens(bytes.slice(0, Math.floor(bytes.length / 2)))).toBe(false);
    expect(await opens(bytes)).toBe(true);
  });

  it.each(files)('%s with flipped bits', async (file) => {
    const bytes = read(file);
    const flips = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(7)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(flips, async (places) => {
        const copy = bytes.slice();
        for (const [at, bit] of places) copy[at] ^= 1 << bit;
        await opens(copy);
      }),
      { numRuns: 150 },
    );
  });

  it('texts of an HDF5 file that would go round for ever', async () => {
    const bytes = read('keras2-nested-model/model.h5');
    const heap = Buffer.from(bytes.buffer).indexOf('GCOL');
    expect(heap).toBeGreaterThan(0);
    bytes.fill(0, heap + 16, heap + 32);
    await expect(kerasFile(bytes, 'endless.h5')).rejects.toThrow(/endless\.h5: byte \d+: the HDF5 file is damaged/);
  });
});

describe('ZIP archives that lie', () => {
  const bomb = () => zipSync({ 'config.json': [new Uint8Array(2 ** 26), { level: 9 }] });
  it('a bomb is not unpacked beyond what is read of it', () => {
    const member = openZip(bomb()).get('config.json');
    expect(member?.size).toBe(2 ** 26);
    expect(() => member?.read(2 ** 20)).toThrow(/at most 1048576 bytes/);
  });
  it('a member larger than its directory says is damaged', () => {
    const bytes = bomb();
    const view = new DataView(bytes.buffer);
    const central = Buffer.from(bytes.buffer).indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    view.setUint32(central + 24, 1000, true);
    expect(() => openZip(bytes).get('config.json')?.read()).toThrow(/config\.json does not unpack|another size/);
  });
  it('a member of a wrong checksum is damaged, an encrypted one is named', () => {
    const bytes = zipSync({ a: [strToU8('hello'), { level: 0 }] });
    const central = Buffer.from(bytes.buffer).indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    const flipped = bytes.slice();
    flipped[31] ^= 1;
    expect(() => openZip(flipped).get('a')?.read()).toThrow(/checksum/);
    bytes[central + 8] |= 1;
    expect(() => openZip(bytes).get('a')?.read()).toThrow(/encrypted/);
  });
});

describe('configurations that lie', () => {
  const text = (value: unknown) => strToU8(typeof value === 'string' ? value : JSON.stringify(value));
  const layer = (class_name: string, given: object, inbound: unknown[] = []) => ({
    class_name,
    name: (given as { name: string }).name,
    config: given,
    inbound_nodes: inbound,
  });
  it('nested ten thousand deep', async () => {
    const deep = `{"class_name":"Sequential","config":{"layers":[${'['.repeat(10_000)}${']'.repeat(10_000)}]}}`;
    await expect(kerasFile(text(deep), 'deep.json')).rejects.toThrow(
      /deep\.json: a configuration here is nested at most 100 deep/,
    );
  });
  it.each([['['], ['- '], ['? ']])('YAML nested without end, %s', async (nested) => {
    const text = `class_name: Sequential\nconfig: ${nested.repeat(20_000)}`;
    await expect(readConfiguration(Buffer.from(text), 'model.yaml')).rejects.toThrow(/YAML/);
  });

  it('wired in a circle', async () => {
    const circle = {
      class_name: 'Functional',
      config: {
        name: 'm',
        layers: [
          layer('InputLayer', { name: 'x', batch_input_shape: [null, 3] }),
          layer('Dense', { name: 'a', units: 3 }, [[['b', 0, 0, {}]]]),
          layer('Dense', { name: 'b', units: 3 }, [[['a', 0, 0, {}]]]),
        ],
        input_layers: [['x', 0, 0]],
        output_layers: [['b', 0, 0]],
      },
    };
    await expect(kerasFile(text(circle), 'c.json').then(({ plan }) => buildModel(plan))).rejects.toThrow(/in a circle/);
  });
  it('absurd lengths and names of objects', async () => {
    const units = {
      class_name: 'Sequential',
      config: [{ class_name: 'Dense', config: { name: '__proto__', units: 2 ** 40, batch_input_shape: [null, 3] } }],
    };
    await expect(kerasFile(text(units), 'u.json')).rejects.toThrow(LabError);
    const named = {
      class_name: 'Sequential',
      config: [{ class_name: 'Dense', config: { name: 'constructor', units: 2, batch_input_shape: [null, 3] } }],
    };
    const { plan } = await kerasFile(text(named), 'n.json');
    expect(buildModel(plan).layers.map(({ name }) => name)).toContain('constructor');
  });
  it('Lambdas and custom layers are left out with what needs them, and nothing of them is run', async () => {
    const custom = {
      class_name: 'Sequential',
      keras_version: '2.3.1',
      config: {
        layers: [
          {
            class_name: 'LSTM',
            config: { name: 'l', units: 2, return_sequences: true, batch_input_shape: [null, 4, 3] },
          },
          {
            class_name: 'Lambda',
            config: { name: 'code', function: ['4wEAAAAA', null, null], function_type: 'lambda' },
          },
          { class_name: 'LSTM', registered_name: 'Custom>LSTM', config: { name: 'mine', units: 2 } },
        ],
      },
    };
    const model = buildModel((await kerasFile(text(custom), 'custom.json')).plan);
    expect(model.incomplete.map(({ layer: name }) => name)).toEqual(['code', 'mine']);
    expect(model.incomplete[0].reason).toMatch(/Python code is not run/);
    expect(model.incomplete[1].reason).toMatch(/custom layer|needs what code returns/);
    expect(model.calls.map(({ layer: { name } }) => name)).toContain('l');
  });
});
