import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { alongTime } from '../../src/engines/simd/along-time.ts';
import { gruCell, lstmCell, simpleRnnCell } from '../../src/engines/simd/recurrent.ts';
import { simdEngine } from '../../src/engines/simd/simd.ts';
import { makeSpace, type Space } from '../../src/engines/simd/space.ts';
import type { Quantities, RecurrentLayer, StepContext } from '../../src/layers/layer.ts';
import { whole } from '../../src/math/tensor.ts';
import type { Model } from '../../src/model/graph.ts';
import { lstmModel } from '../bench/engines.ts';
import { numbers, recurrentLayers } from './simd-layers.ts';

const TIMESTEPS = 300;

const FEATURES = 67;

function cellOf(space: Space, layer: RecurrentLayer) {
  if (layer.kind === 'lstm') return lstmCell(space, layer);
  return layer.kind === 'gru' ? gruCell(space, layer) : simpleRnnCell(space, layer);
}

function expectSameBits(actual: Quantities, expected: Quantities): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [symbol, { data }] of Object.entries(expected)) {
    const [bits, others] = [data, actual[symbol].data].map(({ buffer }) => new Uint32Array(buffer as ArrayBuffer));
    expect(
      others.findIndex((value, at) => value !== bits[at]),
      symbol,
    ).toBe(-1);
  }
}

/** The h that an engine records. */
function run(threads: 1 | 2, model: Model, times = 1): Float32Array {
  const recorder = simdEngine(threads).prepare(model);
  const input = numbers(model.calls[0].outputShapes[0] as number[]);
  for (let n = 1; n < times; n++) recorder.record([input]);
  return whole(recorder.record([input]).trace.calls[1].quantities.h).data as Float32Array;
}

