import { position } from '../../session/selectors.ts';
import type { OpenSession, View } from '../../session/session.ts';
import { fitLine, type Line, span } from '../line.ts';
import { cellView } from '../panels/cell.ts';
import { equationsView } from '../panels/equations.ts';
import { gatesView } from '../panels/gates.ts';
import { crumbLine, modelLines } from '../panels/model.ts';
import { returnsView } from '../panels/returns.ts';
import { explainLines, footerLine, statusLine } from '../panels/status.ts';
import { tabsLine } from '../panels/tabs.ts';
import { timelineLines } from '../panels/timeline.ts';
import { ruleLine, titleLine } from '../panels/title.ts';
import type { ViewLines } from '../panels/view.ts';
import { weightsView } from '../panels/weights.ts';
import { glyphs, type Theme } from '../theme/theme.ts';
import { arrangementOf, type Size } from './sizes.ts';

const VIEW_LINES: Readonly<Record<View, ViewLines>> = {
  cell: cellView,
  gates: gatesView,
  equations: equationsView,
  returns: returnsView,
  weights: weightsView,
};

/** An open model: title, timeline, model, view, explain line, status and footer, as many of them as the size allows. Exactly `rows` lines. */
export function labLines(session: OpenSession, size: Size, theme: Theme): Line[] {
  const { columns, rows } = size;
  const arrangement = arrangementOf(size);
  const timeline = timelineLines(session, columns, theme);
  const explained = explainLines(session, columns, columns < 76 ? 3 : 2);
  const foot = [...explained, statusLine(session, columns), footerLine(session, columns)];
  const top = [titleLine(session, columns, theme)];
  if (arrangement === 'beside') {
    const above = [...top, ruleLine(columns, theme), ...timeline];
    const below = [ruleLine(columns, theme), ...foot];
    return [...above, ...besideLines(session, columns, rows - above.length - below.length, theme), ...below];
  }
  const crumbs = arrangement === 'folded' ? [crumbLine(session, columns, theme)] : [];
  const above = [...top, ...timeline, ...crumbs, fitLine(tabsLine(session, columns, theme), columns)];
  const height = rows - above.length - foot.length;
  return [...above, ...viewLines(session, columns, height, theme), ...foot];
}

/** Model panel, a line, the view. */
function besideLines(session: OpenSession, columns: number, height: number, theme: Theme): Line[] {
  const { horizontal, vertical, teeDown } = glyphs(theme);
  const left = modelWidth(session, columns);
  const right = columns - left - 2;
  const model = modelLines(session, left, height - 1, theme);
  const view = viewLines(session, right, height - 1, theme);
  const focused = session.focus === 'model';
  const heading: Line = [
    span(`${horizontal} `, 'muted'),
    span('model', 'title', { inverse: focused }),
    span(` ${horizontal.repeat(Math.max(0, left - 8))}${teeDown}`, 'muted'),
    span(horizontal, 'muted'),
    ...tabsLine(session, right, theme),
  ];
  const body = Array.from(
    { length: height - 1 },
    (_, at): Line => [...(model[at] ?? [' '.repeat(left)]), span(`${vertical} `, 'muted'), ...view[at]],
  );
  return [fitLine(heading, columns), ...body];
}

/** Wide screens give the model panel a little more; the view gets the rest. */
function modelWidth(_: OpenSession, columns: number): number {
  return columns >= 116 ? 30 : 27;
}

function viewLines(session: OpenSession, width: number, height: number, theme: Theme): Line[] {
  const at = position(session);
  // What a layer is made of is there before what it computes.
  const isThere = at.computed > 0 || session.view === 'weights' || session.view === 'gates';
  // What a run that is still being computed will return cannot be shown before it does.
  const wholeRun = session.wholeRun && (session.view !== 'returns' || at.computed === at.steps);
  const lines = isThere
    ? VIEW_LINES[session.view]({ session: { ...session, wholeRun }, width, height, theme })
    : [[], fitLine([span('   not computed yet', 'warning')], width)];
  return Array.from({ length: height }, (_, at) => lines[at] ?? []);
}
