import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { GivenStates } from '../../../src/engines/engine.ts';
import { record } from '../../../src/engines/record.ts';
import { torchModel } from '../../../src/formats/torch/plan.ts';
import { isRecurrent } from '../../../src/layers/layer.ts';
import { buildModel } from '../../../src/model/build.ts';
import { batchesOf } from '../../golden/compare.ts';
import { differences } from '../../golden/differences.ts';
import { arraysOf, FIXTURES, readCase, type TorchCase } from './cases.ts';

/** PyTorch computes in float32. */
const TOLERANCE = 1e-5;

const REFUSED = ['hostile-pickle'];
const files = readdirSync(FIXTURES)
  .filter((name) => !REFUSED.includes(name))
  .flatMap((name) => readCase(name).files.map((file) => [name, file] as const))
  .filter(([name]) => readCase(name).inputs !== undefined);

/** h_0 and c_0 [layers, batch, units] as the states of each layer, sample by sample. */
function statesOf({ initial_state }: TorchCase, layers: readonly string[]): GivenStates[] {
  const [h = [], c = []] = (initial_state ?? []).map(({ data }) => data as number[][][]);
  return (h[0] ?? []).map(
    (_, sample) =>
      new Map(
        layers.map((name, layer) => [
          name,
          { h: Float64Array.from(h[layer][sample]), c: Float64Array.from(c[layer][sample]) },
        ]),
      ),
  );
}

describe.each(['reference', 'kernel'] as const)('the %s engine computes what PyTorch computed', (engine) => {
  it.each(files)('%s %s', async (name, file) => {
    const expected = readCase(name);
    const model = buildModel(torchModel(arraysOf(name, file)).plan);
    const recurrent = model.layers.filter(isRecurrent).map((layer) => layer.name);
    const initialStates = statesOf(expected, recurrent);
    const recording = await record(model, batchesOf(expected), engine, { initialStates });
    // What else PyTorch returned (h_n, c_n) is no output of the model.
    const compared = differences(recording, { ...expected, outputs: expected.outputs.slice(0, 1) });
    expect(compared.length).toBeGreaterThan(2);
    expect(compared.filter(({ worst }) => !(worst <= TOLERANCE))).toEqual([]);
  });
});

describe('what is assumed is said', () => {
  const notesOf = (name: string, file = 'model.pt') => torchModel(arraysOf(name, file)).notes.join('\n');

  it('which timestep a Linear reads, and in which order modules run', () => {
    expect(notesOf('text-classifier')).toMatch(/order of their keys: embedding, lstm, fc.*last timestep, y\[:, -1\]/s);
    expect(notesOf('text-classifier', 'model.safetensors')).toMatch(
      /order that fits their shapes: embedding, lstm, fc/,
    );
  });

  it('that weights are half precision, and that an RNN is taken for tanh', () => {
    expect(notesOf('float16')).toContain('weights are stored as float16');
    expect(notesOf('bfloat16')).toContain('weights are stored as bfloat16');
    expect(notesOf('lstm')).not.toContain('stored as');
    expect(notesOf('rnn-tanh')).toContain('nn.RNN is taken to be tanh');
  });

  it('where in a checkpoint the weights were', () => {
    expect(notesOf('training-checkpoint')).toContain('those under "state_dict" of the checkpoint');
  });
});
