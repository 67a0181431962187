import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { workerChecker } from '../../src/cli/checker.ts';
import { type Evidence, prepareCheck } from '../../src/engines/check/check-step.ts';
import { kindOf } from '../../src/layers/kinds.ts';
import type { DenseLayer } from '../../src/layers/layer.ts';
import { tensor } from '../../src/math/tensor.ts';

/* The worker is a file of its own beside the command, so that both are built for these tests as `npm run build` builds them. */

let folder: string;
let made: ReturnType<typeof workerChecker>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lstm-lab-checker-'));
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  await build({
    entryPoints: ['src/cli/checker.ts', 'src/cli/check-worker.ts'],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    entryNames: '[name]',
    logLevel: 'error',
  });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  made = (await import(pathToFileURL(join(folder, 'checker.js')).href)).workerChecker();
});
afterAll(() => {
  made.stop();
  rmSync(folder, { recursive: true, force: true });
});

function dense(kernel: Float64Array | Float32Array): DenseLayer {
  return {
    kind: 'dense',
    name: 'dense',
    trainable: true,
    units: kernel.length,
    activation: 'tanh',
    useBias: false,
    timeDistributed: false,
    weights: { kernel: tensor([1, kernel.length], kernel) },
  };
}

function evidence(layer: DenseLayer, x: number, y: readonly number[]): Evidence {
  const z = layer.weights.kernel.data.map((weight) => weight * x);
  return {
    equations: kindOf(layer).equations(layer),
    seen: { x: tensor([1], [x]) },
    recorded: { z, y: Float64Array.from(y) },
    carried: false,
  };
}

describe('steps that are checked in a worker', () => {
  it('get the answer that they get here', async () => {
    const layer = dense(Float64Array.of(0.5, -2));
    const right = evidence(layer, 0.3, [Math.tanh(0.15), Math.tanh(-0.6)]);
    const wrong = evidence(layer, 0.3, [Math.tanh(0.15), 0.7]);
    for (const step of [right, wrong, right])
      expect(await made.check(layer, layer, step, 'kernel')).toEqual(prepareCheck(layer)(step, 'kernel'));
    expect((await made.check(layer, layer, wrong, 'kernel')).differs).toMatchObject([{ symbol: 'y', unit: 1 }]);
  });

  it('take along what they need of large arrays, and leave those as they are', async () => {
    const large = new Float32Array(2 ** 20).fill(0.25);
    const layer = dense(large.subarray(10, 12));
    const step = evidence(layer, 1, [Math.tanh(0.25), Math.tanh(0.25)]);
    expect(await made.check(layer, layer, step, 'simd')).toMatchObject({ differs: [] });
    expect(large).toHaveLength(2 ** 20);
    expect(step.recorded.z).toHaveLength(2);
  });

  it('say what went wrong, and others are checked after it', async () => {
    const layer = dense(Float64Array.of(1));
    const step = evidence(layer, 0, [0]);
    const broken = { ...step, equations: [{ symbol: 'z', meaning: '', expression: 'z = x * nothing' }] };
    await expect(made.check(dense(Float64Array.of(1)), layer, broken, 'kernel')).rejects.toThrow(/nothing/);
    expect(await made.check(layer, layer, step, 'kernel')).toMatchObject({ differs: [] });
  });

  it('do not keep the program alive, and write nothing', () => {
    const script = join(folder, 'script.js');
    writeFileSync(
      script,
      `import { workerChecker } from './checker.js';
       const { check } = workerChecker();
       const layer = ${JSON.stringify({ ...dense(Float64Array.of(1)), weights: {} })};
       layer.weights = { kernel: { shape: [1, 1], data: Float64Array.of(1) } };
       const one = () => Float64Array.of(1);
       const equations = [{ symbol: 'z', meaning: '', expression: 'z = x * W' }];
       const step = { equations, seen: { x: { shape: [1], data: one() } }, recorded: { z: one() }, carried: false };
       const keptAlive = setTimeout(() => {}, 60_000);
       const { difference } = await check(layer, layer, step, 'kernel');
       clearTimeout(keptAlive);
       // A second one is under way when there is nothing more to do.
       void check(layer, layer, step, 'kernel');
       console.log('difference ' + difference);`,
    );
    const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
      encoding: 'utf8',
      timeout: 30_000,
      env: { PATH: process.env.PATH },
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'difference 0\n', stderr: '' });
  });
});
