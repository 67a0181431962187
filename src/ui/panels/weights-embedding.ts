import type { EmbeddingLayer } from '../../layers/layer.ts';
import { LabError } from '../../math/lab-error.ts';
import { numberAt, row, shapeText, tensor } from '../../math/tensor.ts';
import { type Position, tokenAt } from '../../session/selectors.ts';
import { fit, fitLine, type Line, span, widthOfText } from '../line.ts';
import { numberCell, numberText } from '../notation.ts';
import { heatCell } from '../theme/heat.ts';
import { blanks, cellSpans, indices, rangeText, scrollbar, windowAround } from './heatmap.ts';
import { joined, noteOf, ramps } from './legend.ts';
import type { ViewProps } from './view.ts';
import { largestOf, statisticsTexts } from './weight-cells.ts';

const NUMBER = 7;
/** Heat, a blank, number, a blank. */
const CELL = 2 + 1 + NUMBER + 1;
const WIDEST_WORD = 14;

/** The matrix around the row that is looked up; every number where the columns are few, else the chosen unit's. */
export function embeddingLines(props: ViewProps, at: Position, layer: EmbeddingLayer): Line[] {
  try {
    return matrixLines(props, at, layer);
  } catch (error) {
    // Its rows are read from the file, which may have changed since.
    if (!(error instanceof LabError)) throw error;
    return [fitLine([' ', span(error.message, 'warning')], props.width)];
  }
}

function matrixLines({ session, width, height, theme }: ViewProps, at: Position, layer: EmbeddingLayer): Line[] {
  const { embeddings } = layer.weights;
  const { inputDim, outputDim } = layer;
  const index = numberAt(at.callTrace.input, at.step);
  const unit = Math.min(at.unit, outputDim - 1);
  const max = largestOf([embeddings]);
  const words = session.subject.words;
  const detail = height >= 9;
  const rows = windowAround(index, Math.max(1, height - 3 - (detail ? 2 : 0)), inputDim);
  const bar = scrollbar(rows, inputDim, index, rows.count);

  const names = indices(rows).map((at) => words?.[at] ?? (at === 0 && layer.maskZero ? 'padding' : ''));
  const wordWidth = Math.min(WIDEST_WORD, Math.max(0, ...names.map(widthOfText)));
  const labelWidth = String(inputDim - 1).length + 2 + (wordWidth > 0 ? wordWidth + 1 : 0);
  const room = Math.max(1, width - labelWidth - 2);
  const withNumbers = outputDim * CELL <= room;
  const cellWidth = withNumbers ? CELL : Math.max(1, Math.min(4, Math.floor((room - NUMBER - 1) / outputDim)));
  const shown = withNumbers
    ? { from: 0, count: outputDim }
    : windowAround(unit, Math.max(1, Math.floor((room - NUMBER - 1) / cellWidth)), outputDim);
  const markAt = labelWidth + (unit - shown.from) * cellWidth + (withNumbers ? 0 : Math.floor((cellWidth - 1) / 2));

  const word = tokenAt(session, at, at.timestep);
  const head = fitLine(
    [
      ' ',
      span('embeddings', 'title'),
      ` E  ${shapeText(embeddings.shape)}`,
      span(`   ±${numberText(max, 6, 3)}`, 'muted'),
      `   t ${at.timestep}: x = ${index}`,
      span(word ? ` "${word}"` : '', 'accent'),
      ` is row ${index}`,
      span(layer.trainable ? '' : '   not trained (trainable=False)', 'warning'),
    ],
    width,
  );
  const mark: Line = [blanks(markAt), span('▾', 'accent', { bold: true }), span(` y[${unit}]`, 'muted')];
  const body = indices(rows).map((at, n): Line => {
    const chosen = at === index;
    const values = row(embeddings, at);
    const label = `${chosen ? '▸' : ' '}${String(at).padStart(String(inputDim - 1).length)} ${wordWidth > 0 ? `${fit(names[n], wordWidth)} ` : ''}`;
    const style = { bold: chosen };
    const cells = indices(shown).map((column) => ({ char: heatCell('diverging', values[column], max) }));
    const numbers = withNumbers
      ? indices(shown).flatMap(
          (column, k): Line => [
            ...cellSpans([cells[k]], 2),
            span(` ${numberCell(values[column], NUMBER)} `, undefined, {
              bold: chosen && column === unit,
            }),
          ],
        )
      : [...cellSpans(cells, cellWidth), ' ', span(numberCell(values[unit], NUMBER), undefined, style)];
    const used = withNumbers ? shown.count * CELL : shown.count * cellWidth + 1 + NUMBER;
    return [span(label, chosen ? 'accent' : 'muted', style), ...numbers, blanks(room - used + 1), bar[n]];
  });
  const ownName = `  row ${index}`;
  const [ofAll, ofRow] = statisticsTexts(
    [embeddings, tensor([outputDim], row(embeddings, index))],
    Math.floor(width / 2) - Math.max('all rows'.length, ownName.length) - 4,
  );
  const statistics: Line[] = detail ? [[span(` all rows: ${ofAll} ${ownName}: ${ofRow}`, 'muted')]] : [];
  const note = shown.count < outputDim ? rangeText('columns', shown, outputDim) : 'a column for each unit of y';
  return [
    head,
    ...(detail ? [mark] : []),
    ...body,
    ...statistics,
    joined([...ramps([{ kind: 'diverging', max, fitted: true }], theme), noteOf(note)], width),
  ];
}
