/** Below this nothing useful fits. */
export const SMALLEST = { columns: 60, rows: 20 };
/** From here on every panel is there. */
const WHOLE = { columns: 80, rows: 24 };
/** From here on the model panel stands beside the view. */
const BESIDE = { columns: 96, rows: 26 };

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export type Arrangement = 'too-small' | 'one-view' | 'folded' | 'beside';

const holds = (size: Size, least: Size) => size.columns >= least.columns && size.rows >= least.rows;

/** How much of the frame there is room for. */
export function arrangementOf(size: Size): Arrangement {
  if (holds(size, BESIDE)) return 'beside';
  if (holds(size, WHOLE)) return 'folded';
  return holds(size, SMALLEST) ? 'one-view' : 'too-small';
}
