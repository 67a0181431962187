import { GRU_GATES } from '../../layers/gru.ts';
import type { Conv1dLayer, DenseLayer, RecurrentLayer } from '../../layers/layer.ts';
import { GATES } from '../../layers/lstm.ts';
import { shapeText, stacked, type Tensor } from '../../math/tensor.ts';
import type { Position } from '../../session/selectors.ts';
import { fit, fitLine, type Line, type Span, span, widthOfText } from '../line.ts';
import { numberCell, numberText, symbolText, symbolTone } from '../notation.ts';
import { heatCell } from '../theme/heat.ts';
import type { Tone } from '../theme/theme.ts';
import { constantsOf } from './arithmetic.ts';
import { blanks, cellSpans, indices, rangeText, type Window, windowAround } from './heatmap.ts';
import { joined, noteOf, rampOfMaxima } from './legend.ts';
import { lettersOfLayer } from './letters.ts';
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
  /** The name of one row, where that is not `x[3]`. */
  readonly rowLabel?: (row: number) => string;
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
export function matrixLines({ width, height, theme }: ViewProps, at: Position, layer: MatrixLayer): Line[] {
  const sections = sectionsOf(layer);
  const count = unitCount(layer);
  const unit = Math.min(at.unit, count - 1);
  const matrices = sections.filter(({ rowName }) => rowName !== '');
  const detail = height >= 5 * sections.length + 4;
  const fixed =
    sections.length +
    1 +
    1 +
    sections.slice(matrices.length).reduce((sum, { stored }) => sum + rowCount(stored), 0) +
    (detail ? sections.length + 1 : 0);
  const room = shares(
    matrices.map(({ blocks }) => rowCount(blocks[0])),
    Math.max(matrices.length, height - fixed),
  );
  const layout = layoutOf(sections, room, width, count, unit);
  const blocks = columnsOf(layer, layout.blockWidth);

  const lines: Line[] = [];
  sections.forEach((section, n) => {
    lines.push(sectionHead(section, layer, unit, n === 0, width));
    if (n === 0) {
      lines.push(titleLine(blocks, layout));
      if (detail) lines.push(markLine(blocks.length, layout));
    }
    lines.push(...sectionLines(section, room[n] ?? rowCount(section.stored), layout));
    if (detail) lines.push(statisticsLine(section, layout));
  });
  const binned = matrices.some(({ blocks }, n) => binsOf(rowCount(blocks[0]), room[n]).size > 1);
  const note = [
    ...(layout.units.count < count
      ? [rangeText(layer.kind === 'conv1d' ? 'filters' : 'units', layout.units, count)]
      : []),
    ...(binned ? ['rows together: the strongest is shown'] : []),
    'each array to its own ±max',
  ];
  lines.push(joined([rampOfMaxima(theme), ...note.map(noteOf)], width));
  return lines;
}

/** Layers whose weights are matrices with a column for each unit. */
export type MatrixLayer = RecurrentLayer | DenseLayer | Conv1dLayer;

/** The letters of the blocks side by side; none where there is one block. */
function gatesOf(layer: MatrixLayer): readonly string[] {
  if (layer.kind === 'lstm') return GATES;
  return layer.kind === 'gru' ? GRU_GATES : [];
}

function unitCount(layer: MatrixLayer): number {
  return layer.kind === 'conv1d' ? layer.filters : layer.units;
}

