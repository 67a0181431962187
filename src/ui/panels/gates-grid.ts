import { type Position, tokenAt } from '../../session/selectors.ts';
import { isSurveyed } from '../../trace/extremes.ts';
import { isUsed } from '../../trace/timeline.ts';
import { isBackward } from '../../trace/trace.ts';
import type { Line } from '../line.ts';
import { drawnOf } from './drawn.ts';
import { type BlockLayout, blockLines } from './heat-block.ts';
import { ENDS } from './heat-overview.ts';
import { blanks, isColoured, rangeText, scrollbar, sideBySide, windowAround, windowTurning } from './heatmap.ts';
import { legendLine } from './legend.ts';
import type { Series } from './series.ts';
import { tickLine, timeWidth, WIDEST_CELL, wholeRunColumns, wordLine } from './time-axis.ts';
import type { ViewProps } from './view.ts';

const GAP = 2;

interface Grid extends BlockLayout {
  readonly across: number;
  readonly down: number;
  /** Lines under the heatmaps: 2 for ticks and words. */
  readonly axisHeight: number;
  readonly scrolls: boolean;
  readonly fits: boolean;
}

/** All quantities as heatmaps in a grid, one time axis under each column of the grid. */
export function gridLines(props: ViewProps, at: Position, all: readonly Series[]): Line[] {
  const { session, width, theme, height } = props;
  const grid = bestGrid(props, at, all);
  // Of some nobody knows all of a long run.
  const shown = grid.time.each > 1 ? all.filter(({ tensor }) => isSurveyed(tensor)) : all;
  const lines: Line[] = [];
  const rowsOfBlock = (grid.units.count + (grid.summed ? 1 : 0)) * grid.unitHeight;
  const used = grid.down * (1 + (grid.marked ? 1 : 0) + rowsOfBlock) + grid.axisHeight + 1;
  const spaced = used + grid.down <= height;
  for (let first = 0; first < shown.length; first += grid.across) {
    const blocks = shown.slice(first, first + grid.across).map((series) => ({
      lines: blockLines(drawnOf(at, series, theme, session.wholeRun), grid),
      width: grid.width,
    }));
    const rows = sideBySide(blocks, GAP);
    const bar = scrollbar(grid.units, at.units, at.unit, rows.length);
    if (spaced && first > 0) lines.push([]);
    lines.push(...rows.map((line, n) => (grid.scrolls ? [...line, ' ', bar[n]] : line)));
  }
  const axis = { lines: axisLines(props, at, grid), width: grid.width };
  lines.push(...sideBySide(Array(Math.min(grid.across, shown.length)).fill(axis), GAP));
  if (spaced) lines.push([]);
  lines.push(legendLine(at, shown, width, theme, windowText(at, grid), session.wholeRun));
  return lines;
}

/** The arrangement that shows most: rather all of time than all units, then wide cells, then the first. */
function bestGrid(props: ViewProps, at: Position, shown: readonly Series[]): Grid {
  const n = shown.length;
  const arrangements = [...new Set([Math.ceil(n / 2), Math.ceil(n / 3), n, 1])];
  const best = (grids: readonly Grid[], worth: (grid: Grid) => number) =>
    grids.reduce((found, grid) => (worth(grid) > worth(found) ? grid : found));
  const grid = best(
    arrangements.map((across) => gridOf(props, at, shown, across)),
    ({ time, units, unitHeight, fits }) =>
      (fits ? 1 : -1) +
      (time.shown.count / at.steps) ** 3 * units.count +
      (Math.min(4, time.cellWidth) + unitHeight) / 1000,
  );
  if (!props.session.wholeRun || grid.time.shown.count === at.steps || !shown.some(({ tensor }) => isSurveyed(tensor)))
    return grid;
  // Some unit by itself, then as few timesteps a column as can be, then many units.
  return best(
    arrangements.map((across) => wholeRunGridOf(props, at, shown, across)),
    ({ time, units, fits }) => (fits ? 1 : -1) + Math.min(1, units.count) + timeWidth(time) / 1e3 + units.count / 1e6,
  );
}

