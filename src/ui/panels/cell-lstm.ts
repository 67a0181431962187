import type { Position } from '../../session/selectors.ts';
import { isUsed } from '../../trace/timeline.ts';
import { fitLine, type Line, span } from '../line.ts';
import { DIAGRAM, diagramLines } from './cell-diagram.ts';
import { stageLines } from './cell-stage.ts';
import { unitLines } from './cell-units.ts';
import { equationsView } from './equations.ts';
import { maskedCell } from './heatmap.ts';
import type { ViewProps } from './view.ts';

const FEWEST_UNITS = 3;
/** With so many rows left, the equations say more than the stage alone. */
const EQUATIONS = 8;

/** All units as bars, the wiring of the chosen one where there is room, and what its stage computes. */
export function lstmLines(props: ViewProps, at: Position): Line[] {
  const { session, width, height, theme } = props;
  const skipped = isUsed(at.callTrace, at.timestep) ? [] : [skippedLine(at, width, theme)];
  const room = height - skipped.length;
  const least = room >= 22 ? 4 : Math.min(2, Math.max(0, room - 4));
  const withDiagram =
    width >= DIAGRAM.width && room >= 1 + Math.min(FEWEST_UNITS, at.units) + DIAGRAM.height + least + 1;
  const drawn = withDiagram ? DIAGRAM.height + 1 : 0;
  const unitRows = Math.min(at.units + 1, room - least - drawn - (room >= 8 ? 1 : 0));
  const left = room - unitRows - drawn - 1;
  const sections = [
    [...unitLines(session, at, width, unitRows, theme), ...skipped],
    ...(withDiagram ? [diagramLines(session, at, width - 2, theme).map((line): Line => ['  ', ...line])] : []),
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
      span(`: mask False at t ${at.timestep}; no gate is computed, h and c stay.`, 'masked'),
    ],
    width,
  );
}
