import { record } from '../../src/engines/record.ts';
import { buildPreset, parsePreset } from '../../src/formats/preset/open.ts';
import { tensor } from '../../src/math/tensor.ts';
import type { Model } from '../../src/model/graph.ts';
import { median } from './measure.ts';

const TIMESTEPS = 50;

const ENGINES = ['reference', 'kernel', 'simd'] as const;

/** [features, units] */
export const SIZES: readonly (readonly [number, number])[] = [
  [2, 2],
  [64, 128],
  [256, 512],
];

/** One LSTM layer. */
export async function lstmModel(features: number, units: number, timesteps: number): Promise<Model> {
  const layer = { class_name: 'LSTM', units, input_shape: [timesteps, features] };
  return (await buildPreset(parsePreset({ layers: [layer] }, 'bench'), 'bench')).model;
}

/** Microseconds a timestep for the whole trace of one LSTM layer with each engine, preparing included. */
export async function benchEngines(): Promise<string[][]> {
  const rows: string[][] = [];
  for (const [features, units] of SIZES) {
    const model = await lstmModel(features, units, TIMESTEPS);
    const numbers = Float64Array.from({ length: TIMESTEPS * features }, (_, at) => Math.sin(at));
    const input = tensor([1, TIMESTEPS, features], numbers);
    const times = ENGINES.map((): number[] => []);
    for (let round = 0; round < 7; round++) {
      for (const [at, engine] of ENGINES.entries()) {
        const start = performance.now();
        await record(model, [[input]], engine);
        // The first round loads and compiles.
        if (round > 0) times[at].push(((performance.now() - start) / TIMESTEPS) * 1000);
      }
    }
    const medians = times.map(median);
    const [reference, , simd] = medians;
    rows.push([
      `(${features}, ${units})`,
      ...medians.map((time) => time.toFixed(1)),
      `${(reference / simd).toFixed(1)}×`,
    ]);
  }
  return rows;
}
