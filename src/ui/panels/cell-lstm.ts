import type { Position } from '../../session/selectors.ts';
import { isUsed } from '../../trace/timeline.ts';
import { fitLine, type Line, span } from '../line.ts';
import { DIAGRAM, diagramLines } from './cell-diagram.ts';
import { stageLines } from './cell-stage.ts';
import { unitLines } from './cell-units.ts';
import { maskedCell } from './heatmap.ts';
import type { ViewProps } from './view.ts';

const STAGE_ROWS = 4;
const FEWEST_UNITS = 3;

/** All units as bars, the wiring of the chosen one where there is room, and what its stage computes. */
export function lstmLines({ session, width, height, theme }: ViewProps, at: Position): Line[] {
  const skipped = isUsed(at.callTrace, at.timestep) ? [] : [skippedLine(at, width, theme)];
  const room = height - skipped.length;
  const stageRows = room >= 22 ? STAGE_ROWS : Math.min(3, Math.max(0, room - 4));
  const wanted = 1 + Math.min(FEWEST_UNITS, at.units) + DIAGRAM.height + stageRows + 1;
  const withDiagram = width >= DIAGRAM.width && room >= wanted;
  const unitRows = Math.min(at.units + 1, room - stageRows - (withDiagram ? DIAGRAM.height : 0) - 1);
  const sections = [
    [...unitLines(session, at, width, unitRows, theme), ...skipped],
    ...(withDiagram ? [diagramLines(session, at, width - 2, theme).map((line): Line => ['  ', ...line])] : []),
    stageLines(session, at, width, stageRows, theme),
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
      span(`: the mask is False at t ${at.timestep}; no gate is computed, h and c are carried over.`, 'masked'),
    ],
    width,
  );
}
