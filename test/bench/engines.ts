import { record } from '../../src/engines/record.ts';
import { buildPreset, parsePreset } from '../../src/formats/preset/open.ts';
import { tensor } from '../../src/math/tensor.ts';
import { median } from './measure.ts';

const TIMESTEPS = 50;

/** Microseconds a timestep for the whole trace of one LSTM layer, for both engines. */
export async function benchEngines(): Promise<string[][]> {
  const rows: string[][] = [];
  for (const [features, units] of [
    [2, 2],
    [64, 128],
    [256, 512],
  ]) {
    const { model } = await buildPreset(
      parsePreset({ layers: [{ class_name: 'LSTM', units, input_shape: [TIMESTEPS, features] }] }, 'bench'),
      'bench',
    );
    const input = tensor(
      [1, TIMESTEPS, features],
      Float64Array.from({ length: TIMESTEPS * features }, (_, at) => Math.sin(at)),
    );
    const times = { reference: [] as number[], kernel: [] as number[] };
    for (let round = 0; round < 7; round++) {
      for (const engine of ['reference', 'kernel'] as const) {
        const start = performance.now();
        await record(model, [[input]], engine);
        // The first round loads and compiles.
        if (round > 0) times[engine].push(((performance.now() - start) / TIMESTEPS) * 1000);
      }
    }
    const [reference, kernel] = [median(times.reference), median(times.kernel)];
    rows.push([
      `(${features}, ${units})`,
      reference.toFixed(1),
      kernel.toFixed(1),
      `${(reference / kernel).toFixed(1)}×`,
    ]);
  }
  return rows;
}
