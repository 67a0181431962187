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

const ROUNDS = 7;

/** Milliseconds and megabytes of opening a large .keras file in a fresh process, beside Node's readFile of it, in interleaved rounds. */
export async function benchOpen(): Promise<string[][]> {
  const file = join(tmpdir(), 'lstm-lab-bench-large.keras');
  if (!existsSync(file)) writeFileSync(file, await kerasArchive(largeModel()));
  const size = statSync(file).size;
  const loaded = `const { open, weightsOf, whole } = await import(${JSON.stringify(resolve('dist/index.js'))});`;
  const opened = 'const { model } = await open(file);';
  const all = 'for (const layer of model.layers) for (const [, weights] of weightsOf(layer)) whole(weights);';
  const cases: readonly [name: string, before: string, code: string][] = [
    ['readFile', '', `await (await import('node:fs/promises')).readFile(file)`],
    ['open()', loaded, opened],
    ['open(), and every number read', loaded, opened + all],
  ];
  const runs = cases.map((): ReturnType<typeof measured>[] => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [at, [, before, code]] of cases.entries()) runs[at].push(measured(before, code, file));
  const idle = measured('', '').memory;
  const times = runs.map((of) => median(of.map(({ time }) => time)));
  return cases.map(([name], at) => {
    const memory = median(runs[at].map((run) => run.memory)) - idle;
    return [
      `${name} of a ${(size / 1e6).toFixed(0)} MB .keras`,
      times[at].toFixed(0),
      `${(times[at] / times[0]).toFixed(2)}×`,
      `${(memory / 2 ** 20).toFixed(0)} MB, ${(memory / size).toFixed(2)}× the file`,
    ];
  });
}

/** From the start of the process to the printed gates of a .keras file: LSTM(128) on 50 timesteps of 64 features, as CSV. */
export async function benchGates(): Promise<string[][]> {
  const file = join(tmpdir(), 'lstm-lab-bench-gates.keras');
  if (!existsSync(file)) writeFileSync(file, await kerasArchive(smallModel()));
  const cases: readonly [name: string, args: readonly string[]][] = [
    ['node -e 0', ['-e', '0']],
    ['lstm-lab trace FILE --format csv', ['bin/lstm-lab.js', 'trace', file, '--format', 'csv', '--engine', 'simd']],
  ];
  const times = cases.map((): number[] => []);
  for (let round = 0; round < 2 * ROUNDS; round++)
    for (const [at, [, args]] of cases.entries()) {
      const start = performance.now();
      const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'ignore'] });
      if (status !== 0) throw new Error(`${args.join(' ')} exited with ${status}`);
      times[at].push(performance.now() - start);
    }
  const base = median(times[0]);
  return cases.map(([name], at) => [name, median(times[at]).toFixed(0), `${(median(times[at]) / base).toFixed(2)}×`]);
}

/** Runs code in a process of its own: how long it took, and what the process held at most (Linux counts it from the process's start). */
function measured(before: string, code: string, file = ''): { time: number; memory: number } {
  const script = `import { readFileSync } from 'node:fs'; const peak = () => Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024; ${before} const file = ${JSON.stringify(file)}; const start = performance.now(); ${code}; console.log(JSON.stringify({ time: performance.now() - start, memory: peak() }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Numbers that look like weights, the same every time. */
function numbers(...shape: number[]) {
  let state = 1;
  const data = new Float32Array(shape.reduce((product, length) => product * length, 1));
  for (let at = 0; at < data.length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[at] = state / 2 ** 32 / 5 - 0.1;
  }
  return tensor(shape, data);
}

const named = (name: string) => ({ name, trainable: true });

function plan(spec: LayerSpec, given: LayerPlan['weights']['given'], inputs: string[]): LayerPlan {
  return { spec, weights: { given, initializers: {} }, calls: [{ inputs }], path: spec.name };
}

function lstm(features: number, units: number, returnSequences: boolean, input: string): LayerPlan {
  const spec: Omit<Extract<Layer, { kind: 'lstm' }>, 'weights'> = {
    kind: 'lstm',
    ...named('lstm'),
    units,
    activation: 'tanh',
    recurrentActivation: 'sigmoid',
    useBias: true,
    returnSequences,
    returnState: false,
    goBackwards: false,
    stateful: false,
    unroll: false,
    zeroOutputForMask: false,
    maskedStart: 'zeros',
    dropout: 0,
    recurrentDropout: 0,
  };
  const given = {
    kernel: numbers(features, 4 * units),
    recurrent_kernel: numbers(units, 4 * units),
    bias: numbers(4 * units),
  };
  return plan(spec, given, [input]);
}

function smallModel() {
  const input = plan({ kind: 'input', ...named('x'), shape: [50, 64], batch: null }, {}, []);
  return buildModel({ name: 'small', keras: 3, seed: 1, layers: [input, lstm(64, 128, true, 'x')], outputs: ['lstm'] });
}

/** Embedding(80000, 256), LSTM(512), Dense(1): the model of the design's figures. */
function largeModel() {
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
      lstm(256, 512, false, 'embedding'),
      plan(
        { kind: 'dense', ...named('dense'), units: 1, activation: 'sigmoid', useBias: true, timeDistributed: false },
        { kernel: numbers(512, 1), bias: numbers(1) },
        ['lstm'],
      ),
    ],
    outputs: ['dense'],
  });
}
