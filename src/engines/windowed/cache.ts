import type { Mask, Quantities } from '../../layers/layer.ts';
import type { Tensor } from '../../math/tensor.ts';

/** What one call computed in one window of timesteps. */
export interface Window {
  readonly quantities: Quantities;
  readonly returns: readonly Tensor[];
  readonly outputMask?: Mask;
}

/** The windows that were looked at last, of all calls. */
export interface WindowCache {
  get(owner: object, at: number): Window | undefined;
  set(owner: object, at: number, window: Window): void;
}

/** Holds so many bytes, and one window in any case. */
export function makeCache(bytes: number): WindowCache {
  const owners = new WeakMap<object, number>();
  const held = new Map<string, { readonly window: Window; readonly size: number }>();
  let next = 0;
  let total = 0;
  const key = (owner: object, at: number) => {
    const number = owners.get(owner) ?? next++;
    owners.set(owner, number);
    return `${number} ${at}`;
  };
  return {
    get(owner, at) {
      const name = key(owner, at);
      const found = held.get(name);
      if (!found) return undefined;
      // Last looked at, last to go.
      held.delete(name);
      held.set(name, found);
      return found.window;
    },
    set(owner, at, window) {
      const size = sizeOfWindow(window);
      held.set(key(owner, at), { window, size });
      total += size;
      for (const [name, oldest] of held) {
        if (total <= bytes || held.size === 1) break;
        held.delete(name);
        total -= oldest.size;
      }
    },
  };
}

function sizeOfWindow({ quantities, returns }: Window): number {
  const buffers = new Set([...Object.values(quantities), ...returns].map(({ data }) => data.buffer));
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
}
