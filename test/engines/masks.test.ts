import { describe, expect, it } from 'vitest';
import { record } from '../../src/engines/record.ts';
import { buildPreset, parsePreset } from '../../src/formats/preset/open.ts';

async function masks(returnSequences: boolean) {
  const layers = [
    { class_name: 'Embedding', name: 'e', input_dim: 4, output_dim: 2, input_length: 3, mask_zero: true },
    { class_name: 'LSTM', name: 'l', units: 2, return_sequences: returnSequences, return_state: true },
    { class_name: 'Dense', name: 'output', units: 1, inputs: ['l:0'] },
    { class_name: 'Dense', name: 'state', units: 1, inputs: ['l:1'] },
  ];
  const { model, batches } = await buildPreset(parsePreset({ layers, input: [[1, 2, 0]] }, 'p.json'), 'p.json');
  const { calls } = (await record(model, batches)).runs[0][0];
  const maskOf = (name: string) => calls.find(({ call }) => call.layer.name === name)?.mask ?? null;
  return { lstm: maskOf('l'), output: maskOf('output'), state: maskOf('state') };
}

describe('what an LSTM hands on of a mask', () => {
  const mask = Uint8Array.from([1, 1, 0]);

  it('is the mask itself with a returned sequence, and nothing with the states', async () => {
    expect(await masks(true)).toEqual({ lstm: mask, output: mask, state: null });
  });

  it('is nothing where only the last output is returned: it has no timesteps', async () => {
    expect(await masks(false)).toEqual({ lstm: mask, output: null, state: null });
  });
});
