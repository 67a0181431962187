import { kindOf } from '../../layers/kinds.ts';
import type { Layer } from '../../layers/layer.ts';
import { position } from '../../session/selectors.ts';
import { fitLine, type Line, span } from '../line.ts';
import { fitted } from './heatmap.ts';
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
        : noWeightsLines(layer, width);
  return fitted(lines.slice(0, height), width);
};

function noWeightsLines(layer: Layer, width: number): Line[] {
  const reasons: Partial<Record<Layer['kind'], string>> = {
    input: 'it hands on what the model is given.',
    dropout: `at inference it hands x on; in training it drops ${Math.round(layer.kind === 'dropout' ? layer.rate * 100 : 0)} %.`,
    activation: 'it applies one function to every number.',
    flatten: 'it only changes the shape.',
    masking: `mask_value = ${layer.kind === 'masking' ? layer.maskValue : 0} is an argument, not learnt.`,
  };
  const why = reasons[layer.kind] ?? '';
  return [[` ${kindOf(layer).className(layer)} has no weights.`], [span(` ${why}`, 'muted')]].map((line) =>
    fitLine(line, width),
  );
}
