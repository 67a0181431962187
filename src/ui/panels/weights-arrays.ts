import { weightsOf } from '../../layers/kinds.ts';
import type { Layer } from '../../layers/layer.ts';
import { shapeText, type Tensor, tensor, whole, widthOf } from '../../math/tensor.ts';
import type { Position } from '../../session/selectors.ts';
import { fit, fitLine, type Line, span } from '../line.ts';
import { numberCell, numberText } from '../notation.ts';
import { heatCell } from '../theme/heat.ts';
import { blanks, cellSpans, indices, rangeText, windowAround } from './heatmap.ts';
import { joined, noteOf, rampOfMaxima } from './legend.ts';
import type { ViewProps } from './view.ts';
import { binRows, binsOf, binText, largestOf, rowCount, strongest } from './weight-cells.ts';

const NUMBER = 8;

/** Any stored arrays, one below the other: name, shape, its rows as heatmaps with the numbers of the chosen column. */
export function arrayLines(
  { width, height, theme }: Pick<ViewProps, 'width' | 'height' | 'theme'>,
  at: Position,
  layer: Layer,
  names?: readonly string[],
): Line[] {
  const arrays = weightsOf(layer).filter(([name]) => !names || names.includes(name));
  const each = Math.max(1, Math.floor((height - 1) / Math.max(1, arrays.length)) - 1);
  const lines = arrays.flatMap(([name, stored]) => oneArray(name, whole(stored), at.unit, each, width));
  return [
    ...lines.slice(0, Math.max(0, height - 1)),
    joined([rampOfMaxima(theme), noteOf('each array to its own ±max')], width),
  ];
}

function oneArray(name: string, stored: Tensor, chosen: number, height: number, width: number): Line[] {
  const columns = widthOf(stored);
  const matrix = stored.shape.length > 2 ? tensor([stored.data.length / columns, columns], stored.data) : stored;
  const rows = rowCount(matrix);
  const unit = Math.min(chosen, columns - 1);
  const max = largestOf([stored]);
  const bins = binsOf(rows, height);
  const label = Math.max(...[0, bins.count - 1].map((bin) => rowName(stored, binRows(bins, bin, rows)).length)) + 2;
  const room = Math.max(1, width - label - NUMBER - 2);
  const cell = Math.max(1, Math.min(4, Math.floor(room / columns)));
  const shown = windowAround(unit, Math.floor(room / cell), columns);
  const heading = fitLine(
    [
      ' ',
      span(name, 'title'),
      `  ${shapeText(stored.shape)}`,
      span(`   ±${numberText(max, 6, 3)}`, 'muted'),
      span(`   column ${unit}`, 'accent'),
      span(shown.count < columns ? `   ${rangeText('columns', shown, columns)}` : '', 'muted'),
    ],
    width,
  );
  return [
    heading,
    ...Array.from({ length: bins.count }, (_, bin): Line => {
      const window = binRows(bins, bin, rows);
      const cells = indices(shown).map((column) => ({
        char: heatCell('diverging', strongest(matrix, window, column), max),
      }));
      return fitLine(
        [
          span(` ${fit(rowName(stored, window), label - 2, 'right')} `, 'muted'),
          ...cellSpans(cells, cell),
          ' ',
          numberCell(strongest(matrix, window, unit), NUMBER),
          blanks(1),
        ],
        width,
      );
    }),
  ];
}

/** The place of a row along all axes but the last: `[2,0]`. */
function rowName({ shape }: Tensor, window: { from: number; count: number }): string {
  if (shape.length < 2) return '';
  if (shape.length === 2 || window.count > 1) return `[${binText(window)}]`;
  const places: number[] = [];
  let rest = window.from;
  for (const length of shape.slice(0, -1).reverse()) {
    places.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return `[${places.join(',')}]`;
}
