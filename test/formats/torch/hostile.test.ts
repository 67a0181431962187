import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Zippable, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { torchModel } from '../../../src/formats/torch/plan.ts';
import { readTorch } from '../../../src/formats/torch/read.ts';
import { readSafetensors, writeSafetensors } from '../../../src/formats/torch/safetensors.ts';
import { LabError } from '../../../src/math/lab-error.ts';
import { tensor } from '../../../src/math/tensor.ts';
import { buildModel } from '../../../src/model/build.ts';
import { FIXTURES } from './cases.ts';
import { dictionary, floats, global, int, legacy, MARK, pickle, rebuilt, TUPLE, unicode } from './written.ts';

const fixture = (name: string, file: string) => readFileSync(join(FIXTURES, name, file));

const files = [
  fixture('training-checkpoint', 'model.pt'),
  fixture('legacy-tar-pickle', 'model.pt'),
  fixture('whole-module', 'model.pt'),
  fixture('text-classifier', 'model.safetensors'),
  fixture('made-weight-norm', 'model.safetensors'),
  fixture('made-spectral-parametrized', 'model.pt'),
];

/** Reads, plans and builds; anything but a LabError is a failure of the test. */
function attempt(bytes: Uint8Array): 'opened' | LabError {
  try {
    const isJson = bytes[8] === 0x7b;
    buildModel(torchModel(isJson ? readSafetensors(bytes, 'hostile') : readTorch(bytes, 'hostile')).plan);
    return 'opened';
  } catch (error) {
    if (error instanceof LabError) return error;
    throw error;
  }
}

function refusal(bytes: Uint8Array): string {
  const result = attempt(bytes);
  return result === 'opened' ? 'opened' : `${result.kind} ${result.message}`;
}

describe('a damaged PyTorch file is refused or opened, and nothing else happens', () => {
  it('cut off at any place', () => {
    for (const file of files)
      for (let length = 0; length < file.length; length += 13)
        expect(attempt(file.subarray(0, length))).not.toBe('opened');
  });

  it('with any bits turned', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        (file, flips) => {
          const changed = Uint8Array.from(file);
          for (const [at, bits] of flips) changed[at % changed.length] ^= bits;
          attempt(changed);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('of any opcodes, in a zip and by themselves', () => {
    const names = ['OrderedDict', '_rebuild_tensor_v2', '_rebuild_from_type_v2', '_reconstructor', '__newobj__', 'Net'];
    const modules = ['collections', 'torch._utils', 'torch._tensor', 'copyreg', '__main__'];
    const part = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...'()]}N0012tldeasuRobijhqr.'.split('')) },
      fc.constantFrom(0x81, 0x85, 0x86, 0x87, 0x88, 0x93, 0x94, 0x90, 0x8f, 0x92),
      fc.nat(255),
      fc.tuple(fc.constantFrom(...modules), fc.constantFrom(...names)).map(([module, name]) => global(module, name)),
      fc.string({ maxLength: 6 }).map(unicode),
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map(int),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
        const bytes = pickle(...parts);
        attempt(bytes);
        attempt(zipSync({ 'm/data.pkl': bytes }, { level: 0 }));
        attempt(legacy(bytes.subarray(2, -1)));
      }),
      { numRuns: 1500 },
    );
  });
});

