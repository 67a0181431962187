import { LabError } from '../math/lab-error.ts';

/** How windows lie along time. */
export interface Windows {
  readonly size: number;
  readonly strides: number;
  readonly padding: 'valid' | 'same' | 'causal';
  readonly dilationRate?: number;
}

/** Timesteps from a window's first to its last. */
function reach({ size, dilationRate = 1 }: Windows): number {
  return (size - 1) * dilationRate + 1;
}

/** How many windows there are over this many timesteps. Throws a LabError where there is none. Source: keras/src/ops/operation_utils.py. */
export function windowCount(className: string, windows: Windows, timesteps: number | null): number | null {
  const { size, strides, dilationRate = 1 } = windows;
  if (![size, strides, dilationRate].every((value) => Number.isInteger(value) && value > 0)) {
    throw new LabError({
      problem: `${className} wants sizes, strides and dilation over 0.`,
      received: `size ${size}, strides ${strides}, dilation_rate ${dilationRate}`,
    });
  }
  if (timesteps === null) return null;
  const count =
    windows.padding === 'valid'
      ? Math.floor((timesteps - reach(windows)) / strides) + 1
      : Math.ceil(timesteps / strides);
  if (count > 0) return count;
  throw new LabError({
    problem: `Computed output size would be negative: ${className}'s window is longer than the sequence.`,
    received: `${timesteps} timesteps, a window of ${reach(windows)}`,
    hint: 'use padding="same", a shorter window or longer input.',
  });
}

/** The timesteps that each window sees; −1 where it sees padding. */
export function windowsOf(windows: Windows, timesteps: number): number[][] {
  const { size, strides, padding, dilationRate = 1 } = windows;
  const count = windowCount('', windows, timesteps) as number;
  const missing = Math.max((count - 1) * strides + reach(windows) - timesteps, 0);
  const before = padding === 'valid' ? 0 : padding === 'causal' ? reach(windows) - 1 : Math.floor(missing / 2);
  return Array.from({ length: count }, (_, at) =>
    Array.from({ length: size }, (_, k) => {
      const place = at * strides - before + k * dilationRate;
      return place >= 0 && place < timesteps ? place : -1;
    }),
  );
}
