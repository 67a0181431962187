import { describe, expect, it } from 'vitest';
import { LabError } from '../../../src/math/lab-error.ts';
import { tensor } from '../../../src/math/tensor.ts';
import { weightsView } from '../../../src/ui/panels/weights.ts';
import { at, numbers, sessionOf, shown } from './models.ts';

/** Each number says where it stands: row and column of the stored array, as thousandths. */
const placed = (rows: number, columns: number) =>
  tensor(
    [rows, columns],
    Float64Array.from({ length: rows * columns }, (_, n) => (Math.floor(n / columns) * 100 + (n % columns)) / 1000),
  );

const lstm = () =>
  sessionOf(
    [
      { kind: 'input', shape: [2, 3] },
      {
        kind: 'lstm',
        units: 4,
        weights: { kernel: placed(3, 16), recurrent_kernel: placed(4, 16), bias: tensor([16], placed(1, 16).data) },
      },
    ],
    [numbers(1, 2, 3)],
  );

describe('the Weights view of an LSTM', () => {
  it('shows the shapes of the three arrays and each gate’s columns, in Keras’s order i, f, c, o', async () => {
    const text = shown(weightsView, await lstm(), { width: 140 });
    expect(text).toContain('kernel W  (3, 16)');
    expect(text).toContain('recurrent_kernel U  (4, 16)');
    expect(text).toContain('bias b  (16,)');
    expect(text).toMatch(/i: columns 0–3 of 16 +f: columns 4–7 of 16 +c̃: columns 8–11 of 16 +o: columns 12–15 of 16/);
  });

  it('tells the numbers under each gate’s block in the same words', async () => {
    for (let width = 60; width <= 160; width += 5) {
      const lines = shown(weightsView, await lstm(), { width }).split('\n');
      for (const line of lines.filter((text) => /norm|‖/.test(text))) {
        const numbers = line.match(/norm|‖[^‖]*‖/g) ?? [];
        expect(new Set(numbers.map((text) => text[0])).size, line).toBe(1);
        expect(line.match(/min|…/g)?.length ?? 4, line).toBe(4);
      }
    }
  });

  it('shows the numbers of the chosen unit’s columns', async () => {
    const lines = shown(weightsView, at(await lstm(), { unit: 2 })).split('\n');
    const numbersOf = (line: string | undefined) => line?.match(/−?\d\.\d{4}/g);
    // Unit 2 of i, f, c̃ and o: columns 2, 6, 10 and 14.
    expect(lines[0]).toContain('unit 2: columns 2, 6, 10, 14');
    expect(numbersOf(lines.find((line) => line.includes('x[0]')))).toEqual(['0.0020', '0.0060', '0.0100', '0.0140']);
    expect(numbersOf(lines.find((line) => line.includes('x[1]')))).toEqual(['0.1020', '0.1060', '0.1100', '0.1140']);
    expect(numbersOf(lines.find((line) => line.includes('h₋₁[3]')))).toEqual(['0.3020', '0.3060', '0.3100', '0.3140']);
  });

  it('says least, greatest and norm of each block', async () => {
    // The input gate's kernel: 0, 1, 2, 3 thousandths, and those plus 0.1 and plus 0.2.
    const block = [0, 1, 2].flatMap((r) => [0, 1, 2, 3].map((c) => (100 * r + c) / 1000));
    const norm = Math.sqrt(block.reduce((sum, value) => sum + value ** 2, 0));
    expect(shown(weightsView, await lstm(), { width: 160 })).toContain(`min 0.00  max 0.20  norm ${norm.toFixed(2)}`);
  });

  it('draws rows together where not all fit, and says so', async () => {
    const session = await sessionOf(
      [
        { kind: 'input', shape: [2, 200] },
        { kind: 'lstm', units: 90 },
      ],
      [numbers(1, 2, 200)],
    );
    const text = shown(weightsView, at(session, { unit: 50 }));
    expect(text).toMatch(/x\[0–\d+\]/);
    expect(text).toContain('the strongest is shown');
    expect(text).toMatch(/units \d+–\d+ of 0–89/);
  });
});

describe('the Weights view of other layers', () => {
  it('marks the row that an Embedding looks up, with its word', async () => {
    const session = await sessionOf(
      [
        { kind: 'input', shape: [2] },
        { kind: 'embedding', inputDim: 6, outputDim: 2, trainable: false, weights: { embeddings: placed(6, 2) } },
      ],
      [tensor([1, 2], [3, 5])],
      { words: { 3: 'not', 5: 'good' } },
    );
    const text = shown(weightsView, at(session, { step: 0 }));
    expect(text).toContain('embeddings E  (6, 2)');
    expect(text).toMatch(/x = 3 "not" is row 3/);
    expect(text).toMatch(/▸3 not .* 0\.3000 .* 0\.3010/);
    expect(text).toContain('not trained (trainable=False)');
    expect(shown(weightsView, at(session, { step: 1 }))).toMatch(/▸5 good/);
  });

  it('follows the row through a large matrix', async () => {
    const session = await sessionOf(
      [
        { kind: 'input', shape: [1] },
        { kind: 'embedding', inputDim: 5000, outputDim: 300 },
      ],
      [tensor([1, 1], [4321])],
    );
    expect(shown(weightsView, at(session, { unit: 200 }))).toMatch(/▸4321 /);
  });

  it('reads a matrix that waits in its file, and says so where it has changed', async () => {
    let isThere = true;
    const [shape, { data }] = [[6, 2], placed(6, 2)];
    const read = (from: number, to: number) => {
      if (!isThere) throw new LabError({ file: 'm.keras', problem: 'the file has changed since it was opened.' });
      return data.subarray(2 * from, 2 * to);
    };
    const session = await sessionOf(
      [
        { kind: 'input', shape: [1] },
        { kind: 'embedding', inputDim: 6, outputDim: 2, weights: { embeddings: { shape, read } } },
      ],
      [tensor([1, 1], [3])],
    );
    expect(shown(weightsView, session)).toMatch(/▸3 .* 0\.3000 .* 0\.3010/);
    isThere = false;
    expect(shown(weightsView, session)).toContain('m.keras: the file has changed since it was opened.');
  });

  it('shows a Dense’s kernel and bias', async () => {
    const session = await sessionOf(
      [
        { kind: 'input', shape: [2] },
        { kind: 'dense', units: 3, weights: { kernel: placed(2, 3), bias: tensor([3], [7, 8, 9]) } },
      ],
      [tensor([1, 2], [1, 1])],
    );
    const text = shown(weightsView, at(session, { unit: 1 }));
    expect(text).toMatch(/x\[1\].* 0\.1010/);
    expect(text).toMatch(/8\.0000/);
  });

  it.each(['dropout', 'flatten', 'masking', 'activation'] as const)('says why %s has none', async (kind) => {
    const session = await sessionOf([{ kind: 'input', shape: [2, 2] }, { kind }], [numbers(1, 2, 2)]);
    expect(shown(weightsView, session)).toContain('has no weights');
  });
});
