import { axisFrom } from './axes.ts';
import { add, type Building } from './building.ts';
import { listOf } from './known.ts';
import type { NodeProto } from './model-proto.ts';
import { intsOf } from './node.ts';
import { asLive } from './shaping.ts';
import { type Live, live } from './value.ts';

/* Functions that older operator sets have no operator for, and exporters write out. */

const near = (a: number | null, b: number) => a !== null && Math.abs(a - b) < 1e-4;

/** The one number that a name stands for. */
export function numberOf({ values }: Building, name: string): number | null {
  const value = values.get(name);
  if (value?.kind === 'filled') return value.value;
  return value?.kind === 'constant' && value.data.length === 1 ? value.data[0] : null;
}

function made({ producers }: Building, name: string, opType: string): NodeProto | null {
  const node = producers.get(name);
  return node?.opType === opType && node.domain === '' ? node : null;
}

/** The other input, where one is this number. */
function besides(building: Building, node: NodeProto | null, is: (value: number) => boolean): string | null {
  if (node?.inputs.length !== 2) return null;
  const [a, b] = node.inputs.map((name) => numberOf(building, name));
  if (b !== null && is(b)) return node.inputs[0];
  return a !== null && is(a) ? node.inputs[1] : null;
}

/** x · ½ · (1 + erf(x / √2)), in any order. */
export function gelu(building: Building, node: NodeProto): Live | null {
  if (node.opType !== 'Mul' || node.domain !== '') return null;
  const others: string[] = [];
  let factor = 1;
  const waiting = [...node.inputs];
  for (let steps = 0; waiting.length > 0 && steps < 8; steps++) {
    const name = waiting.pop() as string;
    const number = numberOf(building, name);
    const product = made(building, name, 'Mul');
    if (number !== null) factor *= number;
    else if (product) waiting.push(...product.inputs);
    else others.push(name);
  }
  if (!near(factor, 0.5) || others.length !== 2) return null;
  const sum = others.find((name) => made(building, name, 'Add'));
  const x = others.find((name) => name !== sum);
  if (sum === undefined || x === undefined) return null;
  const error = made(building, besides(building, made(building, sum, 'Add'), (one) => one === 1) ?? '', 'Erf');
  if (error === null) return null;
  const [scaled] = error.inputs;
  const seen =
    besides(building, made(building, scaled, 'Div'), (root) => near(root, Math.SQRT2)) ??
    besides(building, made(building, scaled, 'Mul'), (root) => near(root, Math.SQRT1_2));
  const value = building.values.get(x);
  if (seen !== x || value?.kind !== 'live') return null;
  return live(add(building, node, { kind: 'activation', activation: 'gelu' }, [value.ref()]), value.shape, value.axes);
}

/** (x − mean) / √(mean((x − mean)²) + ε), along the last axis. */
export function layerNormalization(building: Building, node: NodeProto): Live | null {
  if (node.opType !== 'Div' || node.domain !== '') return null;
  const [difference, root] = node.inputs;
  const sum = made(building, made(building, root, 'Sqrt')?.inputs[0] ?? '', 'Add');
  const variance = made(
    building,
    besides(building, sum, (epsilon) => epsilon > 0 && epsilon < 0.1) ?? '',
    'ReduceMean',
  );
  const [square] = variance?.inputs ?? [''];
  const power = made(building, square, 'Pow');
  const product = made(building, square, 'Mul');
  const squared = power
    ? besides(building, power, (two) => two === 2)
    : product?.inputs[0] === product?.inputs[1]
      ? product?.inputs[0]
      : null;
  const minus = made(building, difference, 'Sub');
  const mean = made(building, minus?.inputs[1] ?? '', 'ReduceMean');
  if (sum === null || variance === null || minus === null || mean === null) return null;
  if (!sameDifference(building, squared ?? '', difference, minus) || mean.inputs[0] !== minus.inputs[0]) return null;
  const value = building.values.get(minus.inputs[0]);
  if (value?.kind !== 'live' && value?.kind !== 'stack') return null;
  const x = asLive(building, node, value);
  if (!isLastAxis(building, mean, x.axes.length) || !isLastAxis(building, variance, x.axes.length)) return null;
  const epsilon = sum.inputs.map((name) => numberOf(building, name)).find((number) => number !== null);
  const last = x.axes.at(-1) ?? [];
  if (last.length !== 1 || typeof last[0] !== 'number') return null;
  const ref = add(
    building,
    node,
    { kind: 'layer_normalization', axis: [last[0] + 1], epsilon: epsilon ?? 0, center: false, scale: false },
    [x.ref()],
  );
  return live(ref, x.shape, x.axes);
}

/** PyTorch's exporter may write the same difference twice. */
function sameDifference(building: Building, squared: string, difference: string, minus: NodeProto): boolean {
  return squared === difference || made(building, squared, 'Sub')?.inputs.join('\n') === minus.inputs.join('\n');
}

function isLastAxis({ values }: Building, node: NodeProto, rank: number): boolean {
  const axes = intsOf(node, 'axes') ?? listOf(values.get(node.inputs[1] ?? '') ?? null) ?? [];
  return axes.length === 1 && typeof axes[0] === 'number' && axisFrom(axes[0], rank) === rank - 1;
}
