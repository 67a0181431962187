import { type Position, tokenAt } from '../../session/selectors.ts';
import { isSurveyed } from '../../trace/extremes.ts';
import { isUsed } from '../../trace/timeline.ts';
import { isBackward } from '../../trace/trace.ts';
import { fitLine, type Line, span } from '../line.ts';
import { equationText, numberCell, symbolText, symbolTone } from '../notation.ts';
import { glyphs } from '../theme/theme.ts';
import { checkMark } from './check-mark.ts';
import { type Drawn, drawnOf } from './drawn.ts';
import { heatmapCell, labelSpan } from './heat-block.ts';
import { columnsOf, strongestCell } from './heat-overview.ts';
import { scaleText } from './heat-scale.ts';
import { blanks, cellSpans, indices, rangeText, scrollbar, windowAround, windowTurning } from './heatmap.ts';
import { legendLine } from './legend.ts';
import { lettersOf } from './letters.ts';
import { isAhead, isMissing, type Series, wasComputed } from './series.ts';
import { type TimeColumns, tickLine, wholeRunColumns, wordLine } from './time-axis.ts';
import type { ViewProps } from './view.ts';

const NUMBER = 8;
/** Heat, number, and a blank. */
const CELL = 2 + NUMBER + 1;

/** One quantity full size: every cell with its number, and under it the chosen unit over the whole run. */
export function zoomLines(props: ViewProps, at: Position, series: Series): Line[] {
  const { session, width, height, theme } = props;
  const drawn = drawnOf(at, series, theme, session.wholeRun);
  const unit = Math.min(at.unit, series.width - 1);
  const labelWidth = String(series.width - 1).length + 2;
  const rows = Math.max(1, height - 4 - (height >= 12 ? 1 : 0));
  const units = windowAround(unit, rows, series.width);
  const columns = Math.max(1, Math.floor((width - labelWidth - 2) / CELL));
  const shown = windowTurning(at.timestep, columns, series.steps, isBackward(at.callTrace.call));
  const time: TimeColumns = { shown, cellWidth: CELL, cursor: at.timestep, each: 1 };
  const bar = scrollbar(units, series.width, unit, units.count);
  const heatWidth = columns * CELL;

  const lines: Line[] = [titleLine(drawn, width)];
  indices(units).forEach((index, n) => {
    const chosen = index === unit;
    const cells = indices(shown).flatMap((timestep) => zoomedCell(drawn, timestep, index));
    lines.push([
      labelSpan(String(index), labelWidth, chosen),
      ...cells,
      blanks(heatWidth - shown.count * CELL),
      ' ',
      bar[n],
    ]);
  });
  const word = (timestep: number) => tokenAt(session, at, timestep);
  lines.push([blanks(labelWidth - 2), 't ', ...tickLine(time, heatWidth)]);
  lines.push([blanks(labelWidth), ...wordLine(time, heatWidth, theme, word, (t) => !isUsed(at.callTrace, t))]);
  if (height >= 12 && isSurveyed(series.tensor)) lines.push(overviewLine(drawn, unit, width));
  lines.push(
    legendLine(
      at,
      [series],
      width,
      theme,
      shown.count < series.steps ? rangeText('t', shown, series.steps) : '',
      session.wholeRun,
    ),
  );
  return lines.map((line) => (line.length > 60 ? line : fitLine(line, width)));
}

function titleLine({ at, series, scale }: Drawn, width: number): Line {
  const letters = lettersOf(at);
  const expression = at.equations[series.stage]?.expression;
  return fitLine(
    [
      checkMark(at, series.symbol),
      span(symbolText(series.symbol, letters), symbolTone(series.symbol, lettersOf(at)), { bold: true }),
      span(`  ${series.meaning}`, 'muted'),
      expression ? `   ${equationText(expression, letters)}` : '',
      span(`   ${scaleText(scale)}`, 'muted'),
    ],
    width,
  );
}

function zoomedCell(drawn: Drawn, timestep: number, unit: number): Line {
  const { at, series, wholeRun } = drawn;
  const cell = heatmapCell(drawn, timestep, unit);
  const heat = cellSpans([cell], 2);
  const ahead = isAhead(at, series, timestep);
  const computed = wasComputed(at, series, timestep);
  const hidden = ahead && (!wholeRun || isMissing(at, series, timestep));
  if (hidden || computed === 'skipped') return [...heat, blanks(NUMBER + 1)];
  const number = numberCell(series.valueAt(timestep, unit), NUMBER);
  const atCursor = timestep === at.timestep;
  const tone = computed === 'carried' ? 'masked' : undefined;
  return [
    ...heat,
    span(number, tone, { dim: ahead, bold: atCursor && unit === at.unit }),
    atCursor ? span('◂', 'accent') : ' ',
  ];
}

/** The chosen unit over the whole run, a character for each timestep or, in a long run, for several: then the strongest of them. */
function overviewLine(drawn: Drawn, unit: number, width: number): Line {
  const { at, series, theme } = drawn;
  const label = ` unit ${unit}, whole run `;
  const room = Math.max(1, width - label.length - 1);
  const cells = columnsOf(drawn, wholeRunColumns(series.steps, room, at.timestep)).map((column) => {
    const { from, count } = column.timesteps;
    const isHere = at.timestep >= from && at.timestep < from + count;
    return isHere ? { char: glyphs(theme).cursor, tone: 'accent' as const } : strongestCell(drawn, column, unit);
  });
  return [span(label, 'muted'), ...cellSpans(cells, 1)];
}
