import type { RecurrentLayer } from '../../layers/layer.ts';
import type { Tensor } from '../../math/tensor.ts';
import type { Pointer } from './kernels.ts';
import { type Columns, PANEL, pack, packBias } from './packed.ts';
import { type PartFields, placePart } from './part.ts';
import { OUTSIDE, type Space } from './space.ts';

/** A recurrent layer, ready to run: in one part, or in two that two threads can compute. */
export interface Cell {
  readonly layer: RecurrentLayer;
  /** Its quantities in their order, [steps, units] each. */
  readonly symbols: readonly string[];
  readonly parts: readonly CellPart[];
}

interface CellPart {
  readonly place: Pointer;
  /** Numbers of x · W + b of a step. */
  readonly columns: number;
}

/** What recurrent layers differ in. */
export interface Form {
  /** By its number in assembly/part.ts. */
  readonly kind: number;
  readonly symbols: readonly string[];
  readonly gates: number;
  /** What the product with the kernel starts from, and the one with the recurrent kernel. */
  readonly bias: Tensor['data'] | undefined;
  readonly recurrentBias?: Tensor['data'];
  /** Whether the last gate's product with the recurrent kernel is made by itself, after the others have acted. */
  readonly candidateApart?: boolean;
  /** By their numbers in the space. */
  readonly activations: Pick<PartFields, 'candidate'> & Partial<Pick<PartFields, 'gate' | 'output'>>;
}

/** Units from which two threads are faster than one, by a third at this many; half of them would be whole panels and little work. */
export const WIDE = 128;

/** Packs the layer's weights, once for as long as the space is used. */
export function makeCell(space: Space, layer: RecurrentLayer, form: Form): Cell {
  const { units } = layer;
  // An activation without a kernel may want to see all units.
  const isSplit = space.team !== null && units >= WIDE && Object.values(form.activations).every((at) => at < OUTSIDE);
  // The first half in whole panels.
  const middle = isSplit ? PANEL * Math.ceil(units / 2 / PANEL) : units;
  const reset = form.candidateApart ? space.allocate(units) : 0;
  const parts = [makePart(space, layer, form, reset, 0, middle)];
  if (isSplit) parts.push(makePart(space, layer, form, reset, middle, units));
  return { layer, symbols: form.symbols, parts };
}

/** The units `from` to `to` (not included) of a layer. */
function makePart(
  space: Space,
  { units, weights: { kernel, recurrentKernel } }: RecurrentLayer,
  { kind, symbols, gates, bias, recurrentBias, candidateApart, activations }: Form,
  reset: Pointer,
  from: number,
  to: number,
): CellPart {
  const columns: Columns = Array.from({ length: gates }, (_, gate) => [gate * units + from, gate * units + to]);
  const input = pack(space, kernel, columns);
  const recurrent = pack(space, recurrentKernel, candidateApart ? columns.slice(0, -1) : columns);
  const candidate = candidateApart ? pack(space, recurrentKernel, columns.slice(-1)) : undefined;
  const place = placePart(space, {
    kind,
    count: symbols.length,
    all: units,
    first: from,
    units: to - from,
    features: input.depth,
    panels: input.panels,
    kernel: input.place,
    bias: packBias(space, input, bias, columns),
    recurrentPanels: recurrent.panels,
    recurrent: recurrent.place,
    recurrentBias: packBias(space, recurrent, recurrentBias, columns),
    candidatePanels: candidate?.panels ?? 0,
    candidateWeights: candidate?.place ?? 0,
    gate: 0,
    output: 0,
    ...activations,
    sums: space.allocate(input.columns),
    reset,
  });
  return { place, columns: input.columns };
}
