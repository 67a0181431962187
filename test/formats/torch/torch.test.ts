import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { GivenStates } from '../../../src/engines/engine.ts';
import { record } from '../../../src/engines/record.ts';
import { torchModel } from '../../../src/formats/torch/plan.ts';
import { isRecurrent } from '../../../src/layers/layer.ts';
import { buildModel } from '../../../src/model/build.ts';
import { batchesOf, expectCase } from '../../golden/compare.ts';
import { arraysOf, FIXTURES, readCase, type TorchCase } from './cases.ts';

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
    expectCase(await record(model, batchesOf(expected), engine, { initialStates }), expected);
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

  it('which norms were folded into weights, and which modules are heads beside each other', () => {
    expect(notesOf('made-weight-norm')).toContain('folded into the weights: lstm.weight_hh_l0');
    expect(notesOf('made-spectral-norm')).toContain('folded into the weights: fc.weight');
    expect(notesOf('made-two-heads')).toContain(
      'var_head takes 8 features, as lstm_l0 gives: it is taken for another head',
    );
    expect(notesOf('made-two-heads')).toContain('mean_head, var_head are outputs each');
    expect(notesOf('made-two-embeddings')).toContain('word_emb and tag_emb are taken to go side by side');
  });

  it('that the backward direction has seen one timestep in y[:, -1]', () => {
    expect(notesOf('bidirectional-classifier')).toContain('the backward direction after one step, unlike h_n');
    expect(notesOf('lstm-linear')).not.toContain('backward');
  });

  it('where in a checkpoint the weights were', () => {
    expect(notesOf('training-checkpoint')).toContain('those under "state_dict" of the checkpoint');
  });
});
