import { kindOf } from '../../layers/kinds.ts';
import type { Layer } from '../../layers/layer.ts';
import { position } from '../../session/selectors.ts';
import { fitLine, type Line, span } from '../line.ts';
import type { ViewLines } from './view.ts';
import { embeddingLines } from './weights-embedding.ts';
import { matrixLines } from './weights-matrices.ts';

/** The layer's weights as heatmaps: per gate, with shapes and columns; an Embedding's matrix with the row that is looked up. */
export const weightsView: ViewLines = (props) => {
  const { session, width, height } = props;
  if (width < 1 || height < 1) return [];
  const at = position(session);
  const { layer } = at.callTrace.call;
  const lines =
    layer.kind === 'embedding'
      ? embeddingLines(props, at, layer)
      : layer.kind === 'lstm' || layer.kind === 'dense'
        ? matrixLines(props, at, layer)
        : noWeightsLines(layer);
  return lines.slice(0, height).map((line) => fitLine(line, width));
};

function noWeightsLines(layer: Exclude<Layer, { weights: unknown }>): Line[] {
  const why = {
    input: 'it hands on what the model is given.',
    dropout: `at inference it hands x on; in training it would drop ${Math.round(layer.kind === 'dropout' ? layer.rate * 100 : 0)} % of it.`,
    activation: 'it applies one function to every number.',
    flatten: 'it only changes the shape.',
    masking: `it compares x with mask_value = ${layer.kind === 'masking' ? layer.maskValue : 0}, which is an argument and not learnt.`,
  }[layer.kind];
  return [[` ${kindOf(layer as Layer).className(layer)} has no weights: `, span(why, 'muted')]];
}
