import { isRecurrent } from '../../layers/layer.ts';
import { position } from '../../session/selectors.ts';
import { fitLine } from '../line.ts';
import { otherLines } from './cell-other.ts';
import { recurrentLines } from './cell-recurrent.ts';
import type { ViewLines } from './view.ts';

/** What the layer does at the cursor's timestep, unit by unit. */
export const cellView: ViewLines = (props) => {
  const { session, width, height } = props;
  if (width < 1 || height < 1) return [];
  const at = position(session);
  const lines = isRecurrent(at.callTrace.call.layer) ? recurrentLines(props, at) : otherLines(props, at);
  return lines.slice(0, height).map((line) => fitLine(line, width));
};
