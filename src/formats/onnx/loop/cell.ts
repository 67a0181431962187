import type { ActivationRef } from '../../../math/activations.ts';
import type { Building } from '../building.ts';
import { attempt } from '../unrolled/attempt.ts';
import { made, orders } from '../unrolled/cells.ts';
import { total } from '../unrolled/chains.ts';
import { apart, constantOf, type Linear, linearOf, shiftedOf, type Term } from '../unrolled/linear.ts';
import type { Carried } from './body.ts';
import { functionsOf, withShift } from './functions.ts';

/** What a gate is before its activation: products with x and with h of the timestep before, and numbers that are added. */
export interface Part {
  readonly x: Term | null;
  readonly h: Term | null;
  readonly added: Float64Array;
  readonly hasBias: boolean;
}

/** A cell as the body of a loop writes it. */
export interface Cell {
  readonly operator: 'LSTM' | 'GRU' | 'RNN';
  readonly h: Carried;
  readonly c: Carried | null;
  /** The tensor that it reads. */
  readonly x: string;
  /** LSTM: i f g o; GRU: z r, and of the candidate what comes of x and what of h; RNN: one. */
  readonly parts: readonly Part[];
  readonly activation: ActivationRef;
  readonly recurrentActivation: ActivationRef;
  readonly outputActivation: ActivationRef;
  /** GRU: the reset gate acts after the product. */
  readonly resetAfter: boolean;
}

/** The cell whose h this state is; null where its equations are none that the lab knows. */
export function cellOf(view: Building, h: Carried, states: readonly Carried[]): Cell | null {
  return lstm(view, h, states) ?? gru(view, h) ?? rnn(view, h);
}

const same = (...all: readonly ActivationRef[]) => new Set(all.map((one) => JSON.stringify(one))).size === 1;

/** A gate: an activation of a sum. */
function gatesOf(view: Building, name: string): { activation: ActivationRef; sum: Linear }[] {
  return functionsOf(view, name).flatMap(({ activation, of }) => {
    const sum = attempt(() => shiftedOf(view, of));
    if (sum === null) return [];
    const shifted = withShift(activation, sum.plus);
    return shifted === null ? [] : [{ activation: shifted, sum }];
  });
}

/** h = o · φ(c), c = f · c_prev + i · g */
function lstm(view: Building, h: Carried, states: readonly Carried[]): Cell | null {
  for (const [out, squashed] of orders(made(view, h.next, 'Mul')))
    for (const { activation: outputActivation, of } of functionsOf(view, squashed)) {
      const c = states.find((state) => state !== h && state.next === of);
      if (c === undefined) continue;
      for (const [kept, written] of orders(made(view, c.next, 'Add')))
        for (const [forget, before] of orders(made(view, kept, 'Mul')))
          for (const [input, candidate] of before === c.self ? orders(made(view, written, 'Mul')) : []) {
            const [[i], [f], [g], [o]] = [input, forget, candidate, out].map((name) => gatesOf(view, name));
            if (!i || !f || !g || !o || !same(i.activation, f.activation, o.activation)) continue;
            const whole = partsOf(
              view,
              h,
              [i, f, g, o].map(({ sum }) => ({ sum, wants: 'both' })),
            );
            if (whole === null) continue;
            return {
              operator: 'LSTM',
              h,
              c,
              ...whole,
              activation: g.activation,
              recurrentActivation: i.activation,
              outputActivation,
              resetAfter: false,
            };
          }
    }
  return null;
}

/** h = z · h_prev + (1 − z) · n, or n + z · (h_prev − n) */
function gru(view: Building, h: Carried): Cell | null {
  for (const [a, b] of orders(made(view, h.next, 'Add')))
    for (const [update, rest] of orders(made(view, a, 'Mul'))) {
      const difference = made(view, rest, 'Sub');
      const isShort = difference?.inputs[0] === h.self && difference.inputs[1] === b;
      const n = isShort ? b : rest === h.self ? besides(view, update, b) : null;
      const [z] = n === null ? [] : gatesOf(view, update);
      if (n === null || z === undefined) continue;
      for (const { activation, of } of functionsOf(view, n)) {
        const found = resetAfter(view, h, z.sum, of) ?? resetBefore(view, h, z.sum, of);
        if (found === null || !same(z.activation, found.activation)) continue;
        const { x, parts } = found.whole;
        return {
          operator: 'GRU',
          h,
          c: null,
          x,
          parts,
          activation,
          recurrentActivation: z.activation,
          outputActivation: activation,
          resetAfter: found.isAfter,
        };
      }
    }
  return null;
}

