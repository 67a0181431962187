import { type Building, copying } from '../building.ts';
import type { NodeProto } from '../model-proto.ts';
import type { Constant } from '../value.ts';
import type { Chain } from './chains.ts';
import { constantOf, type Term } from './linear.ts';
import { type Given, sequenceOf, stacksOf } from './sequence.ts';

const prefixOf = (at: number) => `unrolled_${at}`;

/** Names that no file has. */
const CONSTANT = '\0';

/** The operator of a chain, with what brings its inputs into one sequence and takes its outputs apart again. */
export function operatorOf(building: Building, chain: Chain, before: readonly Chain[], nodes: readonly NodeProto[]) {
  const prefix = prefixOf(before.length);
  const { steps, parts, h0 } = chain;
  const [{ operator, cPrevious, activation }] = steps;
  const units = parts[0].added.length;
  for (const { x, h } of parts)
    for (const term of [x, h])
      if (term) copying(building, units * (constantOf(building, term.weight)?.shape[term.isTurned ? 0 : 1] ?? 0));
  const constants = new Map<string, Constant>();
  const made: NodeProto[] = [];
  const name = nameOf(building, chain);
  const put = (opType: string, inputs: readonly string[], outputs: readonly string[], attributes: Given = {}) => {
    made.push(nodeOf(opType, inputs, outputs, attributes, opType === operator ? name : ''));
    return outputs[0];
  };
  const number = (suffix: string, shape: readonly number[], data: ArrayLike<number>, whole = false) => {
    const key = `${CONSTANT}${prefix}${suffix}`;
    constants.set(key, { kind: 'constant', shape, data: Float64Array.from(data), whole });
    return key;
  };
  const own = (suffix: string) => `${prefix}/${suffix}`;
  // A loop within the same loop reads all that the one below gives.
  const below = before.findIndex(
    ({ steps: others }) => others.map((step) => step.h).join('\n') === chain.inputs.join('\n'),
  );
  const sequence = below < 0 ? sequenceOf(building, chain, prefix, put, number) : `${prefixOf(below)}/sequence`;
  const row = rowsOf(building, chain);
  const W = number(
    'W',
    [1, row.x.length, row.x[0].length],
    row.x.flatMap((one) => Array.from(one)),
  );
  const R = number(
    'R',
    [1, row.h.length, units],
    row.h.flatMap((one) => Array.from(one)),
  );
  const B = number('B', [1, row.bias.length], row.bias);
  const state = (of: string | null, suffix: string) =>
    of === null ? '' : put('Unsqueeze', [of], [own(suffix)], { axes: [0] });
  const inputs = [sequence, W, R, B, '', state(h0, 'h0'), operator === 'LSTM' ? state(cPrevious, 'c0') : ''];
  const [Y, Yh, Yc] = ['Y', 'Y_h', 'Y_c'].map(own);
  put(operator, inputs, operator === 'LSTM' ? [Y, Yh, Yc] : [Y, Yh], {
    hidden_size: units,
    ...(operator === 'GRU' && { linear_before_reset: 1 }),
    ...(operator === 'RNN' && { activations: [activation] }),
  });
  const all = put('Squeeze', [Y], [own('sequence')], { axes: [1] });
  for (const [at, { h, c }] of steps.entries()) {
    if (at < steps.length - 1) put('Gather', [all, number(`at_${at}`, [], [at], true)], [h], { axis: 0 });
    else {
      put('Squeeze', [Yh], [h], { axes: [0] });
      if (c !== null) put('Squeeze', [Yc], [c], { axes: [0] });
    }
  }
  const stacks = stacksOf(building, chain, nodes);
  const places = [-1, -(2 ** 31), 0, -1].map((value, at) => number(`back_${at}`, [1], [value], true));
  if (stacks.some(({ isReversed }) => isReversed)) put('Slice', [all, ...places], [own('reversed')]);
  for (const { output, axis, isReversed } of stacks)
    put('Transpose', [isReversed ? own('reversed') : all], [output], { perm: axis === 0 ? [0, 1, 2] : [1, 0, 2] });
  return { nodes: made, constants };
}

function nodeOf(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  given: Given,
  name: string,
): NodeProto {
  const nothing = { f: 0, i: 0, s: '', t: null, g: null, floats: [], ints: [], strings: [], reference: '' };
  const attributes = Object.entries(given).map(([key, value]) => {
    if (typeof value === 'number') return [key, { ...nothing, i: value }] as const;
    const isText = typeof value[0] === 'string';
    return [key, { ...nothing, ...(isText ? { strings: value as string[] } : { ints: value as number[] }) }] as const;
  });
  return { name, opType, domain: '', inputs, outputs, attributes: new Map(attributes) };
}

/** Called as the module whose weights it has: `cells.0` of `cells.0.weight_hh`. */
export function nameOf({ producers }: Building, { parts, steps }: Chain): string {
  const weight = parts.map(({ h }) => h?.weight).find((one) => one !== undefined) ?? '';
  const module = /^(.*[^.])\.(weight_hh|weight)$/.exec(weight)?.[1];
  const scope = producers.get(steps[0].h)?.name.replace(/\/?[^/]*$/, '') ?? '';
  return module ?? (scope || steps[0].operator.toLowerCase());
}

/** The rows of W and R, and the biases Wb and Rb, in ONNX's order. */
function rowsOf(building: Building, { steps, parts }: Chain) {
  const [{ operator }] = steps;
  const [x, h] = (['x', 'h'] as const).map((which) =>
    parts.flatMap((part) => {
      const term = part[which];
      return term === null ? [] : matrix(building, term);
    }),
  );
  const added = parts.map((part) => Array.from(part.added));
  const none = added[0].map(() => 0);
  // The candidate of a GRU has two biases; elsewhere both are one.
  const [forX, forH] =
    operator === 'GRU'
      ? [
          [...added[0], ...added[1], ...added[2]],
          [...none, ...none, ...added[3]],
        ]
      : [added.flat(), added.flatMap(() => none)];
  return { x, h, bias: [...forX, ...forH] };
}

export function matrix(building: Building, { weight, isTurned, from, to, columns: only }: Term): Float64Array[] {
  const { shape, data } = constantOf(building, weight) as Constant;
  const columns = shape[1];
  const [start, end] = only ?? [0, isTurned ? shape[0] : columns];
  return Array.from({ length: to - from }, (_, row) =>
    Float64Array.from({ length: end - start }, (__, at) => {
      const column = start + at;
      return data[isTurned ? column * columns + from + row : (from + row) * columns + column];
    }),
  );
}
