import { type ActivationRef, activationLoop } from '../../math/activations.ts';
import { LabError } from '../../math/lab-error.ts';
import { type Kernels, makeKernels, type Pointer } from './kernels.ts';
import { makeTeam, type Team } from './team.ts';

const PAGE = 65_536;

/** A line of the cache, where everything begins: threads that write side by side do not share one. */
const LINE = 64;

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

/** The first number of an activation that has no kernel. */
export const OUTSIDE = WITH_KERNEL.length;

/** The kernels and their memory, a stack: the weights at the bottom for as long as the engine is used, then what one layer needs while it runs. */
export interface Space {
  readonly kernels: Kernels;
  /** Where the memory is shared: who shares it. */
  readonly team: Team | null;
  /** Room for so many numbers, and four behind them that may be read and written. Its numbers are whatever was there. */
  allocate(count: number): Pointer;
  /** Runs `work`, and then gives back all that it allocated. */
  during<T>(work: () => T): T;
  /** The numbers at a place, as a view that is good until the next allocation. */
  at(place: Pointer, count: number): Float32Array;
  bytesAt(place: Pointer, count: number): Uint8Array;
  wholeNumbersAt(place: Pointer, count: number): Int32Array;
  /** The number by which kernels know an activation. */
  activation(ref: ActivationRef): number;
}

/** `threads`: one, or two with a memory that they share. Throws where none can be shared. */
export function makeSpace(threads: 1 | 2 = 1): Space {
  const others: ActivationRef[] = [];
  const loops: ((z: Float64Array) => void)[] = [];
  const kernels = makeKernels(threads > 1, (which, place, count) => {
    const row = new Float32Array(kernels.memory.buffer, place >>> 0, count);
    const copy = Float64Array.from(row);
    loops[which - OUTSIDE](copy);
    row.set(copy);
  });
  // Nothing stands at 0, which means none.
  let top = LINE;
  const allocate = (count: number): Pointer => {
    const place = top;
    top += LINE * Math.ceil((4 * count + 16) / LINE);
    const missing = Math.ceil((top - kernels.memory.buffer.byteLength) / PAGE);
    if (missing > 0) grow(kernels, missing);
    return place;
  };
  return {
    kernels,
    team: threads > 1 ? makeTeam(kernels, allocate(48)) : null,
    allocate,
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
    wholeNumbersAt: (place, count) => new Int32Array(kernels.memory.buffer, place, count),
    activation(ref) {
      if (WITH_KERNEL.includes(ref)) return WITH_KERNEL.indexOf(ref);
      if (!others.includes(ref)) {
        others.push(ref);
        loops.push(activationLoop(ref));
      }
      return OUTSIDE + others.indexOf(ref);
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
