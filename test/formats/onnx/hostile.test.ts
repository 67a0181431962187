import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onnxModel } from '../../../src/formats/onnx/open.ts';
import { LabError } from '../../../src/math/lab-error.ts';
import { whole } from '../../../src/math/tensor.ts';
import { buildModel } from '../../../src/model/build.ts';
import { FIXTURES } from './cases.ts';
import { bytes, field, graph, initializer, model, node, valueInfo, varint } from './written.ts';

const files = [
  'torch-bidirectional',
  'lstm-sequence-lens',
  'torch-dynamo-text-classifier',
  'unrolled-gru',
  'attention-masked-fill',
].map((name) => readFileSync(join(FIXTURES, name, 'model.onnx')));

/** Opens and builds; anything but a LabError is a failure of the test. */
function attempt(content: Uint8Array, file = 'hostile.onnx'): 'opened' | LabError {
  try {
    buildModel(onnxModel(content, file).plan);
    return 'opened';
  } catch (error) {
    if (error instanceof LabError) return error;
    throw error;
  }
}

function refusal(content: Uint8Array, file?: string): string {
  const result = attempt(content, file);
  return result === 'opened' ? 'opened' : result.message;
}

describe('a damaged ONNX file is refused or opened, and nothing else happens', () => {
  it('cut off at any place', () => {
    for (const file of files)
      for (let length = 0; length < file.length; length += 37) attempt(file.subarray(0, length));
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
      { numRuns: 1500 },
    );
  });

  it('made of anything', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (junk) => {
        attempt(junk);
        attempt(model({ graph: junk }));
        attempt(model({ graph: graph({ nodes: [junk] }) }));
      }),
      { numRuns: 500 },
    );
  });
});

const OPERATORS = [
  ...[
    'LSTM',
    'GRU',
    'RNN',
    'MatMul',
    'Gemm',
    'Gather',
    'Slice',
    'Split',
    'Concat',
    'Transpose',
    'Squeeze',
    'Unsqueeze',
  ],
  ...[
    'Reshape',
    'Flatten',
    'Expand',
    'Tile',
    'Identity',
    'Cast',
    'Softmax',
    'Clip',
    'PRelu',
    'Add',
    'Sub',
    'Mul',
    'Div',
  ],
  ...['Pow', 'Max', 'Mean', 'ReduceMean', 'ReduceSum', 'ReduceMax', 'GlobalAveragePool', 'BatchNormalization', 'Relu'],
  ...[
    'LayerNormalization',
    'Conv',
    'MaxPool',
    'Shape',
    'Size',
    'ConstantOfShape',
    'Where',
    'Equal',
    'Range',
    'ReduceProd',
  ],
];
const ATTRIBUTES = [
  'axis',
  'axes',
  'perm',
  'keepdims',
  'hidden_size',
  'layout',
  'kernel_shape',
  'strides',
  'transB',
  'starts',
  'ends',
];

/** Operators that exist, on tensors that exist, with attributes that mean something somewhere. */
const anyNode = fc.record({
  opType: fc.constantFrom(...OPERATORS),
  inputs: fc.array(fc.nat(11), { maxLength: 6 }),
  outputs: fc.integer({ min: 1, max: 3 }),
  attributes: fc.dictionary(
    fc.constantFrom(...ATTRIBUTES),
    fc.oneof(fc.integer({ min: -3, max: 5 }), fc.array(fc.integer({ min: -3, max: 5 }), { maxLength: 4 })),
    { maxKeys: 3 },
  ),
});

