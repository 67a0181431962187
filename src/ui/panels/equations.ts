import { part } from '../../math/tensor.ts';
import { type Position, position } from '../../session/selectors.ts';
import type { OpenSession } from '../../session/session.ts';
import { isUsed } from '../../trace/timeline.ts';
import { fit, fitLine, type Line, type Span, span, widthOfText } from '../line.ts';
import { equationText, kerasName, numberCell, symbolTone } from '../notation.ts';
import type { Theme } from '../theme/theme.ts';
import { unitOf } from './arithmetic.ts';
import { checkMark } from './check-mark.ts';
import { detailLines } from './equation-detail.ts';
import { indices, maskedCell, windowAround } from './heatmap.ts';
import { lettersOf } from './letters.ts';
import type { ViewLines } from './view.ts';

const NUMBER = 9;
/** From here on the arithmetic stands beside the equations, not under them. */
const WIDE = 112;
/** And from here on the equations' meanings stand there too. */
const WIDEST = 160;

/** The layer's equations in order, each a stage; of the cursor's stage, the arithmetic with the actual numbers. */
export const equationsView: ViewLines = ({ session, width, height, theme }) => {
  if (width < 1 || height < 1) return [];
  const at = position(session);
  const lines =
    at.equations.length === 0
      ? detailLines(session, at, width - 1, height, theme).map((line) => [' ', ...line])
      : width >= WIDE
        ? beside(session, at, width, height, theme)
        : below(session, at, width, height, theme);
  return lines.slice(0, height).map((line) => fitLine(line, width));
};

function below(session: OpenSession, at: Position, width: number, height: number, theme: Theme): Line[] {
  const count = at.equations.length;
  // The arithmetic comes first: of the equations at least three stay, with the cursor's among them.
  const wanted = detailLines(session, at, width - 2, height, theme).length;
  const rows = Math.min(count, Math.max(Math.min(3, height - 2), height - 1 - wanted));
  const list = listLines(session, at, width, rows, theme, width >= 70);
  const rule = span('─'.repeat(width), 'muted');
  const detail = detailLines(session, at, width - 2, height - list.length - 1, theme);
  return [...list, [rule], ...detail.map((line): Line => ['  ', ...line])];
}

function beside(session: OpenSession, at: Position, width: number, height: number, theme: Theme): Line[] {
  const withMeaning = width >= WIDEST;
  const left = Math.min(Math.floor(width / 2), equationWidth(at) + NUMBER + (withMeaning ? 36 : 9));
  const rows = Math.min(at.equations.length, height);
  const list = listLines(session, at, left, rows, theme, withMeaning);
  const detail = detailLines(session, at, width - left - 3, height, theme);
  return Array.from({ length: Math.max(list.length, detail.length) }, (_, n) => [
    ...fitLine(list[n] ?? [], left),
    span('│ ', 'muted'),
    ...(detail[n] ?? []),
  ]);
}

function equationWidth(at: Position): number {
  return Math.max(...at.equations.map(({ expression }) => widthOfText(equationText(expression, lettersOf(at)))));
}

function listLines(
  session: OpenSession,
  at: Position,
  width: number,
  rows: number,
  theme: Theme,
  withMeaning: boolean,
): Line[] {
  const shown = windowAround(at.stage, rows, at.equations.length);
  const column = Math.min(equationWidth(at), width - NUMBER - 8);
  return indices(shown).map((stage) => {
    const { symbol, meaning, expression } = at.equations[stage];
    const alias = kerasName(symbol, lettersOf(at));
    const chosen = stage === at.stage;
    const text = equationText(expression, lettersOf(at));
    const equals = text.indexOf(' = ');
    const later = stage > at.stage && !session.wholeRun;
    const style = { bold: chosen, dim: later };
    return [
      span(`${chosen ? ' ▸' : '  '}${String(stage + 1).padStart(2)}`, chosen ? 'accent' : 'muted', { bold: chosen }),
      checkMark(at, symbol),
      ' ',
      span(text.slice(0, equals), symbolTone(symbol, lettersOf(at)), style),
      span(fit(text.slice(equals), column - widthOfText(text.slice(0, equals))), undefined, style),
      valueSpan(session, at, stage, theme),
      ...(withMeaning ? [span(`   ${meaning}${alias ? ` (${alias})` : ''}`, 'muted')] : []),
    ];
  });
}

/** The value for the chosen unit; `·` for a stage that is still to come, a mark for one that was skipped. */
function valueSpan({ wholeRun }: OpenSession, at: Position, stage: number, theme: Theme): Span {
  const { symbol } = at.equations[stage];
  const later = stage > at.stage;
  if (later && !wholeRun) return span(fit('·', NUMBER, 'right'), 'muted');
  const used = isUsed(at.callTrace, at.timestep);
  if (!used && symbol !== 'h' && symbol !== 'c') return span(fit(maskedCell(theme).char, NUMBER, 'right'), 'masked');
  const tensor = at.callTrace.quantities[symbol];
  const value = part(tensor, at.step, at.steps)[unitOf(at, symbol)];
  const text = numberCell(value, NUMBER, 4);
  return span(text, used ? undefined : 'masked', { bold: stage === at.stage, dim: later });
}
