import type { DenseLayer, LstmLayer } from '../../layers/layer.ts';
import { GATES, gateColumns } from '../../layers/lstm.ts';
import { shapeText, type Tensor } from '../../math/tensor.ts';
import type { Position } from '../../session/selectors.ts';
import { fit, fitLine, type Line, type Span, span, widthOfText } from '../line.ts';
import { numberCell, numberText, symbolText, symbolTone } from '../notation.ts';
import { heatCell } from '../theme/heat.ts';
import type { Tone } from '../theme/theme.ts';
import { constantsOf } from './arithmetic.ts';
import { blanks, cellSpans, indices, rangeText, type Window, windowAround } from './heatmap.ts';
import { joined, noteOf, rampOfMaxima } from './legend.ts';
import type { ViewProps } from './view.ts';
import { binRows, binsOf, binText, largestOf, rowCount, statisticsTexts, strongest } from './weight-cells.ts';

const GAP = 2;
const WIDEST_CELL = 4;

/** One stored array: kernel, recurrent kernel or bias, in one block for each gate. */
interface Section {
  readonly name: string;
  readonly letter: string;
  readonly stored: Tensor;
  readonly blocks: readonly Tensor[];
  /** What its rows belong to; the bias has none. */
  readonly rowName: string;
}

interface Columns {
  readonly title: string;
  readonly tone: Tone;
}

/** How blocks are drawn, the same in every section, so that a unit's column is one column from top to bottom. */
interface Layout {
  readonly labelWidth: number;
  readonly blockWidth: number;
  readonly numberWidth: number;
  readonly cellWidth: number;
  readonly units: Window;
  readonly unit: number;
}

/** Kernel, recurrent kernel and bias, a column of blocks for each gate; the chosen unit's column is marked and its numbers stand beside. */
export function matrixLines({ width, height, theme }: ViewProps, at: Position, layer: LstmLayer | DenseLayer): Line[] {
  const sections = sectionsOf(layer);
  const unit = Math.min(at.unit, layer.units - 1);
  const matrices = sections.filter(({ rowName }) => rowName !== '');
  const detail = height >= 5 * sections.length + 4;
  const fixed = sections.length + 1 + 1 + (sections.length - matrices.length) + (detail ? sections.length + 1 : 0);
  const room = shares(
    matrices.map(({ stored }) => rowCount(stored)),
    Math.max(matrices.length, height - fixed),
  );
  const layout = layoutOf(sections, room, width, layer.units, unit);
  const blocks = columnsOf(layer, layout.blockWidth);

  const lines: Line[] = [];
  sections.forEach((section, n) => {
    lines.push(sectionHead(section, layer, unit, n === 0, width));
    if (n === 0) {
      lines.push(titleLine(blocks, layout));
      if (detail) lines.push(markLine(blocks.length, layout));
    }
    lines.push(...sectionLines(section, room[n] ?? 1, layout));
    if (detail) lines.push(statisticsLine(section, layout));
  });
  const binned = matrices.some(({ stored }, n) => binsOf(rowCount(stored), room[n]).size > 1);
  const note = [
    ...(layout.units.count < layer.units ? [rangeText('units', layout.units, layer.units)] : []),
    ...(binned ? ['rows together: the strongest is shown'] : []),
    'each array to its own ±max',
  ];
  lines.push(joined([rampOfMaxima(theme), ...note.map(noteOf)], width));
  return lines;
}

function sectionsOf(layer: LstmLayer | DenseLayer): Section[] {
  const constants = constantsOf(layer);
  const { kernel, bias } = layer.weights;
  if (layer.kind === 'dense') {
    return [
      { name: 'kernel', letter: 'W', stored: kernel, blocks: [kernel], rowName: 'x' },
      ...(bias ? [{ name: 'bias', letter: 'b', stored: bias, blocks: [bias], rowName: '' }] : []),
    ];
  }
  const perGate = (letter: string) => GATES.map((gate) => constants[`${letter}_${gate}`] as Tensor);
  return [
    { name: 'kernel', letter: 'W', stored: kernel, blocks: perGate('W'), rowName: 'x' },
    {
      name: 'recurrent_kernel',
      letter: 'U',
      stored: layer.weights.recurrentKernel,
      blocks: perGate('U'),
      rowName: 'h₋₁',
    },
    ...(bias ? [{ name: 'bias', letter: 'b', stored: bias, blocks: perGate('b'), rowName: '' }] : []),
  ];
}

/** How many rows each matrix may draw: all of them, or shares of the room by their lengths, at least one. */
function shares(lengths: readonly number[], room: number): number[] {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total <= room) return [...lengths];
  const [first, second] = lengths;
  if (second === undefined) return [room];
  const least = Math.min(3, Math.floor(room / 2));
  const share = Math.round((room * first) / total);
  const kernel = Math.max(Math.min(first, least), Math.min(share, room - Math.min(second, least), first));
  return [kernel, Math.min(second, room - kernel)];
}

