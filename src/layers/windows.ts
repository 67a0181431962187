import { LabError } from '../math/lab-error.ts';
import type { Piece } from './layer.ts';

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

/** The timesteps that each window sees, or each window of a piece; −1 where it sees padding. */
export function windowsOf(windows: Windows, timesteps: number, piece?: Pick<Piece, 'from' | 'to'>): number[][] {
  const count = windowCount('', windows, timesteps) as number;
  const before = paddedBefore(windows, timesteps, count);
  const { from, to } = piece ?? { from: 0, to: count };
  return Array.from({ length: to - from }, (_, at) => seen(windows, timesteps, before, from + at));
}

/** The timesteps that one of the windows sees, as `windowsOf` has them for all; null where there is no such window. */
export function windowAt(windows: Windows, timesteps: number, at: number): number[] | null {
  const count = windowCount('', windows, timesteps) as number;
  return at >= 0 && at < count ? seen(windows, timesteps, paddedBefore(windows, timesteps, count), at) : null;
}

/** How many timesteps of padding stand before the first timestep. */
function paddedBefore(windows: Windows, timesteps: number, count: number): number {
  const missing = Math.max((count - 1) * windows.strides + reach(windows) - timesteps, 0);
  return windows.padding === 'valid' ? 0 : windows.padding === 'causal' ? reach(windows) - 1 : Math.floor(missing / 2);
}

function seen({ size, strides, dilationRate = 1 }: Windows, timesteps: number, before: number, at: number): number[] {
  return Array.from({ length: size }, (_, k) => {
    const place = at * strides - before + k * dilationRate;
    return place >= 0 && place < timesteps ? place : -1;
  });
}
