import { spawnSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { kerasArchive } from '../../src/formats/keras/write/archive.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { tensor } from '../../src/math/tensor.ts';
import { buildModel } from '../../src/model/build.ts';
import type { LayerPlan, LayerSpec } from '../../src/model/plan.ts';
import { median } from './measure.ts';

const ROUNDS = 5;

/** Milliseconds and megabytes of opening a large .keras file in a fresh process, beside Node's readFile of it. */
export async function benchOpen(): Promise<string[][]> {
  const file = join(tmpdir(), 'lstm-lab-bench-88mb.keras');
  if (!existsSync(file)) writeFileSync(file, await kerasArchive(largeModel()));
  const library = resolve('dist/index.js');
  const cases: [string, string][] = [
    ['readFile', `await (await import('node:fs/promises')).readFile(file)`],
    ['open()', 'await open(file)'],
  ];
  const idle = measured('', '');
  const rows = cases.map(([name, code]) => {
    const runs = Array.from({ length: ROUNDS }, () =>
      measured(name === 'open()' ? `const { open } = await import(${JSON.stringify(library)});` : '', code, file),
    );
    return {
      name,
      time: median(runs.map(({ time }) => time)),
      memory: median(runs.map(({ memory }) => memory)) - idle.memory,
    };
  });
  const size = statSync(file).size;
  return rows.map(({ name, time, memory }) => [
    `${name} of a ${(size / 1e6).toFixed(0)} MB .keras`,
    time.toFixed(0),
    `${(time / rows[0].time).toFixed(1)}×`,
    `${(memory / 2 ** 20).toFixed(0)} MB, ${(memory / size).toFixed(1)}× the file`,
  ]);
}

/** Runs code in a process of its own: how long it took, and what the process held at most (Linux counts it from the process's start). */
function measured(before: string, code: string, file = ''): { time: number; memory: number } {
  const script = `import { readFileSync } from 'node:fs'; const peak = () => Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024; ${before} const file = ${JSON.stringify(file)}; const start = performance.now(); ${code}; console.log(JSON.stringify({ time: performance.now() - start, memory: peak() }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Embedding(80000, 256), LSTM(512), Dense(1): the model of the design's figures. */
function largeModel() {
  let state = 1;
  const numbers = (...shape: number[]) => {
    const data = new Float32Array(shape.reduce((product, length) => product * length, 1));
    for (let at = 0; at < data.length; at++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      data[at] = state / 2 ** 32 / 5 - 0.1;
    }
    return tensor(shape, data);
  };
  const plan = (spec: LayerSpec, given: LayerPlan['weights']['given'], inputs: string[]): LayerPlan => ({
    spec,
    weights: { given, initializers: {} },
    calls: [{ inputs }],
    path: spec.name,
  });
  const named = (name: string) => ({ name, trainable: true });
  const lstm: Omit<Extract<Layer, { kind: 'lstm' }>, 'weights'> = {
    kind: 'lstm',
    ...named('lstm'),
    units: 512,
    activation: 'tanh',
    recurrentActivation: 'sigmoid',
    useBias: true,
    returnSequences: false,
    returnState: false,
    goBackwards: false,
    stateful: false,
    unroll: false,
    zeroOutputForMask: false,
    maskedStart: 'zeros',
    dropout: 0,
    recurrentDropout: 0,
  };
  return buildModel({
    name: 'large',
    keras: 3,
    seed: 1,
    layers: [
      plan({ kind: 'input', ...named('words'), shape: [50], batch: null }, {}, []),
      plan(
        { kind: 'embedding', ...named('embedding'), inputDim: 80_000, outputDim: 256, maskZero: false },
        { embeddings: numbers(80_000, 256) },
        ['words'],
      ),
      plan(lstm, { kernel: numbers(256, 2048), recurrent_kernel: numbers(512, 2048), bias: numbers(2048) }, [
        'embedding',
      ]),
      plan(
        { kind: 'dense', ...named('dense'), units: 1, activation: 'sigmoid', useBias: true, timeDistributed: false },
        { kernel: numbers(512, 1), bias: numbers(1) },
        ['lstm'],
      ),
    ],
    outputs: ['dense'],
  });
}
