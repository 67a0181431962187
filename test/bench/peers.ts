import { WIDE } from '../../src/engines/simd/cell.ts';
import { simdEngine } from '../../src/engines/simd/simd.ts';
import type { LstmLayer } from '../../src/layers/layer.ts';
import { type Tensor, tensor, whole } from '../../src/math/tensor.ts';
import { lstmModel, SIZES } from './engines.ts';
import { median } from './measure.ts';
import { fusedModel, scanModel, type Weights } from './peer-models.ts';
import { peerPackages, VERSIONS } from './peer-packages.ts';

const TIMESTEPS = 200;

/** Runs once and returns h [timesteps, units], with everything that it keeps read back. */
type Peer = () => Promise<ArrayLike<number>> | ArrayLike<number>;

/** An ONNX model in one of the two runtimes. */
async function session(
  // biome-ignore lint/suspicious/noExplicitAny: the package is not among ours, and neither are its types
  ort: any,
  provider: 'cpu' | 'wasm',
  bytes: Uint8Array,
  x: Tensor,
  threads: number,
): Promise<Peer> {
  // Threads that wait busily for their next run would take the processor from whoever runs meanwhile.
  const extra = { session: { intra_op: { allow_spinning: '0' } } };
  // Named, as both packages offer themselves for any session once they are loaded.
  const executionProviders = [provider];
  const options = { executionProviders, intraOpNumThreads: threads, interOpNumThreads: 1, extra };
  const made = await ort.InferenceSession.create(bytes, options);
  const feeds = { x: new ort.Tensor('float32', Float32Array.from(x.data), [x.shape[0], 1, x.shape[1]]) };
  return async () => {
    const results = await made.run(feeds);
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const read = Object.values(results).map((result: any) => result.data as Float32Array);
    return read[read.length - 1];
  };
}

/** A loop of operations, as TensorFlow.js has nothing else. */
// biome-ignore lint/suspicious/noExplicitAny: as above
function tensorflow(tf: any, { kernel, recurrentKernel, bias }: Weights, x: Tensor): Peer {
  const units = recurrentKernel.shape[0];
  const [W, U, b] = [kernel, recurrentKernel, bias].map(({ shape, data }) => tf.tensor(Float32Array.from(data), shape));
  return () => {
    const kept = tf.tidy(() => {
      const rows = tf.split(tf.add(tf.matMul(tf.tensor(Float32Array.from(x.data), x.shape), W), b), x.shape[0], 0);
      let [h, c] = [tf.zeros([1, units]), tf.zeros([1, units])];
      // biome-ignore lint/suspicious/noExplicitAny: as above
      const steps = rows.map((row: any) => {
        const z = tf.add(row, tf.matMul(h, U));
        const [zi, zf, zg, zo] = tf.split(z, 4, 1);
        const [i, f, g, o] = [tf.sigmoid(zi), tf.sigmoid(zf), tf.tanh(zg), tf.sigmoid(zo)];
        c = tf.add(tf.mul(f, c), tf.mul(i, g));
        const squashed = tf.tanh(c);
        h = tf.mul(o, squashed);
        return [z, i, f, g, o, c, squashed, h];
      });
      return steps[0].map((_: unknown, at: number) => tf.concat(steps.map((step: unknown[]) => step[at])));
    });
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const read = kept.map((t: any) => t.dataSync());
    tf.dispose(kept);
    return read[read.length - 1];
  };
}

/** Milliseconds for the whole trace of 200 timesteps, all quantities read back, and how many times those of the lab they are. */
export async function benchPeers(): Promise<{ head: string[]; rows: string[][] }> {
  const { require, tfjsWasm } = peerPackages();
  const node = require('onnxruntime-node');
  const web = require('onnxruntime-web');
  web.env.wasm.numThreads = 1;
  const tf = require('@tensorflow/tfjs-core');
  require('@tensorflow/tfjs-backend-wasm').setWasmPaths(tfjsWasm);
  await tf.setBackend('wasm');
  await tf.ready();
  const columns: string[][] = [];
  let names: string[] = [];
  for (const [features, units] of SIZES) {
    const model = await lstmModel(features, units, TIMESTEPS);
    const weights = (model.layers.find(({ kind }) => kind === 'lstm') as LstmLayer).weights as Weights;
    const x = tensor(
      [TIMESTEPS, features],
      Float64Array.from({ length: TIMESTEPS * features }, (_, at) => Math.sin(at)),
    );
    const lab = (threads: 1 | 2): Peer => {
      const recorder = simdEngine(threads).prepare(model);
      return () => whole(recorder.record([x]).trace.calls[1].quantities.h).data;
    };
    const scan = scanModel(weights, TIMESTEPS);
    const fused = fusedModel(weights, TIMESTEPS);
    const onnx = `onnxruntime-node ${VERSIONS['onnxruntime-node']}`;
    const peers: Record<string, Peer> = {
      [`lstm-lab, two threads from ${WIDE} units on`]: lab(2),
      'lstm-lab, 1 thread': lab(1),
      [`${onnx}, Scan, 1 thread`]: await session(node, 'cpu', scan, x, 1),
      [`${onnx}, Scan, 2 threads`]: await session(node, 'cpu', scan, x, 2),
      [`onnxruntime-web ${VERSIONS['onnxruntime-web']}, Scan`]: await session(web, 'wasm', scan, x, 1),
      [`TensorFlow.js ${VERSIONS['@tensorflow/tfjs-core']}, WASM`]: tensorflow(tf, weights, x),
      [`*without gates:* ${onnx}, fused LSTM, 1 thread`]: await session(node, 'cpu', fused, x, 1),
      [`*without gates:* ${onnx}, fused LSTM, 2 threads`]: await session(node, 'cpu', fused, x, 2),
    };
    names = Object.keys(peers);
    const [ours, ...others] = await interleaved(peers, units > 200 ? 25 : 60);
    columns.push([milliseconds(ours), ...others.map((time) => `${milliseconds(time)} (${(time / ours).toFixed(2)}×)`)]);
  }
  const head = ['', ...SIZES.map(([features, units]) => `${features} inputs, ${units} units`)];
  return { head, rows: names.map((name, at) => [name, ...columns.map((column) => column[at])]) };
}

function milliseconds(time: number): string {
  return `${time < 10 ? time.toPrecision(2) : time.toFixed(0)} ms`;
}

/** Medians of rounds in which everyone runs, a second time for the clock: what ran before it is in the caches, and swept up. All must compute the same h. */
async function interleaved(peers: Readonly<Record<string, Peer>>, rounds: number): Promise<number[]> {
  const times: number[][] = Object.keys(peers).map(() => []);
  let expected: ArrayLike<number> | undefined;
  for (let round = 0; round < rounds; round++) {
    for (const [at, [name, peer]] of Object.entries(peers).entries()) {
      await peer();
      const start = performance.now();
      const h = await peer();
      // The first rounds load and compile.
      if (round > 2) times[at].push(performance.now() - start);
      expected ??= h;
      const worst = Math.max(...Array.from(h, (value, n) => Math.abs(value - (expected as ArrayLike<number>)[n])));
      if (round === 0 && !(worst < 1e-5)) throw new Error(`${name} computes something else: ${worst}`);
    }
  }
  return times.map(median);
}
