import { position } from '../../session/selectors.ts';
import { fitted } from './heatmap.ts';
import { lstmReturnsLines } from './returns-lstm.ts';
import { oneTensorLines } from './returns-one.ts';
import type { ViewLines } from './view.ts';

/** What the layer returns: under its own flags, and an LSTM also under the three other pairs of them. */
export const returnsView: ViewLines = (props) => {
  const { session, width, height } = props;
  if (width < 1 || height < 1) return [];
  const at = position(session);
  const lines = at.callTrace.call.layer.kind === 'lstm' ? lstmReturnsLines(props, at) : oneTensorLines(props, at);
  return fitted(lines.slice(0, height), width);
};
