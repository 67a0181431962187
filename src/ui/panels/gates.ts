import { isRecurrent } from '../../layers/layer.ts';
import { type Position, position } from '../../session/selectors.ts';
import type { OpenSession } from '../../session/session.ts';
import type { Line } from '../line.ts';
import { cellParts } from './cell-parts.ts';
import { barsLines } from './gates-bars.ts';
import { gridLines } from './gates-grid.ts';
import { zoomLines } from './gates-zoom.ts';
import { fitted } from './heatmap.ts';
import { type Series, seenSymbols, seriesOf } from './series.ts';
import type { ViewLines, ViewProps } from './view.ts';

/** Heatmaps of what the layer computes, units × timesteps; one of them full size where the session zooms. */
export const gatesView: ViewLines = (props) => {
  const { session, width, height } = props;
  if (width < 1 || height < 1) return [];
  const at = position(session);
  const lines = draw(props, at).slice(0, height);
  return fitted(lines, width);
};

function draw(props: ViewProps, at: Position): Line[] {
  const zoomed = zoomedSeries(props.session, at);
  if (zoomed?.steps === 1) return barsLines(props, at, [zoomed]);
  // The whole of a run that is longer than the screen is wide has no room for numbers in its cells.
  const isWhole = props.session.wholeRun && at.steps > props.width && zoomed?.steps === at.steps;
  if (zoomed) return isWhole ? gridLines(props, at, [zoomed]) : zoomLines(props, at, zoomed);
  const shown = symbolsOf(at).flatMap((symbol) => seriesOf(at, symbol) ?? []);
  return at.steps === 1 && !isRecurrent(at.callTrace.call.layer)
    ? barsLines(props, at, shown)
    : gridLines(props, at, shown);
}

/** The zoomed quantity; in a layer that has none of this name, the one the cursor is on. */
function zoomedSeries({ zoom }: OpenSession, at: Position): Series | null {
  if (zoom === null) return null;
  return seriesOf(at, zoom) ?? seriesOf(at, at.equations[at.stage]?.symbol ?? 'x');
}

/** What a layer's heatmaps show: what goes in where it is numbers for each timestep, and what is computed. An index is not drawn as a colour. */
function symbolsOf(at: Position): readonly string[] {
  const { layer } = at.callTrace.call;
  if (isRecurrent(layer)) return cellParts(layer).heat;
  const computed = at.equations.map(({ symbol }) => symbol);
  switch (layer.kind) {
    case 'input':
      return ['x'];
    // A sum is told from its inputs by the Equations view.
    case 'dense':
    case 'conv1d':
    case 'masking':
    case 'embedding':
    case 'layer_normalization':
      return computed.length > 2 ? ['x', 'y'] : computed;
    case 'attention':
      return ['a', 'y'];
    case 'multi_head_attention':
      return computed.filter((symbol) => /^(a_\d+|y)$/.test(symbol));
    default:
      return [...seenSymbols(at), ...computed];
  }
}
