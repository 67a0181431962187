import { isRecurrent } from '../../layers/layer.ts';
import { position } from '../../session/selectors.ts';
import { fitted } from './heatmap.ts';
import { oneTensorLines } from './returns-one.ts';
import { recurrentReturnsLines } from './returns-recurrent.ts';
import type { ViewLines } from './view.ts';

/** What the layer returns: under its own flags, and a recurrent layer also under the three other pairs of them. */
export const returnsView: ViewLines = (props) => {
  const { session, width, height } = props;
  if (width < 1 || height < 1) return [];
  const at = position(session);
  const lines = isRecurrent(at.callTrace.call.layer) ? recurrentReturnsLines(props, at) : oneTensorLines(props, at);
  return fitted(lines.slice(0, height), width);
};