describe('a pickle that would call something is refused by name, and nothing is called', () => {
  const saved = (...parts: (string | number | Uint8Array)[]) => legacy(pickle(...parts).subarray(2, -1));
  const system = global('os', 'system');
  const run = global('evil', 'run');
  const command = [unicode('touch /tmp/pwned')];

  it.each(['model.pt', 'legacy.pt', 'plain.pkl'])('print, of a real file: %s', (file) => {
    expect(refusal(fixture('hostile-pickle', file))).toMatch(/^data .*would call "__builtin__\.print"/);
  });

  it.each([
    ['REDUCE', saved(run, MARK, ...command, TUPLE, 'R')],
    ['INST', saved(MARK, ...command, 'ievil\nrun\n')],
    ['OBJ', saved(MARK, run, ...command, 'o')],
    ['STACK_GLOBAL', saved(unicode('evil'), unicode('run'), 0x93, MARK, ...command, TUPLE, 'R')],
    ['copyreg.__newobj__ of itself', saved(global('copyreg', '__newobj__'), 'q', 0, 'h', 0, 'h', 0, 0x86, 'R')],
    [
      '_rebuild_from_type_v2',
      saved(global('torch._tensor', '_rebuild_from_type_v2'), MARK, run, 'N', MARK, ...command, TUPLE, 'N', TUPLE, 'R'),
    ],
    ['BUILD on a function', saved(run, '}', 'b')],
    [
      'a call of what getattr gives',
      saved(global('builtins', 'getattr'), global('evil', 'Thing'), unicode('run'), 0x86, 'R', ')', 'R'),
    ],
  ])('by %s', (_, bytes) => {
    expect(refusal(bytes)).toMatch(/^data hostile: .*would call "(evil|copyreg)\./);
  });

  it.each([
    ['os.system', saved(system)],
    ['os.system', saved(unicode('os'), unicode('system'), 0x93)],
    ['os.system', saved(MARK, ...command, 'ios\nsystem\n')],
    ['builtins.eval', saved(global('builtins', 'eval'), ')', 0x81)],
    ['builtins.exec', saved(global('builtins', 'exec'))],
    ['__builtin__.__import__', saved(global('__builtin__', '__import__'))],
    ['posix.system', saved(global('posix', 'system'))],
    ['subprocess.Popen', saved(global('subprocess', 'Popen'), ')', 0x81)],
    ['__main__.os.system', saved(unicode('__main__'), unicode('os.system'), 0x93)],
    ['torch.hub.load', saved(global('torch.hub', 'load'))],
    ['torch.serialization.load', saved(global('torch.serialization', 'load'))],
  ])('%s, wherever it is only named', (name, bytes) => {
    expect(refusal(bytes)).toContain(`would call "${name}"`);
  });

  it('a pickled Keras model among them, which says how Keras saves it', () => {
    const load = global('keras.src.saving.pickle_utils', 'deserialize_model_from_bytecode');
    expect(refusal(saved(load, MARK, ...command, TUPLE, 'R'))).toMatch(
      /would call "keras\..*model\.save\("model\.keras"\)/,
    );
  });

  it('while objects of unknown classes are records, and do no harm', () => {
    const namespace = [global('argparse', 'Namespace'), ')', 0x81, dictionary({ lr: int(1) }), 'b'] as const;
    const weights = rebuilt({ length: 2, size: [1, 2], stride: [2, 1] });
    const bytes = legacy(
      pickle(
        '}',
        MARK,
        unicode('args'),
        ...namespace,
        unicode('state_dict'),
        dictionary({ 'fc.weight': weights }),
        'u',
      ).subarray(2, -1),
      { 0: floats(1, 2) },
    );
    expect([...readTorch(bytes, 'f').arrays].map(([name, { tensor: t }]) => [name, ...t.data])).toEqual([
      ['fc.weight', 1, 2],
    ]);
  });
});

describe('what a file claims is checked before memory is asked for', () => {
  const one = (written: Parameters<typeof rebuilt>[0], numbers = floats(1, 2, 3, 4)) =>
    refusal(legacy(dictionary({ 'fc.weight': rebuilt(written) }), { 0: numbers }));

  it('shapes, strides and offsets beyond their storage', () => {
    expect(one({ length: 4, size: [2, 2], stride: [2, 1] })).toBe('opened');
    expect(one({ length: 4, size: [3, 2], stride: [2, 1] })).toMatch(/fc\.weight: .*beyond its storage/);
    expect(one({ length: 4, size: [2, 2], stride: [2, 1], offset: 1 })).toContain('beyond its storage');
    expect(one({ length: 2 ** 30, size: [2 ** 15, 2 ** 15], stride: [2 ** 15, 1] })).toContain('beyond its storage');
    expect(one({ length: 4, size: [2, 2], stride: [-2, 1], offset: 2 })).toContain('none of them negative');
    expect(one({ length: 4, size: [2 ** 30, 2 ** 30], stride: [0, 0] })).toContain('absurd');
    expect(one({ length: 4, size: [0, 2], stride: [2, 1], offset: 2 ** 30 })).not.toContain('undefined');
    expect(one({ length: -4, size: [2, 2], stride: [2, 1] })).toContain('no storage of a tensor');
  });

  it('one number claimed to be a great many', () => {
    expect(one({ length: 4, size: [2 ** 14, 2 ** 14], stride: [0, 0] })).toContain('many times as many numbers');
  });

  it('a storage that is longer than the file', () => {
    const bytes = legacy(dictionary({ w: rebuilt({ length: 4, size: [4], stride: [1] }) }), { 0: floats(1, 2, 3, 4) });
    bytes.set([255, 255, 255, 255, 255, 255, 255, 127], bytes.length - 24);
    expect(refusal(bytes)).toMatch(/storage 0: .*cut off or damaged/);
  });

  it('deep nesting and lists within themselves', () => {
    const deep = pickle(
      '}q',
      0,
      Array.from({ length: 100_000 }, () => [unicode('a'), '}'] as const).flat(),
      Array.from({ length: 100_000 }, () => 's'),
    );
    expect(refusal(deep)).toMatch(/^data hostile: /);
    expect(refusal(pickle('}q', 0, unicode('a'), 'h', 0, 's'))).toMatch(/^data hostile: /);
    expect(refusal(pickle(']q', 0, 'h', 0, 'a'))).toContain('a list of 1');
  });

  it('values that double at every step, as keys, values and names', () => {
    const double = (start: string, join: (n: number) => (string | number)[]) =>
      pickle(start, 'q', 0, Array.from({ length: 60 }, (_, n) => join(n)).flat());
    const lists = double(']', (n) => ['h', n, 'h', n, 0x86, 'q', n + 1]);
    const maps = double('}', (n) => ['}', unicode2('a'), 'h', n, 's', unicode2('b'), 'h', n, 's', 'q', n + 1]);
    expect(refusal(lists)).toMatch(/^data /);
    expect(refusal(maps)).toMatch(/^data /);
    const asKey = pickle(lists.subarray(2, -1), 'q', 100, '}', 'h', 100, 'N', 's');
    expect(refusal(asKey)).toContain('a dictionary of a list of 2');
  }, 20_000);

  it('calls that would copy the same long list again and again', () => {
    const pairs = Array.from({ length: 20_000 }, (_, n) => [int(n), 'N', 0x86] as const).flat();
    const calls = Array.from({ length: 100_000 }, () => ['h', 1, 'h', 0, 0x85, 'R0'] as const).flat();
    const bytes = pickle(']q', 0, MARK, pairs, 'e', global('collections', 'OrderedDict'), 'q', 1, calls);
    const started = performance.now();
    expect(refusal(bytes)).toMatch(/^data hostile: /);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('an archive without checksums, which PyTorch can write, opens', () => {
    const bytes = new Uint8Array(readFileSync('test/fixtures/torch/lstm/model.pt'));
    const plain = readTorch(bytes, 'hostile');
    const view = new DataView(bytes.buffer);
    for (let at = 0; at + 20 < bytes.length; at++)
      if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 16, 0, true);
    expect(bytes).not.toEqual(new Uint8Array(readFileSync('test/fixtures/torch/lstm/model.pt')));
    expect(readTorch(bytes, 'hostile').arrays).toEqual(plain.arrays);
  });

  it('many entries that are small in the archive and large outside', () => {
    const entries = Object.fromEntries(
      Array.from({ length: 20 }, (_, n) => [`m/data/${n}`, [new Uint8Array(2 ** 24), { level: 6 }] as const]),
    );
    const tensors = Object.fromEntries(
      Array.from({ length: 20 }, (_, n) => [
        `w${n}`,
        rebuilt({ key: `${n}`, length: 2 ** 22, size: [1], stride: [1] }),
      ]),
    );
    const bytes = zipSync({ ...entries, 'm/data.pkl': [pickle(dictionary(tensors)), { level: 0 }] } as Zippable);
    expect(refusal(bytes)).toContain('many times its size when unpacked');
  });

  it('zip bombs and archives of other things', () => {
    const bomb = zipSync({ 'm/data.pkl': new Uint8Array(2 ** 26) }, { level: 9 });
    expect(refusal(bomb)).toMatch(/^data hostile: /);
    // The directory claims four gigabytes.
    const lying = Uint8Array.from(bomb);
    const directory = lying.length - 22 - 46 - 'm/data.pkl'.length;
    lying.set([0, 255, 255, 255], directory + 24);
    expect(refusal(lying)).toMatch(/claims to unpack to 4294967040 bytes from \d+/);
    expect(refusal(zipSync({ 'm/data.pkl': pickle('N'), 'm/constants.pkl': pickle('N') }))).toContain('TorchScript');
    expect(refusal(zipSync({ 'readme.txt': new Uint8Array(3) }))).toContain('it has no data.pkl');
  });
});

describe('names', () => {
  it('that are absurdly long are refused before their meaning is looked for', () => {
    const name = `${'h.1.'.repeat(300_000)}weight`;
    const found = readSafetensors(writeSafetensors(new Map([[name, tensor([1])]])), 'f');
    expect(() => torchModel(found)).toThrow('absurdly long. Received: 1200006 letters');
  });
});

describe('a .safetensors header is checked', () => {
  const written = (header: string, data = new Uint8Array(16), length = header.length) => {
    const bytes = new Uint8Array(8 + header.length + data.length);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
    bytes.set(new TextEncoder().encode(header), 8);
    bytes.set(data, 8 + header.length);
    return bytes;
  };
  const refused = (...args: Parameters<typeof written>) => {
    try {
      readSafetensors(written(...args), 'hostile');
      return 'opened';
    } catch (error) {
      return (error as LabError).message;
    }
  };
  const entry = (fields: object) =>
    JSON.stringify({ w: { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16], ...fields } });

  it('lengths, offsets, shapes and types', () => {
    expect(refused(entry({}))).toBe('opened');
    expect(refused(entry({}), undefined, 2 ** 40)).toContain('a header of 1099511627776 bytes');
    expect(refused(entry({ data_offsets: [0, 20] }))).toMatch(/w\.data_offsets: .*16 bytes of numbers/);
    expect(refused(entry({ data_offsets: [16, 0] }))).toContain('w.data_offsets');
    expect(refused(entry({ data_offsets: [0.5, 16] }))).toContain('w.data_offsets');
    expect(refused(entry({ shape: [2, 3] }))).toContain('takes 24 bytes');
    expect(refused(entry({ shape: [1e9, 1e9] }))).toContain('absurd');
    expect(refused(entry({ shape: [-2, -2] }))).toContain('negative');
    expect(refused(entry({ shape: '22' }))).toContain('dtype, shape and data_offsets');
    expect(refused('[]')).toContain('must be a JSON object');
    expect(refused(`${'['.repeat(100_000)}`)).toContain('no JSON');
  });

  it('numbers that overlap, before any are read', () => {
    const entries = Array.from({ length: 5 }, (_, n) => [`w${n}`, { dtype: 'U8', shape: [16], data_offsets: [0, 16] }]);
    expect(refused(JSON.stringify(Object.fromEntries(entries)))).toContain('overlap');
  });

  it('types that the lab does not read are left out by name', () => {
    const bytes = written(
      '{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"I8","shape":[2],"data_offsets":[4,6]}}',
    );
    const { arrays, notes } = readSafetensors(bytes, 'f');
    expect([...arrays.keys()]).toEqual(['b']);
    expect(notes).toEqual(['left out, as the lab does not read them: a is F8_E4M3']);
  });

  it('names that objects of JavaScript have already are names like others', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const bytes = writeSafetensors(new Map(names.map((name, at) => [name, tensor([1], [at])])));
    expect([...readSafetensors(bytes, 'f').arrays].map(([name, { tensor: t }]) => [name, t.data[0]])).toEqual([
      ['__proto__', 0],
      ['constructor', 1],
      ['toString', 2],
    ]);
  });
});

/** A short string, as bytes of one opcode. */
function unicode2(value: string): string {
  return `U${String.fromCharCode(value.length)}${value}`;
}
