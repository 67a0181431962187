import { record } from '../../src/engines/record.ts';
import { buildPreset, parsePreset } from '../../src/formats/preset/open.ts';
import { sizeOf, tensor } from '../../src/math/tensor.ts';
import { opened, reduce } from '../../src/session/reduce.ts';
import type { OpenSession } from '../../src/session/session.ts';

const FEATURES = 64;

/** A model with drawn weights as a person opens it: one LSTM that returns its sequence and a Dense layer, the cursor in the middle of the run. */
export async function largeSession({ units, timesteps }: { units: number; timesteps: number }): Promise<OpenSession> {
  const layers = [
    { class_name: 'LSTM', units, return_sequences: true, input_shape: [timesteps, FEATURES] },
    { class_name: 'Dense', units: 8 },
  ];
  const { model } = await buildPreset(parsePreset({ layers }, 'large'), 'large');
  const shape = [1, timesteps, FEATURES];
  const input = tensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, at) => Math.sin(at * 0.37)),
  );
  const recording = await record(model, [[input]], 'simd', { lazily: true });
  const session = opened({ recording, about: null, words: null, notes: [] }, []);
  return reduce(session, { type: 'timestep-chosen', timestep: Math.floor(timesteps / 2) }) as OpenSession;
}
