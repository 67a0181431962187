import { type ActivationRef, activationLoop } from '../../math/activations.ts';
import { LabError } from '../../math/lab-error.ts';
import { type Kernels, makeKernels, type Pointer } from './kernels.ts';

const PAGE = 65_536;

/** The activations with a kernel, by the numbers that assembly/activations.ts gives them. */
const WITH_KERNEL: readonly ActivationRef[] = [
  'linear',
  'sigmoid',
  'tanh',
  'hard_sigmoid',
  'hard_sigmoid_keras2',
  'relu',
  'exponential',
];

/** The kernels and their memory, a stack: the weights at the bottom for as long as the engine is used, then what one layer needs while it runs. */
export interface Space {
  readonly kernels: Kernels;
  /** Room for so many numbers, and four behind them that may be read and written. Its numbers are whatever was there. */
  allocate(count: number): Pointer;
  /** Runs `work`, and then gives back all that it allocated. */
  during<T>(work: () => T): T;
  /** The numbers at a place, as a view that is good until the next allocation. */
  at(place: Pointer, count: number): Float32Array;
  bytesAt(place: Pointer, count: number): Uint8Array;
  /** The number by which kernels know an activation. */
  activation(ref: ActivationRef): number;
}

export function makeSpace(): Space {
  const others: ActivationRef[] = [];
  const loops: ((z: Float64Array) => void)[] = [];
  const kernels = makeKernels((which, place, count) => {
    const row = new Float32Array(kernels.memory.buffer, place >>> 0, count);
    const copy = Float64Array.from(row);
    loops[which - WITH_KERNEL.length](copy);
    row.set(copy);
  });
  // Nothing stands at 0, which means none.
  let top = 16;
  return {
    kernels,
    allocate(count) {
      const place = top;
      top += 16 * Math.ceil(count / 4) + 16;
      const missing = Math.ceil((top - kernels.memory.buffer.byteLength) / PAGE);
      if (missing > 0) grow(kernels, missing);
      return place;
    },
    during(work) {
      const before = top;
      try {
        return work();
      } finally {
        top = before;
      }
    },
    at: (place, count) => new Float32Array(kernels.memory.buffer, place, count),
    bytesAt: (place, count) => new Uint8Array(kernels.memory.buffer, place, count),
    activation(ref) {
      if (WITH_KERNEL.includes(ref)) return WITH_KERNEL.indexOf(ref);
      if (!others.includes(ref)) {
        others.push(ref);
        loops.push(activationLoop(ref));
      }
      return WITH_KERNEL.length + others.indexOf(ref);
    },
  };
}

function grow({ memory }: Kernels, pages: number): void {
  try {
    memory.grow(pages);
  } catch {
    throw new LabError({
      problem: 'the simd engine needs more memory than it can have (at most 4 GB).',
      hint: 'choose the kernel engine: --engine kernel.',
    });
  }
}
