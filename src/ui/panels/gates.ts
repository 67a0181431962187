import { type Position, position } from '../../session/selectors.ts';
import type { OpenSession } from '../../session/session.ts';
import type { Line } from '../line.ts';
import { barsLines } from './gates-bars.ts';
import { gridLines } from './gates-grid.ts';
import { zoomLines } from './gates-zoom.ts';
import { fitted } from './heatmap.ts';
import { type Series, seriesOf } from './series.ts';
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
  if (zoomed) return zoomed.steps === 1 ? barsLines(props, at, [zoomed]) : zoomLines(props, at, zoomed);
  const shown = symbolsOf(at).flatMap((symbol) => seriesOf(at, symbol) ?? []);
  return at.steps === 1 && at.callTrace.call.layer.kind !== 'lstm'
    ? barsLines(props, at, shown)
    : gridLines(props, at, shown);
}

/** The zoomed quantity; in a layer that has none of this name, the one the cursor is on. */
function zoomedSeries({ zoom }: OpenSession, at: Position): Series | null {
  if (zoom === null) return null;
  return seriesOf(at, zoom) ?? seriesOf(at, at.equations[at.stage]?.symbol ?? 'x');
}

/** What a layer's heatmaps show. An index is not drawn as a colour: an Embedding's words stand on the time axis. */
function symbolsOf({ callTrace: { call } }: Position): readonly string[] {
  switch (call.layer.kind) {
    case 'lstm':
      return ['i', 'f', 'g', 'o', 'c', 'h'];
    case 'dense':
      return ['z', 'y'];
    case 'masking':
      return ['m', 'y'];
    case 'embedding':
      return ['y'];
    case 'input':
      return ['x'];
    case 'dropout':
    case 'activation':
    case 'flatten':
      return ['x', 'y'];
    default:
      return ['y'];
  }
}