function layoutOf(
  sections: readonly Section[],
  room: readonly number[],
  width: number,
  count: number,
  unit: number,
): Layout {
  // The first and the last label are the longest.
  const labels = sections.flatMap(({ stored, rowName }, n) => {
    if (rowName === '') return [];
    const bins = binsOf(rowCount(stored), room[n]);
    return [0, bins.count - 1].map((bin) => `${rowName}[${binText(binRows(bins, bin, rowCount(stored)))}]`.length);
  });
  const labelWidth = Math.max(...labels, 1) + 2;
  const blocks = sections[0].blocks.length;
  const blockWidth = Math.max(1, Math.floor((width - labelWidth - (blocks - 1) * GAP) / blocks));
  const numberWidth = blockWidth >= 18 ? 7 : 6;
  const heat = Math.max(1, blockWidth - numberWidth - 1);
  const cellWidth = Math.max(1, Math.min(WIDEST_CELL, Math.floor(heat / count)));
  const units = windowAround(unit, Math.floor(heat / cellWidth), count);
  return { labelWidth, blockWidth, numberWidth, cellWidth, units, unit };
}

/** `kernel W (3, 20): columns 2, 7, 12 and 17 are unit 2's` */
function sectionHead(
  section: Section,
  layer: LstmLayer | DenseLayer,
  unit: number,
  isFirst: boolean,
  width: number,
): Line {
  const end = numberText(largestOf([section.stored]), 6, 3);
  const frozen = isFirst && !layer.trainable ? '   not trained (trainable=False)' : '';
  const columns = layer.kind === 'lstm' ? GATES.map((gate) => gateColumns(layer, gate).from + unit) : [unit];
  const own = isFirst ? `   unit ${unit}: ${columns.length > 1 ? 'columns' : 'column'} ${columns.join(', ')}` : '';
  return fitLine(
    [
      ' ',
      span(section.name, 'title'),
      ` ${section.letter}  `,
      shapeText(section.stored.shape),
      span(`   ±${end}`, 'muted'),
      span(own, 'accent'),
      span(frozen, 'warning'),
    ],
    width,
  );
}

function columnsOf(layer: LstmLayer | DenseLayer, width: number): Columns[] {
  if (layer.kind === 'dense') {
    const last = layer.units - 1;
    return [{ title: last > 0 ? `columns 0–${last}: one for each unit` : 'column 0: the only unit', tone: 'muted' }];
  }
  const titles = GATES.map((gate) => {
    const { from, to } = gateColumns(layer, gate);
    const range = to - from > 1 ? `${from}–${to - 1}` : `${from}`;
    const name = symbolText(gate);
    const long = `${name}: ${to - from > 1 ? 'columns' : 'column'} ${range} of ${4 * layer.units}`;
    return { long, short: `${name}: ${range}`, tone: symbolTone(gate) };
  });
  const fits = titles.every(({ long }) => widthOfText(long) <= width);
  return titles.map(({ long, short, tone }) => ({ title: fits ? long : short, tone }));
}

/** One line across all blocks. */
function acrossBlocks(label: Span, parts: readonly Line[]): Line {
  return [label, ...parts.flatMap((part, n): Line => (n === 0 ? part : [blanks(GAP), ...part]))];
}

function titleLine(columns: readonly Columns[], { labelWidth, blockWidth }: Layout): Line {
  return acrossBlocks(
    span(blanks(labelWidth)),
    columns.map(({ title, tone }): Line => [span(fit(title, blockWidth), tone, { bold: true })]),
  );
}

function markLine(count: number, { labelWidth, blockWidth, cellWidth, units, unit }: Layout): Line {
  const at = (unit - units.from) * cellWidth + Math.floor((cellWidth - 1) / 2);
  const mark: Line = [blanks(at), span(fit('▾', blockWidth - at), 'accent', { bold: true })];
  return acrossBlocks(span(blanks(labelWidth)), Array<Line>(count).fill(mark));
}

function sectionLines({ stored, blocks, rowName }: Section, room: number, layout: Layout): Line[] {
  const { labelWidth, blockWidth, numberWidth, cellWidth, units, unit } = layout;
  const rows = rowCount(stored);
  const bins = binsOf(rows, room);
  const scale = { kind: 'diverging' as const, max: largestOf([stored]) };
  return Array.from({ length: bins.count }, (_, bin) => {
    const window = binRows(bins, bin, rows);
    const label = rowName === '' ? '' : `${rowName}[${binText(window)}]`;
    return acrossBlocks(
      span(` ${fit(label, labelWidth - 2, 'right')} `, 'muted'),
      blocks.map((block): Line => {
        const cells = indices(units).map((column) => ({
          char: heatCell(scale.kind, strongest(block, window, column), scale.max),
        }));
        const number = numberCell(strongest(block, window, unit), numberWidth, numberWidth - 3);
        const used = units.count * cellWidth + 1 + numberWidth;
        return [...cellSpans(cells, cellWidth), ' ', number, blanks(blockWidth - used)];
      }),
    );
  });
}

function statisticsLine({ blocks }: Section, { labelWidth, blockWidth }: Layout): Line {
  return acrossBlocks(
    span(blanks(labelWidth)),
    statisticsTexts(blocks, blockWidth).map((text): Line => [span(fit(text, blockWidth), 'muted')]),
  );
}
