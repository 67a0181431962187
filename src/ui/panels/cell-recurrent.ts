import type { RecurrentLayer } from '../../layers/layer.ts';
import type { Position } from '../../session/selectors.ts';
import { isUsed } from '../../trace/timeline.ts';
import { fitLine, type Line, span } from '../line.ts';
import { LSTM_HEIGHT, lstmDiagram } from './cell-diagram.ts';
import { GRU_HEIGHT, gruDiagram } from './cell-diagram-gru.ts';
import { RNN_HEIGHT, rnnDiagram } from './cell-diagram-rnn.ts';
import { stageLines } from './cell-stage.ts';
import { unitLines } from './cell-units.ts';
import { NARROWEST } from './cell-wires.ts';
import { equationsView } from './equations.ts';
import { maskedCell } from './heatmap.ts';
import type { ViewProps } from './view.ts';

const DIAGRAMS = {
  lstm: { height: LSTM_HEIGHT, lines: lstmDiagram },
  gru: { height: GRU_HEIGHT, lines: gruDiagram },
  simple_rnn: { height: RNN_HEIGHT, lines: rnnDiagram },
} as const;

const FEWEST_UNITS = 3;
/** With so many rows left, the equations say more than the stage alone. */
const EQUATIONS = 8;

/** All units as bars, the wiring of the chosen one where there is room, and what its stage computes. */
export function recurrentLines(props: ViewProps, at: Position): Line[] {
  const { session, width, height, theme } = props;
  const skipped = isUsed(at.callTrace, at.timestep) ? [] : [skippedLine(at, width, theme)];
  const diagram = DIAGRAMS[(at.callTrace.call.layer as RecurrentLayer).kind];
  const room = height - skipped.length;
  const least = room >= 22 ? 4 : Math.min(2, Math.max(0, room - 4));
  const withDiagram = width >= NARROWEST && room >= 1 + Math.min(FEWEST_UNITS, at.units) + diagram.height + least + 1;
  const drawn = withDiagram ? diagram.height + 1 : 0;
  const unitRows = Math.min(at.units + 1, room - least - drawn - (room >= 8 ? 1 : 0));
  const left = room - unitRows - drawn - 1;
  const sections = [
    [...unitLines(session, at, width, unitRows, theme), ...skipped],
    ...(withDiagram ? [diagram.lines(session, at, width - 2, theme).map((line): Line => ['  ', ...line])] : []),
    left >= EQUATIONS
      ? equationsView({ ...props, height: left })
      : stageLines(session, at, width, Math.max(least, Math.min(left, 5)), theme),
  ];
  const used = sections.reduce((sum, lines) => sum + lines.length, 0);
  // What is left over is air between the sections.
  let air = Math.min(sections.length - 1, height - used);
  return sections.flatMap((lines, n) => (n > 0 && air-- > 0 ? [[], ...lines] : lines)).slice(0, height);
}

function skippedLine(at: Position, width: number, theme: ViewProps['theme']): Line {
  return fitLine(
    [
      span(`  ${maskedCell(theme).char} skipped`, 'masked', { bold: true }),
      span(`: mask False at t ${at.timestep}; ${carriedText(at)}`, 'masked'),
    ],
    width,
  );
}

function carriedText({ callTrace: { call } }: Position): string {
  if (call.layer.kind === 'lstm') return 'no gate is computed, h and c stay.';
  return call.layer.kind === 'gru' ? 'no gate is computed, h stays.' : 'nothing is computed, h stays.';
}
