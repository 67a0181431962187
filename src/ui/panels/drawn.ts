import type { Position } from '../../session/selectors.ts';
import type { Theme } from '../theme/theme.ts';
import { type Scale, scaleOf } from './heat-scale.ts';
import type { Series } from './series.ts';

/** What one heatmap draws. */
export interface Drawn {
  readonly at: Position;
  readonly series: Series;
  readonly scale: Scale;
  readonly theme: Theme;
  readonly wholeRun: boolean;
}

export function drawnOf(at: Position, series: Series, theme: Theme, wholeRun: boolean): Drawn {
  return { at, series, theme, wholeRun, scale: scaleOf(at.callTrace.call.layer, series.symbol, series.tensor) };
}
