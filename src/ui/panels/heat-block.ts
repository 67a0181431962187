import { fit, type Line, type Span, span, widthOfText } from '../line.ts';
import { numberCell, symbolText, symbolTone } from '../notation.ts';
import { heatCell, heatNotComputed } from '../theme/heat.ts';
import { checkMark } from './check-mark.ts';
import type { Drawn } from './drawn.ts';
import { columnCell, columnsOf, ENDS, endSpan } from './heat-overview.ts';
import { scaleText } from './heat-scale.ts';
import { blanks, type Cell, cellSpans, indices, maskedCell, type Window } from './heatmap.ts';
import { lettersOf } from './letters.ts';
import { isAhead, isMissing, wasComputed } from './series.ts';
import { cursorLine, type TimeColumns, timeWidth } from './time-axis.ts';

/** What every heatmap of a view has in common. */
export interface BlockLayout {
  readonly time: TimeColumns;
  readonly units: Window;
  /** Columns of the unit labels, the mark ▸ included. */
  readonly labelWidth: number;
  /** Columns of the numbers at the right edge, without the blank before them. */
  readonly numberWidth: number;
  /** Rows of each unit. */
  readonly unitHeight: number;
  /** Whether ▾ stands over the cursor's column. */
  readonly marked: boolean;
  /** Whether the first rows are all units together, where not all have room and a column is several timesteps. */
  readonly summed: boolean;
  readonly width: number;
}

/** A heatmap units × timesteps: title, ▾, a row for each unit with its number at the cursor. */
export function blockLines(drawn: Drawn, layout: BlockLayout): Line[] {
  const { series } = drawn;
  const { width, labelWidth, marked, time, units } = layout;
  const shown: Window = { from: Math.min(units.from, Math.max(0, series.width - units.count)), count: units.count };
  const rows = indices(shown).filter((unit) => unit < series.width);
  const used = Math.min(width, labelWidth + timeWidth(time) + 1 + layout.numberWidth);
  const lines: Line[] = [titleLine(drawn, used, width)];
  if (marked) lines.push(padded([blanks(labelWidth), ...cursorLine(time)], width));
  if (time.each > 1) return [...lines, ...overviewLines(drawn, layout, layout.summed ? ['all', ...rows] : rows)];
  for (const unit of rows) {
    for (let part = 0; part < layout.unitHeight; part++) {
      const isMiddle = part === Math.floor((layout.unitHeight - 1) / 2);
      lines.push(unitLine(drawn, unit, layout, isMiddle));
    }
  }
  return lines;
}

/** The scale stands over the right edge of the numbers, if what the quantity means leaves room for that. */
function titleLine({ at, series, scale }: Drawn, used: number, width: number): Line {
  const name = symbolText(series.symbol, lettersOf(at));
  const scaleLabel = scaleText(scale);
  const around = widthOfText(name) + 3 + scaleLabel.length;
  const titleWidth = Math.min(width, Math.max(used, around + widthOfText(series.meaning)));
  const room = titleWidth - around;
  const tone = symbolTone(series.symbol, lettersOf(at));
  if (room < 0) return [checkMark(at, series.symbol), span(fit(name, width - 1), tone, { bold: true })];
  return [
    checkMark(at, series.symbol),
    span(name, tone, { bold: true }),
    ' ',
    span(room >= 6 ? fit(series.meaning, room) : blanks(room), 'muted'),
    span(` ${scaleLabel}`, 'muted'),
    blanks(width - titleWidth),
  ];
}

function unitLine(drawn: Drawn, unit: number, layout: BlockLayout, isMiddle: boolean): Line {
  const { at, series } = drawn;
  const { labelWidth, numberWidth, time, width } = layout;
  const chosen = unit === Math.min(at.unit, series.width - 1);
  const label = isMiddle ? labelSpan(String(unit), labelWidth, chosen) : span(blanks(labelWidth), 'muted');
  const cells = indices(time.shown).map((timestep) => heatmapCell(drawn, timestep, unit));
  const row = cellSpans(cells, time.cellWidth);
  const number = isMiddle ? numberSpan(drawn, unit, numberWidth, chosen) : span(blanks(numberWidth));
  const rest = width - labelWidth - timeWidth(time) - 1 - numberWidth;
  return [label, ...row, ' ', number, blanks(rest)];
}

/** Columns of several timesteps: the largest over the smallest of each unit. */
function overviewLines(drawn: Drawn, layout: BlockLayout, units: readonly (number | 'all')[]): Line[] {
  const { at, series } = drawn;
  const { labelWidth, numberWidth, time, width } = layout;
  const columns = columnsOf(drawn, time);
  const rest = blanks(width - labelWidth - timeWidth(time) - 1 - numberWidth);
  return units.flatMap((unit) => {
    const chosen = unit === Math.min(at.unit, series.width - 1);
    return ENDS.map((end, n): Line => {
      const label = n === 0 ? labelSpan(String(unit), labelWidth, chosen) : blanks(labelWidth);
      const cells = columns.map((column) => columnCell(drawn, column, end, unit));
      const number =
        unit === 'all'
          ? endSpan(drawn, end, numberWidth)
          : n === 0
            ? numberSpan(drawn, unit, numberWidth, chosen)
            : blanks(numberWidth);
      return [label, ...cellSpans(cells, 1), ' ', number, rest];
    });
  });
}

export function labelSpan(text: string, width: number, chosen: boolean): Span {
  const label = `${chosen ? '▸' : ' '}${fit(text, width - 2, 'right')} `;
  return span(label, chosen ? 'accent' : 'muted', { bold: chosen });
}

export function heatmapCell({ at, series, scale, theme, wholeRun }: Drawn, timestep: number, unit: number): Cell {
  const ahead = isAhead(at, series, timestep);
  if (ahead && (!wholeRun || isMissing(at, series, timestep))) return { char: heatNotComputed };
  const computed = wasComputed(at, series, timestep);
  const dim = ahead || computed === 'carried' ? { dim: true } : {};
  if (computed === 'skipped') return { ...maskedCell(theme), ...dim };
  return { char: heatCell(scale.kind, series.valueAt(timestep, unit), scale.max), ...dim };
}

/** The number at the cursor: `·` where it is still to come, ░ where the timestep is skipped. */
function numberSpan({ at, series, theme, wholeRun }: Drawn, unit: number, width: number, chosen: boolean): Span {
  const ahead = isAhead(at, series, at.timestep);
  if (ahead && (!wholeRun || isMissing(at, series, at.timestep))) return span(fit('·', width, 'right'), 'muted');
  const computed = wasComputed(at, series, at.timestep);
  if (computed === 'skipped') return span(fit(maskedCell(theme).char, width, 'right'), 'masked');
  const text = numberCell(series.valueAt(at.timestep, unit), width, width - 3);
  return span(text, computed === 'carried' ? 'masked' : undefined, { bold: chosen, dim: ahead });
}

/** The line with blanks up to `width`; it must not be longer. */
export function padded(line: Line, width: number): Line {
  const used = line.reduce((sum, part) => sum + widthOfText(typeof part === 'string' ? part : part.text), 0);
  return used < width ? [...line, blanks(width - used)] : line;
}
