import { describe, expect, it } from 'vitest';
import { windowAt, windowsOf } from '../../src/layers/windows.ts';

describe('the window at a step', () => {
  it('sees padding on both sides, before it alone, or none', () => {
    expect(windowAt({ size: 3, strides: 1, padding: 'same' }, 4, 0)).toEqual([-1, 0, 1]);
    expect(windowAt({ size: 3, strides: 1, padding: 'same' }, 4, 3)).toEqual([2, 3, -1]);
    expect(windowAt({ size: 2, strides: 1, padding: 'causal', dilationRate: 2 }, 4, 1)).toEqual([-1, 1]);
    expect(windowAt({ size: 2, strides: 2, padding: 'valid' }, 5, 1)).toEqual([2, 3]);
    expect(windowAt({ size: 2, strides: 2, padding: 'valid' }, 5, 2)).toBeNull();
  });

  it('is that of all windows, and is found without the others, however many there are', () => {
    const windows = { size: 50, strides: 6, padding: 'same', dilationRate: 1 } as const;
    const all = windowsOf(windows, 3000);
    expect(all.map((_, at) => windowAt(windows, 3000, at))).toEqual(all);
    const last = windowAt({ ...windows, strides: 1 }, 1e12, 1e12 - 1);
    expect(last?.[0]).toBe(1e12 - 25);
  });
});
