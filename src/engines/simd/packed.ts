import { type Tensor, widthOf } from '../../math/tensor.ts';
import type { Pointer } from './kernels.ts';
import type { Space } from './space.ts';

/** Columns of a panel; assembly/products.ts. */
export const PANEL = 16;

/** Weights [depth, columns] as the kernels read them: panels of 16 columns. */
export interface Packed {
  readonly place: Pointer;
  readonly depth: number;
  readonly panels: number;
  /** Columns with those that fill the last panel. */
  readonly columns: number;
}

/** Columns of a matrix side by side: from, to (not included), from, to, …. */
export type Columns = readonly (readonly [from: number, to: number])[];

/** Packs columns of a matrix; a convolution's kernel [size, inputDim, filters] is one of size · inputDim rows. */
export function pack(space: Space, { shape, data }: Tensor, columns: Columns = [[0, widthOf({ shape })]]): Packed {
  const width = widthOf({ shape });
  const depth = data.length / width;
  const wanted = listed(columns);
  const panels = Math.ceil(wanted.length / PANEL);
  const place = space.allocate(panels * PANEL * depth);
  const out = space.at(place, panels * PANEL * depth);
  for (let panel = 0; panel < panels; panel++) {
    const first = panel * PANEL;
    const count = Math.min(PANEL, wanted.length - first);
    for (let k = 0; k < depth; k++) {
      const target = first * depth + k * PANEL;
      for (let column = 0; column < count; column++) out[target + column] = data[k * width + wanted[first + column]];
      for (let column = count; column < PANEL; column++) out[target + column] = 0;
    }
  }
  return { place, depth, panels, columns: panels * PANEL };
}

/** The same columns of a bias, with zeros for those that fill the last panel; 0 where there is none. */
export function packBias(
  space: Space,
  packed: Packed,
  bias: Tensor['data'] | undefined,
  columns: Columns = [[0, bias?.length ?? 0]],
): Pointer {
  if (bias === undefined) return 0;
  const place = space.allocate(packed.columns);
  const out = space.at(place, packed.columns);
  out.fill(0);
  out.set(listed(columns).map((column) => bias[column]));
  return place;
}

function listed(columns: Columns): number[] {
  return columns.flatMap(([from, to]) => Array.from({ length: to - from }, (_, at) => from + at));
}