function sectionsOf(layer: MatrixLayer): Section[] {
  const constants = constantsOf(layer);
  const gates = gatesOf(layer);
  const blocks = (letter: string) =>
    (gates.length > 0 ? gates.map((gate) => `${letter}_${gate}`) : [letter]).map((name) => constants[name] as Tensor);
  const { kernel, bias } = layer.weights;
  const isConvolution = layer.kind === 'conv1d';
  const first: Section = { name: 'kernel', letter: 'W', stored: kernel, blocks: blocks('W'), rowName: 'x' };
  const size = rowCount(first.blocks[0]);
  const features = isConvolution ? size / layer.kernelSize : size;
  const kernelSection: Section = isConvolution
    ? { ...first, rowLabel: (at) => `x[${Math.floor(at / features)},${at % features}]` }
    : first;
  const recurrent: Section[] =
    'recurrentKernel' in layer.weights
      ? [
          {
            name: 'recurrent_kernel',
            letter: 'U',
            stored: layer.weights.recurrentKernel,
            blocks: blocks('U'),
            rowName: 'h₋₁',
          },
        ]
      : [];
  if (!bias) return [kernelSection, ...recurrent];
  const both = bias.shape.length === 2;
  const biasBlocks = both ? blocks('b').map((b, n) => stacked([b, blocks('d')[n]])) : blocks('b');
  const biasSection: Section = {
    name: 'bias',
    letter: both ? 'b, d' : 'b',
    stored: bias,
    blocks: biasBlocks,
    rowName: '',
    ...(both && { rowLabel: (at: number) => (at === 0 ? 'with x' : 'with h₋₁') }),
  };
  return [kernelSection, ...recurrent, biasSection];
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
  const labels = sections.flatMap((section, n) => {
    const rows = rowCount(section.blocks[0]);
    const bins = binsOf(rows, room[n] ?? rows);
    return [0, bins.count - 1].map((bin) => rowText(section, binRows(bins, bin, rows)).length);
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

function rowText({ rowName, rowLabel }: Section, window: Window): string {
  if (rowLabel && window.count === 1) return rowLabel(window.from);
  return rowName === '' ? '' : `${rowName}[${binText(window)}]`;
}

/** `kernel W (3, 20): columns 2, 7, 12 and 17 are unit 2's` */
function sectionHead(section: Section, layer: MatrixLayer, unit: number, isFirst: boolean, width: number): Line {
  const end = numberText(largestOf([section.stored]), 6, 3);
  const frozen = isFirst && !layer.trainable ? '   not trained (trainable=False)' : '';
  const gates = gatesOf(layer);
  const columns = gates.length > 0 ? gates.map((_, n) => n * unitCount(layer) + unit) : [unit];
  const own = isFirst
    ? `   ${layer.kind === 'conv1d' ? 'filter' : 'unit'} ${unit}: ${columns.length > 1 ? 'columns' : 'column'} ${columns.join(', ')}`
    : '';
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

function columnsOf(layer: MatrixLayer, width: number): Columns[] {
  const gates = gatesOf(layer);
  const units = unitCount(layer);
  if (gates.length === 0) {
    const name = layer.kind === 'conv1d' ? 'filter' : 'unit';
    const last = units - 1;
    const title = last > 0 ? `columns 0–${last}: one for each ${name}` : `column 0: the only ${name}`;
    return [{ title, tone: 'muted' }];
  }
  const titles = gates.map((gate, n) => {
    const [from, to] = [n * units, (n + 1) * units];
    const range = to - from > 1 ? `${from}–${to - 1}` : `${from}`;
    const name = symbolText(gate, lettersOfLayer(layer));
    const long = `${name}: ${to - from > 1 ? 'columns' : 'column'} ${range} of ${gates.length * units}`;
    // A GRU's z is a gate, a Dense layer's a sum.
    return { long, short: `${name}: ${range}`, tone: symbolTone(`z_${gate}`) };
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

function sectionLines(section: Section, room: number, layout: Layout): Line[] {
  const { stored, blocks } = section;
  const { labelWidth, blockWidth, numberWidth, cellWidth, units, unit } = layout;
  const rows = rowCount(blocks[0]);
  const bins = binsOf(rows, room);
  const scale = { kind: 'diverging' as const, max: largestOf([stored]) };
  return Array.from({ length: bins.count }, (_, bin) => {
    const window = binRows(bins, bin, rows);
    const label = rowText(section, window);
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
