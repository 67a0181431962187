import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { record } from '../../../src/engines/record.ts';
import { readInput } from '../../../src/formats/input.ts';
import { tfjsModel } from '../../../src/formats/tfjs/open.ts';
import { traceJson } from '../../../src/formats/trace-json.ts';
import { buildModel } from '../../../src/model/build.ts';
import { type ComparedTrace, compareTraces } from '../../golden/compare-traces.ts';

const folder = join(import.meta.dirname, '../../fixtures/tfjs');
const model = (name: string) => join(folder, name, 'model.json');

describe('models of TensorFlow.js compute what TensorFlow.js or the Keras that they came from computes', () => {
  it.each(readdirSync(folder))('%s', async (name) => {
    const opened = await tfjsModel(model(name));
    const built = buildModel(opened.plan);
    expect(built.incomplete).toEqual([]);
    const input = join(folder, name, 'case.json');
    const written = [...traceJson(await record(built, readInput(input, built), 'kernel'))].join('');
    const expected: ComparedTrace = JSON.parse(readFileSync(input, 'utf8'));
    const { worst, where, problems } = compareTraces(JSON.parse(written) as ComparedTrace, expected);
    expect({ problems, agrees: worst < 1e-5 ? true : `${worst} at ${where}` }).toEqual({ problems: [], agrees: true });
  });

  it('are said to be what they are', async () => {
    const about = async (name: string) => {
      const { format, madeWith, notes } = await tfjsModel(model(name));
      return { format, madeWith, notes };
    };
    expect(await about('lstm-default')).toEqual({
      format: 'TensorFlow.js layers-model',
      madeWith: 'TensorFlow.js 4.22.0',
      notes: [],
    });
    expect(await about('converted-keras3-keras')).toMatchObject({
      format: 'TensorFlow.js layers-model, converted',
      madeWith: 'Keras 3.15.1',
    });
    expect((await about('quantised-uint8')).notes).toEqual([
      'the weights are quantised to uint8; the lab computes with what they stand for',
    ]);
  });
});
