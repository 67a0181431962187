import { type ActivationRef, activationParts, activationWith } from '../../../math/activations.ts';
import { activationOf, clip, rounded } from '../activation.ts';
import type { Building } from '../building.ts';
import type { NodeProto } from '../model-proto.ts';
import { floatOf } from '../node.ts';
import { numberOf } from '../patterns.ts';
import { made, orders } from '../unrolled/cells.ts';

/** A function of a cell, and what it is applied to. */
export interface Applied {
  readonly activation: ActivationRef;
  readonly of: string;
}

/** What a name may be a function of, the likeliest first; the last is the name itself. */
export function functionsOf(view: Building, name: string): Applied[] {
  const node = view.producers.get(name);
  const own = node?.domain === '' ? (activationOf(node) ?? clipOf(view, node)) : null;
  const hard = linearHardSigmoid(view, name);
  const found = own && node ? [{ activation: own, of: node.inputs[0] }] : [];
  const gated = node ? silu(view, node) : null;
  return [...(hard ? [hard] : []), ...(gated ? [gated] : []), ...found, { activation: 'linear', of: name }];
}

/** x · sigmoid(x) */
function silu(view: Building, node: NodeProto): Applied | null {
  for (const [of, gate] of node.domain === '' && node.opType === 'Mul' ? orders(node) : [])
    if (timesOne(view, made(view, gate, 'Sigmoid')?.inputs[0]) === of) return { activation: 'silu', of };
  return null;
}

/** TensorFlow's silu has a factor, which is 1. */
function timesOne(view: Building, name: string | undefined): string | undefined {
  const node = name === undefined ? null : made(view, name, 'Mul');
  const found = node && withNumber(view, node);
  return found?.number === 1 ? found.of : name;
}

/** A function of its argument and a number that is added to it: (x + 3) / 6, where the 3 went into a sum. Null where it is another function. */
export function withShift(activation: ActivationRef, by: number): ActivationRef | null {
  if (by === 0) return activation;
  const { name, parameters } = activationParts(activation);
  const [alpha, beta] = parameters;
  if (name !== 'linear_hard_sigmoid' || beta === undefined) return null;
  return hardSigmoid(alpha, beta + alpha * by);
}

/** The bounds between which a node keeps what it is given. */
function boundsOf(view: Building, name: string): { low: number; high: number; of: string } | null {
  let [low, high, of] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, name];
  for (let steps = 0; steps < 2; steps++) {
    const node = view.producers.get(of);
    if (node?.domain !== '') break;
    if (node.opType === 'Relu' && low < 0) [low, of] = [0, node.inputs[0]];
    else if (node.opType === 'Clip') {
      const at = (place: number, attribute: string, none: number) =>
        node.inputs[place] ? numberOf(view, node.inputs[place]) : floatOf(node, attribute, none);
      const [lowest, highest] = [at(1, 'min', low), at(2, 'max', high)];
      if (lowest === null || highest === null) return null;
      [low, high, of] = [Math.max(low, lowest), Math.min(high, highest), node.inputs[0]];
    } else if ((node.opType === 'Min' || node.opType === 'Max') && node.inputs.length === 2) {
      const besides = withNumber(view, node);
      if (besides === null) break;
      if (node.opType === 'Min') high = Math.min(high, besides.number);
      else low = Math.max(low, besides.number);
      of = besides.of;
    } else break;
  }
  return of === name ? null : { low, high, of };
}

function clipOf(view: Building, node: NodeProto): ActivationRef | null {
  if (node.opType !== 'Clip') return null;
  const bounds = boundsOf(view, node.outputs[0]);
  return bounds && bounds.of === node.inputs[0] ? clip(bounds.low, bounds.high) : null;
}

/** max(0, min(1, αx + β)), which exporters write out: of 0.2x + 0.5 or (x + 3) / 6. */
function linearHardSigmoid(view: Building, name: string): Applied | null {
  const outer = line(view, name, 0);
  const bounds = boundsOf(view, outer.of);
  if (bounds === null || bounds.low !== 0 || !(outer.scale > 0)) return null;
  const inner = line(view, bounds.of, 0);
  const isOne = Math.abs(outer.scale * bounds.high - 1) < 1e-6 && outer.offset === 0;
  if (!isOne || inner.scale === 0) return null;
  const [alpha, beta] = [outer.scale * inner.scale, outer.scale * inner.offset];
  return { activation: hardSigmoid(alpha, beta), of: inner.of };
}

function hardSigmoid(alpha: number, beta: number): ActivationRef {
  const [a, b] = [tidy(alpha), tidy(beta)];
  return a === 1 / 6 && b === 0.5 ? 'hard_sigmoid' : activationWith('linear_hard_sigmoid', a, b);
}

/** α and β as they were meant: float32 numbers multiplied are one of the short ones again. */
function tidy(value: number): number {
  const sixth = Math.round(value * 6) / 6;
  return Math.abs(sixth - value) < 1e-7 ? sixth : rounded(Math.fround(value));
}

/** scale · x + offset, as far as products and sums with single numbers go. */
function line(view: Building, name: string, depth: number): { scale: number; offset: number; of: string } {
  const plain = { scale: 1, offset: 0, of: name };
  const node = view.producers.get(name);
  if (node?.domain !== '' || depth > 3 || node.inputs.length !== 2) return plain;
  const found = withNumber(view, node);
  if (found === null || (node.opType === 'Div' && found.isFirst)) return plain;
  const { number } = found;
  const inner = line(view, found.of, depth + 1);
  switch (node.opType) {
    case 'Mul':
      return { ...inner, scale: inner.scale * number, offset: inner.offset * number };
    case 'Div':
      return { ...inner, scale: inner.scale / number, offset: inner.offset / number };
    case 'Add':
      return { ...inner, offset: inner.offset + number };
    default:
      return plain;
  }
}

function withNumber(view: Building, { inputs: [a, b] }: NodeProto) {
  const [first, second] = [numberOf(view, a), numberOf(view, b)];
  if (second !== null) return { number: second, of: a, isFirst: false };
  return first === null ? null : { number: first, of: b, isFirst: true };
}
