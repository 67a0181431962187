import type { Building, Draft } from '../building.ts';

/*
 * In Keras a mask goes on with a tensor, and in ONNX it does not: what it does stands in the graph. Where a mask of the lab would reach a layer that reads
 * it though the file does not say so, the layer does without it, or is left out.
 */

/** Keeps masks from layers that have none in the file. */
export function withoutForeignMasks({ drafts }: Building): void {
  const carry = new Set<string>();
  for (const draft of drafts) {
    const { spec, call } = draft;
    const isReached = call.inputs.some((ref) => carry.has(ref.replace(/:0$/, '')));
    if (isReached && spec.kind === 'merge') draft.spec = { ...spec, losesMasks: true };
    else if (isReached && reads(draft)) draft.spec = leftOut(draft);
    else if ((spec.kind === 'masking' || call.mask !== undefined || isReached) && !drops(draft)) carry.add(spec.name);
  }
}

function reads({ spec, call }: Draft): boolean {
  if (spec.kind === 'global_pooling1d') return spec.operation === 'average';
  return (
    ['attention', 'multi_head_attention', 'lstm', 'gru', 'simple_rnn'].includes(spec.kind) && call.mask === undefined
  );
}

/** Layers that give no mask in Keras 3 either. */
function drops({ spec }: Draft): boolean {
  if ('returnSequences' in spec && !spec.returnSequences) return true;
  return ['sequence_lengths', 'reshape', 'flatten', 'conv1d', 'pooling1d', 'global_pooling1d'].includes(spec.kind);
}

function leftOut({ spec, path }: Draft): Draft['spec'] {
  const reason = 'the layers before it skip timesteps, and it does not, which the lab cannot keep apart';
  return { kind: 'unknown', name: spec.name, trainable: true, className: path.split(' ')[0], reason };
}
