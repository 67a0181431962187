import { kindOf, weightsOf } from '../../layers/kinds.ts';
import { isRecurrent, type Layer } from '../../layers/layer.ts';
import { type Position, position } from '../../session/selectors.ts';
import { fitLine, type Line, span } from '../line.ts';
import { fitted } from './heatmap.ts';
import type { ViewLines, ViewProps } from './view.ts';
import { arrayLines } from './weights-arrays.ts';
import { embeddingLines } from './weights-embedding.ts';
import { matrixLines } from './weights-matrices.ts';

/** The layer's weights as heatmaps: per gate, with shapes and columns; an Embedding's matrix with the row that is looked up. */
export const weightsView: ViewLines = (props) => {
  const { session, width, height } = props;
  if (width < 1 || height < 1) return [];
  const at = position(session);
  const { layer } = at.callTrace.call;
  return fitted(weightLines(props, at, layer).slice(0, height), width);
};

function weightLines(props: ViewProps, at: Position, layer: Layer): Line[] {
  if (layer.kind === 'embedding') return embeddingLines(props, at, layer);
  if (isRecurrent(layer) || layer.kind === 'dense' || layer.kind === 'conv1d') {
    const others = weightsOf(layer)
      .map(([name]) => name)
      .filter((name) => name === 'peepholes' || name === 'projection');
    const below = Math.min(Math.floor(props.height / 3), 2 + 5 * others.length);
    if (others.length === 0 || below < 3) return matrixLines(props, at, layer);
    const matrices = matrixLines({ ...props, height: props.height - below }, at, layer);
    return [...matrices, ...arrayLines({ ...props, height: below }, at, layer, others)];
  }
  return weightsOf(layer).length > 0 ? arrayLines(props, at, layer) : noWeightsLines(layer, props.width);
}

function noWeightsLines(layer: Layer, width: number): Line[] {
  const moves = 'it moves numbers and computes nothing.';
  const reasons: Partial<Record<Layer['kind'], string>> = {
    bidirectional: 'it merges what its two directions give; each of them has weights of its own.',
    merge: 'it puts its inputs together.',
    identity: 'it acts while training only.',
    softmax: 'it makes shares of 1.',
    pooling1d: 'of each window it keeps one number for each feature.',
    global_pooling1d: 'of the whole sequence it keeps one number for each feature.',
    attention: 'its scores come from query and key alone.',
    repeat_vector: moves,
    reshape: moves,
    permute: moves,
    slice: moves,
    zero_padding1d: moves,
    cropping1d: moves,
    up_sampling1d: moves,
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