/** All of a run that is longer than the screen is wide: two rows for each unit, the largest over the smallest of several timesteps. */
function wholeRunGridOf({ width, height }: ViewProps, at: Position, shown: readonly Series[], across: number): Grid {
  const { down, room, units, axisHeight } = roomOf(height, shown, across);
  const pairs = Math.floor(room / ENDS.length);
  const summed = pairs < units;
  const shownUnits = windowAround(at.unit, summed ? pairs - 1 : units, units);
  const scrolls = shownUnits.count < units;
  const labelWidth = Math.max(summed ? 'all'.length : 0, String(units - 1).length) + 2;
  const { blockWidth, numberWidth, heatWidth } = widthsOf(width, across, scrolls, labelWidth);
  return {
    across,
    down,
    axisHeight,
    scrolls,
    fits: heatWidth > 0 && pairs > 0 && down * 3 + axisHeight + 1 <= height,
    time: wholeRunColumns(at.steps, heatWidth, at.timestep),
    units: shownUnits,
    labelWidth,
    numberWidth,
    unitHeight: ENDS.length,
    marked: room > (shownUnits.count + (summed ? 1 : 0)) * ENDS.length,
    summed,
    width: blockWidth,
  };
}

/** Rows of a block without its title, and what there is to show in them. */
function roomOf(height: number, shown: readonly Series[], across: number) {
  const down = Math.ceil(shown.length / across);
  const units = Math.max(...shown.map((series) => series.width));
  const axisHeight = height < 12 ? 1 : 2;
  const room = Math.max(1, Math.floor((height - 1 - axisHeight) / down) - 1);
  return { down, units, axisHeight, room };
}

function widthsOf(width: number, across: number, scrolls: boolean, labelWidth: number) {
  const blockWidth = Math.floor((width - (scrolls ? 2 : 0) - (across - 1) * GAP) / across);
  const numberWidth = blockWidth >= 26 ? 7 : 6;
  return { blockWidth, numberWidth, heatWidth: blockWidth - labelWidth - 1 - numberWidth };
}

function gridOf({ width, height, theme }: ViewProps, at: Position, shown: readonly Series[], across: number): Grid {
  const { down, room, units, axisHeight } = roomOf(height, shown, across);
  const marked = room - 1 >= units;
  const rows = marked ? room - 1 : room;
  const unitHeight = isColoured(theme) ? Math.max(1, Math.min(3, Math.floor(rows / units))) : 1;
  const scrolls = rows < units;

  const labelWidth = String(units - 1).length + 2;
  const { blockWidth, numberWidth, heatWidth } = widthsOf(width, across, scrolls, labelWidth);
  const cellWidth = Math.max(1, Math.min(WIDEST_CELL, Math.floor(heatWidth / at.steps)));
  const timesteps = windowTurning(at.timestep, Math.max(0, heatWidth), at.steps, isBackward(at.callTrace.call));
  return {
    across,
    down,
    axisHeight,
    scrolls,
    fits: heatWidth > 0 && down * 2 + axisHeight + 1 <= height,
    time: { shown: cellWidth > 1 ? { from: 0, count: at.steps } : timesteps, cellWidth, cursor: at.timestep, each: 1 },
    units: windowAround(at.unit, rows, units),
    labelWidth,
    numberWidth,
    unitHeight,
    marked,
    summed: false,
    width: blockWidth,
  };
}

function axisLines({ session, theme }: ViewProps, at: Position, { time, labelWidth, axisHeight, width }: Grid): Line[] {
  const columns = Math.min(width - labelWidth, timeWidth(time) + 8);
  const margin = blanks(labelWidth - 2) + 't ';
  const rest = blanks(width - labelWidth - columns);
  const ticks: Line = [margin, ...tickLine(time, columns), rest];
  if (axisHeight === 1) return [ticks];
  const word = (timestep: number) => tokenAt(session, at, timestep);
  const isMasked = (timestep: number) => !isUsed(at.callTrace, timestep);
  return [ticks, [blanks(labelWidth), ...wordLine(time, columns, theme, word, isMasked), rest]];
}

/** Which way time is processed where it is not the usual one, what a column stands for, and which part is shown where not all fits. */
function windowText(at: Position, { time, units }: BlockLayout): string {
  const parts: string[] = isBackward(at.callTrace.call) ? ['← go_backwards'] : [];
  if (time.each > 1) return [...parts, `largest over smallest of ${time.each} t`].join(', ');
  if (units.count < at.units) parts.push(rangeText(units.count === 1 ? 'unit' : 'units', units, at.units));
  if (time.shown.count < at.steps) parts.push(rangeText('t', time.shown, at.steps));
  return parts.join(', ');
}
