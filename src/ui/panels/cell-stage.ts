import type { Position } from '../../session/selectors.ts';
import type { OpenSession } from '../../session/session.ts';
import { isUsed } from '../../trace/timeline.ts';
import { fitLine, type Line, span } from '../line.ts';
import { equationText, symbolTone } from '../notation.ts';
import type { Theme } from '../theme/theme.ts';
import { checkMark } from './check-mark.ts';
import { detailLines } from './equation-detail.ts';
import { lettersOf } from './letters.ts';

/** `stage 9 of 11   c = f ⊙ c₋₁ + i ⊙ c̃`, and under it the arithmetic with the numbers, in at most `rows` lines. */
export function stageLines(session: OpenSession, at: Position, width: number, rows: number, theme: Theme): Line[] {
  if (at.stage < 0 || rows <= 0) return [];
  const { symbol, expression, meaning } = at.equations[at.stage];
  const head: Line = [
    span(` stage ${at.stage + 1} of ${at.equations.length}  `, 'muted'),
    checkMark(at, symbol),
    span(equationText(expression, lettersOf(at)), symbolTone(symbol, lettersOf(at)), { bold: true }),
    span(`   ${meaning}`, 'muted'),
  ];
  const indent = '   ';
  // A few lines are asked for as if there were one more, because the first repeats the equation.
  const detail = detailLines(session, at, width - indent.length, Math.min(rows, 6), theme).filter(
    (line) => line.length > 0,
  );
  const withHeading = Math.min(rows, 6) >= 4;
  const body = withHeading ? detail.slice(1) : detail;
  const repeats = isUsed(at.callTrace, at.timestep) && rows < 4 && body.length > 1;
  const shown = (repeats ? body.slice(1) : body).slice(0, rows - 1);
  return [head, ...shown.map((line): Line => [indent, ...line])].map((line) => fitLine(line, width));
}