it('operators put together in any way are followed or left out', () => {
  const shapes = [[3, 4], [1, 8, 3], [1, 8, 2], [1, 16], [2], [], [1, 6, 3]];
  const initializers = shapes.map((shape, n) => {
    const numbers = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, at) => (at % 4) - 1);
    return initializer(`t${n}`, shape, new Uint8Array(numbers.buffer));
  });
  const inputs = [valueInfo('t7', ['batch', 5, 3]), valueInfo('t8', ['batch', 'time']), valueInfo('t9', [2, 4])];
  fc.assert(
    fc.property(fc.array(anyNode, { minLength: 1, maxLength: 8 }), (nodes) => {
      let count = 10;
      const written = nodes.map(({ opType, inputs: from, outputs, attributes }) => {
        const names = from.map((n) => (n === 11 ? '' : `t${n === 10 ? count - 1 : n}`));
        const own = Array.from({ length: outputs }, () => `t${count++}`);
        return node(opType, names, own, attributes);
      });
      const content = graph({ nodes: written, inputs, initializers, outputs: [`t${count - 1}`, 't10'] });
      for (const opset of [9, 17]) attempt(model({ graph: content, opset }));
    }),
    { numRuns: 1000 },
  );
});

describe('what a file claims is not believed', () => {
  const x = valueInfo('x', [2, 5, 3]);

  it('a field that is longer than the file', () => {
    expect(refusal(bytes([0x3a], varint(2 ** 40), [1, 2, 3]))).toContain('a field says that it has');
  });

  it('a tensor whose shape needs more numbers than there are', () => {
    const huge = initializer('w', [2 ** 31, 2 ** 20], new Uint8Array(16));
    expect(refusal(model({ graph: graph({ inputs: [x], initializers: [huge] }) }))).toMatch(/needs \d+ bytes/);
  });

  it('a shape that cannot be counted', () => {
    const absurd = initializer('w', [2 ** 40, 2 ** 40], new Uint8Array(16));
    expect(refusal(model({ graph: graph({ inputs: [x], initializers: [absurd] }) }))).toContain('absurd');
  });

  it('constants that grow without end', () => {
    const doubled = Array.from({ length: 60 }, (_, n) =>
      node('Concat', [`c${n}`, `c${n}`], [`c${n + 1}`], { axis: 0 }),
    );
    const start = initializer('c0', [1024], new Uint8Array(4096));
    const content = model({ graph: graph({ inputs: [x], initializers: [start], nodes: doubled, outputs: ['c60'] }) });
    const began = performance.now();
    attempt(content);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('nodes that are wired in a circle', () => {
    const nodes = [node('Relu', ['b'], ['a']), node('Relu', ['a'], ['b'])];
    expect(refusal(model({ graph: graph({ inputs: [x], nodes, outputs: ['a'] }) }))).toContain('wired in a circle');
  });

  it('a tensor that nothing makes', () => {
    const nodes = [node('Relu', ['nowhere'], ['a'])];
    expect(refusal(model({ graph: graph({ inputs: [x], nodes, outputs: ['a'] }) }))).toContain('nothing makes');
  });

  it('graphs within graphs within graphs', () => {
    let inner = graph({ nodes: [node('Relu', ['x'], ['y'])], outputs: ['y'] });
    for (let depth = 0; depth < 5_000; depth++)
      inner = graph({ nodes: [node('If', ['x'], ['y'], { then_branch: inner })], outputs: ['y'] });
    const content = model({ graph: bytes(inner, field(11, x)) });
    expect(attempt(content)).toBe('opened');
  });

  it('a function that uses itself', () => {
    const content = bytes(
      model({ graph: graph({ inputs: [x], nodes: [node('f', ['x'], ['y'], {}, 'own')], outputs: ['y'] }) }),
      field(
        25,
        bytes(
          field(1, 'f'),
          field(4, 'a'),
          field(5, 'b'),
          field(7, node('f', ['a'], ['b'], {}, 'own')),
          field(10, 'own'),
        ),
      ),
    );
    expect(refusal(content)).toContain('uses itself');
  });
});

describe('weights in other files', () => {
  let folder: string;
  const numbers = Float32Array.from([1, 2, 3, 4, 5, 6]);
  const external = (location: string, entries: Record<string, string> = {}) => {
    const weights = initializer('w', [3, 2], null, { location, ...entries });
    const nodes = [node('MatMul', ['x', 'w'], ['y'])];
    return model({
      graph: graph({ inputs: [valueInfo('x', [2, 3])], initializers: [weights], nodes, outputs: ['y'] }),
    });
  };
  const inFolder = () => join(folder, 'models', 'model.onnx');

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'onnx-'));
    mkdirSync(join(folder, 'models', 'parts'), { recursive: true });
    writeFileSync(join(folder, 'secret.data'), Buffer.from(numbers.buffer));
    writeFileSync(
      join(folder, 'models', 'parts', 'w.data'),
      Buffer.concat([Buffer.alloc(8), Buffer.from(numbers.buffer)]),
    );
    symlinkSync(join(folder, 'secret.data'), join(folder, 'models', 'link.data'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are read from where the file says, beside the model', () => {
    const { plan } = onnxModel(external('parts/w.data', { offset: '8', length: '24' }), inFolder());
    const dense = plan.layers.find(({ spec }) => spec.kind === 'dense');
    expect(Array.from(dense?.weights.given ? whole(dense.weights.given.kernel).data : [])).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it.each([
    '../secret.data',
    '/etc/passwd',
    'parts/../../secret.data',
    'C:\\secret.data',
    'link.data',
    '',
    'parts\\..\\..\\secret.data',
  ])('are not read from "%s"', (location) => {
    expect(refusal(external(location), inFolder())).toContain('outside the model’s folder');
  });

  it.each([
    ['missing.data', {}, 'not beside the model'],
    ['parts/w.data', { offset: '100' }, 'ends before its numbers do'],
    ['parts/w.data', { offset: '-8' }, 'impossible place'],
    ['parts/w.data', { length: '99999999999999' }, 'impossible place'],
    ['parts', {}, 'no file'],
  ])('that are not there are said so: %s %j', (location, entries, message) => {
    expect(refusal(external(location, entries as Record<string, string>), inFolder())).toContain(message);
  });
});

describe('weights that thousands of nodes name', () => {
  const side = 300;
  const weights = initializer('w', [side, side], new Uint8Array(4 * side * side));
  const opened = (count: number, make: (at: number, from: string, to: string) => Uint8Array) => {
    const nodes = Array.from({ length: count }, (_, at) =>
      make(at, at === 0 ? 'x' : `a${at}`, at === count - 1 ? 'y' : `a${at + 1}`),
    );
    const content = graph({ nodes, inputs: [valueInfo('x', ['n', side])], initializers: [weights], outputs: ['y'] });
    return buildModel(onnxModel(model({ graph: content }), 'f').plan);
  };

  it('are laid out once', () => {
    const { calls, layers } = opened(120, (_, from, to) => node('Gemm', [from, 'w'], [to], { transB: 1 }));
    expect(calls).toHaveLength(121);
    const kernels = layers.flatMap((layer) => (layer.kind === 'dense' ? [layer.weights.kernel] : []));
    expect(new Set(kernels.map((kernel) => whole(kernel).data)).size).toBe(1);
  });

  it('are not copied again and again', () => {
    const units = 150;
    const [w, r] = ['w', 'r'].map((name) =>
      initializer(name, [1, 4 * units, units], new Uint8Array(16 * units * units)),
    );
    const nodes = Array.from({ length: 40 }, (_, at) => [
      node('LSTM', [at === 0 ? 'x' : `s${at}`, 'w', 'r'], [`l${at}`], { hidden_size: units }),
      node('Squeeze', [`l${at}`], [at === 39 ? 'y' : `s${at + 1}`], { axes: [1] }),
    ]).flat();
    const inputs = [valueInfo('x', ['time', 'batch', units])];
    const content = graph({ nodes, inputs, initializers: [w, r], outputs: ['y'] });
    const { incomplete } = buildModel(onnxModel(model({ graph: content, opset: 12 }), 'f').plan);
    expect(incomplete[0].reason).toContain('used again and again');
  });
});
