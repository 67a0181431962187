import { rowsOf, type Tensor, widthOf } from '../../math/tensor.ts';
import { isReached, type Position } from '../../session/selectors.ts';
import { isUsed, stepOf } from '../../trace/timeline.ts';

/** One quantity of the layer at the cursor over the input's timesteps: what a heatmap draws. */
export interface Series {
  /** `x` is the layer's input. */
  readonly symbol: string;
  readonly meaning: string;
  /** Index of its equation; −1 for the input. */
  readonly stage: number;
  readonly width: number;
  /** Timesteps, or 1 where the quantity has no time axis. */
  readonly steps: number;
  readonly tensor: Tensor;
  /** In the input's order, also under go_backwards. */
  valueAt(timestep: number, unit: number): number;
}

export function seriesOf(at: Position, symbol: string): Series | null {
  const { callTrace, equations } = at;
  if (symbol === 'x') return inputSeries(at);
  const stage = equations.findIndex((equation) => equation.symbol === symbol);
  const tensor = callTrace.quantities[symbol];
  if (stage < 0 || !tensor) return null;
  const width = widthOf(tensor);
  return {
    symbol,
    meaning: equations[stage].meaning,
    stage,
    width,
    steps: rowsOf(tensor),
    tensor,
    valueAt: (timestep, unit) => tensor.data[stepOf(callTrace, timestep) * width + unit],
  };
}

function inputSeries({ callTrace, steps }: Position): Series {
  const tensor = callTrace.input;
  // A layer that sees its whole input in one step has as many rows as the input, and all of them at once.
  const rows = callTrace.call.layer.kind === 'flatten' ? rowsOf(tensor) : steps;
  const width = Math.max(1, Math.floor(tensor.data.length / rows));
  return {
    symbol: 'x',
    meaning: 'input',
    stage: -1,
    width,
    steps: rows,
    tensor,
    valueAt: (timestep, unit) => tensor.data[timestep * width + unit],
  };
}

/** Whether the timestep is still to come at the cursor: then its number is not drawn. */
export function isAhead(at: Position, series: Series, timestep: number): boolean {
  // Rows that are no timesteps are there together.
  if (series.steps !== at.steps) return at.stage < series.stage;
  return !isReached(at, stepOf(at.callTrace, timestep), series.stage);
}

/** At a masked timestep nothing was computed, and h and c were carried over. */
export function wasComputed(at: Position, series: Series, timestep: number): 'computed' | 'carried' | 'skipped' {
  if (series.stage < 0 || isUsed(at.callTrace, timestep)) return 'computed';
  return series.symbol === 'h' || series.symbol === 'c' ? 'carried' : 'skipped';
}
