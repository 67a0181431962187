import { type Tensor, widthOf } from '../../math/tensor.ts';
import type { Pointer } from './kernels.ts';
import type { Space } from './space.ts';

/** Columns of a panel; assembly/products.ts. */
const PANEL = 16;

/** Weights [depth, columns] as the kernels read them: panels of 16 columns. */
export interface Packed {
  readonly place: Pointer;
  readonly depth: number;
  readonly panels: number;
  /** Columns with those that fill the last panel. */
  readonly columns: number;
}

/** Packs the columns `from` to `to` of a matrix; a convolution's kernel [size, inputDim, filters] is one of size · inputDim rows. */
export function pack(space: Space, weights: Tensor, from = 0, to = widthOf(weights)): Packed {
  const { data } = weights;
  const width = widthOf(weights);
  const depth = data.length / width;
  const panels = Math.ceil((to - from) / PANEL);
  const place = space.allocate(panels * PANEL * depth);
  const out = space.at(place, panels * PANEL * depth);
  for (let panel = 0; panel < panels; panel++) {
    const first = from + panel * PANEL;
    const count = Math.min(PANEL, to - first);
    const base = panel * PANEL * depth;
    for (let k = 0; k < depth; k++) {
      const target = base + k * PANEL;
      for (let column = 0; column < count; column++) out[target + column] = data[k * width + first + column];
      for (let column = count; column < PANEL; column++) out[target + column] = 0;
    }
  }
  return { place, depth, panels, columns: panels * PANEL };
}

/** A bias, with zeros for the columns that fill the last panel; 0 where there is none. */
export function packBias(space: Space, { columns }: Packed, bias: ArrayLike<number> | undefined): Pointer {
  if (bias === undefined) return 0;
  const place = space.allocate(columns);
  const out = space.at(place, columns);
  out.fill(0);
  out.set(bias);
  return place;
}