describe('two threads compute what one computes, bit for bit', () => {
  const x = numbers([TIMESTEPS, FEATURES]);
  const mask = Uint8Array.from({ length: TIMESTEPS }, (_, t) => (t % 7 === 3 || t < 2 ? 0 : 1));
  const shared = makeSpace(2);
  const alone = makeSpace(1);

  it.each([128, 131, 200])(
    '%i units: all kinds of recurrent layers, masked and not, from zeros and from a state',
    async (units) => {
      const state = numbers([2, units]).data;
      const initialState = {
        h: Float64Array.from(state.subarray(0, units)),
        c: Float64Array.from(state.subarray(units)),
      };
      const contexts: Pick<StepContext, 'mask' | 'initialState'>[] = [
        { mask: null, initialState: null },
        { mask, initialState },
      ];
      for (const [name, layer] of Object.entries(recurrentLayers(FEATURES, units))) {
        const [two, one] = [cellOf(shared, layer), cellOf(alone, layer)];
        expect([two.parts.length, one.parts.length]).toEqual([2, 1]);
        for (const given of contexts) {
          const context = { ...given, inputs: [x], masks: [given.mask] };
          const expected = alongTime(alone, one, x, context);
          // Until the worker has started and has come to as many meetings as there are steps.
          for (let steps = 0, tries = 0; steps < TIMESTEPS; tries++) {
            expect(tries, `${name}: the worker came to ${steps} meetings`).toBeLessThan(5000);
            const before = shared.team?.meetings() as number;
            expectSameBits(alongTime(shared, two, x, context), expected);
            steps += (shared.team?.meetings() as number) - before;
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
        }
      }
    },
  );

  it('an activation that sees all units at once is not divided', () => {
    const layer = { ...recurrentLayers(3, 128).LSTM, activation: 'softmax' } as RecurrentLayer;
    expect(cellOf(shared, layer).parts.length).toBe(1);
  });
});

describe('where no second thread can be had, or it fails, one thread does all', () => {
  afterEach(() => vi.restoreAllMocks());

  /** As many runs as make a worker worth starting. */
  const RUNS = 12;

  /** Node gives this class for workers; how often it was made. */
  function workersAre(
    Worker: new (
      program: string,
      options: { workerData: { memory: { buffer: SharedArrayBuffer }; team: number } },
    ) => object,
  ) {
    const real = process.getBuiltinModule;
    const made = vi.fn();
    vi.spyOn(process, 'getBuiltinModule').mockImplementation(((name: string) =>
      name === 'node:worker_threads'
        ? {
            Worker: class {
              constructor(...given: ConstructorParameters<typeof Worker>) {
                made();
                // biome-ignore lint/correctness/noConstructorReturn: what `new` gives is the class under test
                return new Worker(...given);
              }
            },
          }
        : real(name as 'node:os')) as typeof process.getBuiltinModule);
    return made;
  }

  it('a worker that cannot be started', async () => {
    const made = workersAre(
      class {
        constructor() {
          throw new Error('no threads here');
        }
      },
    );
    const model = await lstmModel(64, 128, 200);
    expect(run(2, model, RUNS)).toEqual(run(1, model));
    expect(made).toHaveBeenCalledTimes(1);
  });

  it('a worker that says it is there and never comes is given up after two seconds', async () => {
    const terminated = vi.fn();
    workersAre(
      class {
        constructor(
          _: string,
          { workerData: { memory, team } }: { workerData: { memory: { buffer: SharedArrayBuffer }; team: number } },
        ) {
          Atomics.store(new Int32Array(memory.buffer), team / 4, 2);
        }
        unref() {}
        on() {}
        terminate = terminated;
      },
    );
    const model = await lstmModel(64, 128, 200);
    expect(run(2, model, RUNS)).toEqual(run(1, model));
    expect(terminated).toHaveBeenCalledTimes(1);
  });

  it('a memory that cannot be shared', async () => {
    const model = await lstmModel(64, 128, 50);
    const expected = run(1, model);
    const { WebAssembly } = globalThis as unknown as {
      WebAssembly: { Memory: new (size: { shared?: boolean }) => object };
    };
    const { Memory } = WebAssembly;
    WebAssembly.Memory = class {
      constructor(size: { shared?: boolean }) {
        if (size.shared) throw new RangeError('could not allocate memory');
        // biome-ignore lint/correctness/noConstructorReturn: as above
        return new Memory(size);
      }
    };
    try {
      expect(run(2, model)).toEqual(expected);
    } finally {
      WebAssembly.Memory = Memory;
    }
  });

  it('a model of few units, or little work, starts none', async () => {
    const made = workersAre(class {});
    run(2, await lstmModel(64, 127, 200), RUNS);
    run(2, await lstmModel(64, 128, 200));
    expect(made).not.toHaveBeenCalled();
  });
});

describe('a worker', () => {
  it('does not keep the process', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lstm-lab-threads-'));
    try {
      const program = `
        import { alongTime } from './src/engines/simd/along-time.ts';
        import { lstmCell } from './src/engines/simd/recurrent.ts';
        import { makeSpace } from './src/engines/simd/space.ts';
        import { lstmLayer, numbers } from './test/engines/simd-layers.ts';
        const space = makeSpace(2);
        const cell = lstmCell(space, lstmLayer(64, 128));
        const x = numbers([200, 64]);
        const context = { mask: null, initialState: null, inputs: [x], masks: [null] };
        for (let n = 0; n < 5000 && space.team.meetings() === 0; n++) {
          alongTime(space, cell, x, context);
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        console.log((space.team.meetings() > 0) + ' ' + Date.now());
      `;
      const outfile = join(folder, 'run.mjs');
      buildSync({
        stdin: { contents: program, resolveDir: process.cwd(), loader: 'ts' },
        bundle: true,
        minify: true,
        platform: 'node',
        format: 'esm',
        outfile,
      });
      const printed = execFileSync(process.execPath, [outfile], { encoding: 'utf8', timeout: 60_000 });
      expect(printed).toMatch(/^true /);
      // It waits for a job, and would end by itself after five seconds.
      expect(Date.now() - Number(printed.slice(5))).toBeLessThan(4000);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
