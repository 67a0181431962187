import { record } from '../../src/engines/record.ts';
import { buildPreset, openPreset, parsePreset } from '../../src/formats/preset/open.ts';
import type { Tensor } from '../../src/math/tensor.ts';
import type { Recording } from '../../src/trace/trace.ts';

/* Recordings to write in tests. */

export async function presetRecording(name: string): Promise<Recording> {
  const { model, batches } = await openPreset(`presets/${name}.json`);
  return record(model, batches, 'kernel');
}

export async function modelOf(layers: object[], rest: object = {}) {
  return (await buildPreset(parsePreset({ layers, ...rest }, 'test'), 'test')).model;
}

/** A model described as a preset, run on its own input. */
export async function recordingOf(layers: object[], rest: object): Promise<Recording> {
  const { model, batches } = await buildPreset(parsePreset({ name: 'test', layers, ...rest }, 'test'), 'test');
  return record(model, batches, 'kernel');
}

/** An LSTM without weights (all zero): every gate is 0.5, candidate, c and h are 0. */
export const zeroLstm = (units: number, inputDim: number, rest: object = {}) => ({
  class_name: 'LSTM',
  name: 'lstm_1',
  units,
  weights: {
    kernel: Array.from({ length: inputDim }, () => new Array(4 * units).fill(0)),
    recurrent_kernel: Array.from({ length: units }, () => new Array(4 * units).fill(0)),
    bias: new Array(4 * units).fill(0),
  },
  ...rest,
});

/** The same recording with other numbers in one quantity of one call of the first sample: what no model computes can be written too. */
export function withQuantity(recording: Recording, call: number, symbol: string, values: Tensor): Recording {
  const [run, ...runs] = recording.runs;
  const [trace, ...traces] = run;
  const calls = trace.calls.map((old, at) =>
    at === call ? { ...old, quantities: { ...old.quantities, [symbol]: values } } : old,
  );
  return { ...recording, runs: [[{ ...trace, calls }, ...traces], ...runs] };
}
