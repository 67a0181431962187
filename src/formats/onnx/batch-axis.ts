import type { NodeProto, ValueInfo } from './model-proto.ts';

/** Where an axis of a tensor comes from: an axis of an input, a length of 1 that was put in, or null: somewhere else. */
type Origin = { readonly input: string; readonly axis: number } | 'new' | null;

/**
 * Which axis of each input counts the samples: the one that LSTM, GRU and RNN read as the batch, followed back through what only moves axes. Where
 * nothing says so, an axis of the same name, else the first. Null: the graph works on one sample, and makes up a batch of one. `listOf` gives the whole
 * numbers of a constant, `isConstant` says what the file holds.
 */
export function batchAxes(
  nodes: readonly NodeProto[],
  inputs: readonly ValueInfo[],
  listOf: (name: string) => readonly number[] | null,
  rankOf: (name: string) => number | null,
): Map<string, number | null> {
  const origins = new Map<string, readonly Origin[]>(
    inputs.map(({ name, shape }) => [name, (shape ?? []).map((_, axis) => ({ input: name, axis }))]),
  );
  const found = new Map<string, number | null>();
  for (const node of nodes) {
    if (['LSTM', 'GRU', 'RNN'].includes(node.opType)) constrain(node, origins, found);
    const [first, second] = outputOrigins(node, origins, listOf, rankOf);
    if (first && node.outputs[0]) origins.set(node.outputs[0], first);
    for (const output of node.outputs.slice(1)) if (second && output) origins.set(output, second);
  }
  const names = new Set(
    inputs.flatMap(({ name, shape }) => {
      const axis = found.get(name);
      const length = typeof axis === 'number' ? shape?.[axis] : null;
      return typeof length === 'string' ? [length] : [];
    }),
  );
  for (const { name, shape } of inputs) {
    if (found.has(name)) continue;
    const axis = (shape ?? []).findIndex((length) => typeof length === 'string' && names.has(length));
    found.set(name, Math.max(0, axis));
  }
  return found;
}

type Origins = ReadonlyMap<string, readonly Origin[]>;

function constrain({ inputs, attributes }: NodeProto, origins: Origins, found: Map<string, number | null>): void {
  const layout = attributes.get('layout')?.i ?? 0;
  const set = (name: string | undefined, axis: number) => {
    const own = origins.get(name ?? '');
    const origin = own?.[axis];
    if (origin === 'new') {
      // The batch is put in by the graph: what the input has are timesteps and features.
      for (const other of own ?? [])
        if (other !== null && other !== 'new' && !found.has(other.input)) found.set(other.input, null);
    } else if (origin && !found.has(origin.input)) found.set(origin.input, origin.axis);
  };
  set(inputs[0], layout === 0 ? 1 : 0);
  set(inputs[4], 0);
  set(inputs[5], layout === 0 ? 1 : 0);
  set(inputs[6], layout === 0 ? 1 : 0);
}

/** Of the first output, and of the others. */
function outputOrigins(
  node: NodeProto,
  origins: Origins,
  listOf: (name: string) => readonly number[] | null,
  rankOf: (name: string) => number | null,
): (readonly Origin[] | null)[] {
  const { inputs, attributes } = node;
  const own = origins.get(inputs[0] ?? '');
  const ints = (name: string, at: number) => attributes.get(name)?.ints ?? (inputs[at] ? listOf(inputs[at]) : null);
  switch (node.opType) {
    case 'LSTM':
    case 'GRU':
    case 'RNN': {
      const [a, b] = own ?? [null, null];
      return (attributes.get('layout')?.i ?? 0) === 0
        ? [
            [a, null, b, null],
            [null, b, null],
          ]
        : [
            [a, b, null, null],
            [a, null, null],
          ];
    }
    case 'Transpose': {
      const perm = attributes.get('perm')?.ints ?? own?.map((_, axis) => own.length - 1 - axis);
      return [own && perm ? perm.map((axis) => own[axis] ?? null) : null];
    }
    case 'Unsqueeze': {
      const axes = ints('axes', 1);
      if (!own || !axes) return [null];
      const rank = own.length + axes.length;
      const places = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
      const rest = own.values();
      return [
        Array.from({ length: Math.min(rank, 16) }, (_, axis) =>
          places.has(axis) ? 'new' : (rest.next().value ?? null),
        ),
      ];
    }
    case 'Squeeze': {
      const axes = ints('axes', 1)?.map((axis) => (axis < 0 ? axis + (own?.length ?? 0) : axis));
      return [own && axes ? own.filter((_, axis) => !axes.includes(axis)) : null];
    }
    case 'Gather': {
      const indices = origins.get(inputs[1] ?? '');
      if (indices && !own) return [[...indices, null]];
      const axis = attributes.get('axis')?.i ?? 0;
      const at = axis < 0 ? axis + (own?.length ?? 0) : axis;
      return [
        own ? (rankOf(inputs[1]) === 0 ? own.toSpliced(at, 1) : own.with(Math.min(at, own.length - 1), null)) : null,
      ];
    }
    case 'Reshape': {
      const target = inputs[1] ? listOf(inputs[1]) : null;
      if (!own || target?.length === own.length) return [own ?? null];
      // A length of 1 before or after what stays: a batch that is put in.
      const rest = target?.filter((length) => length !== 1) ?? [];
      if (target && rest.length === own.length) {
        const left = own.values();
        return [target.map((length) => (length === 1 ? 'new' : (left.next().value ?? null)))];
      }
      return [target ? target.map((_, axis) => (axis === 0 ? (own[0] ?? null) : null)) : null];
    }
    case 'MatMul':
    case 'Gemm':
      return [own ? own.map((origin, axis) => (axis === own.length - 1 ? null : origin)) : null];
    case 'Conv':
      return [own ? own.map((origin, axis) => (axis === 1 ? null : origin)) : null];
    case 'Shape':
    case 'Size':
      return [null];
    default: {
      // Of the same shape as what it is computed from.
      const longest = inputs.map((name) => origins.get(name) ?? []).reduce((a, b) => (b.length > a.length ? b : a), []);
      return [longest.length > 0 ? longest : null, longest.length > 0 ? longest : null];
    }
  }
}