/** n of (1 − z) · n */
function besides(view: Building, z: string, name: string): string | null {
  for (const [less, n] of orders(made(view, name, 'Mul'))) {
    const [one, own] = made(view, less, 'Sub')?.inputs ?? [];
    if (own === z && constantOf(view, one ?? '')?.data.every((value) => value === 1)) return n;
  }
  return null;
}

/** x part + r · (h part) */
function resetAfter(view: Building, h: Carried, z: Linear, name: string) {
  for (const [own, gated] of orders(made(view, name, 'Add')))
    for (const [reset, of] of orders(made(view, gated, 'Mul'))) {
      const [r] = gatesOf(view, reset);
      const [fromX, fromH] = [own, of].map((one) => attempt(() => linearOf(view, one)));
      if (!r || !fromX || !fromH) continue;
      const whole = partsOf(view, h, [
        { sum: z, wants: 'both' },
        { sum: r.sum, wants: 'both' },
        { sum: fromX, wants: 'x' },
        { sum: fromH, wants: 'h' },
      ]);
      if (whole) return { whole, activation: r.activation, isAfter: true };
    }
  return null;
}

/** x part + (r · h) part */
function resetBefore(view: Building, h: Carried, z: Linear, name: string) {
  const sum = attempt(() => linearOf(view, name));
  for (const term of sum?.terms ?? [])
    for (const [reset, of] of orders(made(view, term.input, 'Mul'))) {
      const [r] = of === h.self ? gatesOf(view, reset) : [];
      if (!r || !sum) continue;
      // r · h stands where h does in the others.
      const terms = sum.terms.map((one) => (one === term ? { ...one, input: h.self } : one));
      const isOnce = sum.terms.every((one) => one === term || one.input !== h.self);
      const whole = partsOf(view, h, [
        { sum: z, wants: 'both' },
        { sum: r.sum, wants: 'both' },
        { sum: { ...sum, terms }, wants: 'both' },
      ]);
      if (whole && isOnce) return { whole, activation: r.activation, isAfter: false };
    }
  return null;
}

/** h = φ(W x + U h_prev + b) */
function rnn(view: Building, h: Carried): Cell | null {
  for (const { activation, sum } of gatesOf(view, h.next)) {
    const whole = partsOf(view, h, [{ sum, wants: 'both' }]);
    if (whole)
      return {
        operator: 'RNN',
        h,
        c: null,
        ...whole,
        activation,
        recurrentActivation: activation,
        outputActivation: activation,
        resetAfter: false,
      };
  }
  return null;
}

/** The sums apart into what comes of x, of h and of neither; null where there is anything else, or more than one x. */
function partsOf(
  view: Building,
  h: Carried,
  sums: readonly { readonly sum: Linear; readonly wants: 'both' | 'x' | 'h' }[],
): { x: string; parts: readonly Part[] } | null {
  const [{ sum: first }] = sums;
  const parts = sums.flatMap(({ sum, wants }): Part[] => {
    const terms = sum.terms.flatMap((term) => apart(view, term, sum.length, (joined) => joined.indexOf(h.self)));
    const [own, others] = [
      terms.filter(({ input }) => input === h.self),
      terms.filter(({ input }) => input !== h.self),
    ];
    const added = total(view, sum);
    const fits = own.length === Number(wants !== 'x') && others.length === Number(wants !== 'h');
    if (!fits || added === null || sum.length !== first.length) return [];
    return [{ x: others[0] ?? null, h: own[0] ?? null, added, hasBias: sum.added.length > 0 }];
  });
  const [x, ...more] = new Set(parts.flatMap((part) => part.x?.input ?? []));
  return parts.length === sums.length && x !== undefined && more.length === 0 ? { x, parts } : null;
}
