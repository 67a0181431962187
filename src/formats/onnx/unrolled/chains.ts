import type { Building } from '../building.ts';
import type { Step } from './cells.ts';
import { apart, constantOf, type Linear, type Term } from './linear.ts';

/** Timesteps of one cell, one after the other, all with the same weights. */
export interface Chain {
  readonly steps: readonly Step[];
  /** What each timestep reads. */
  readonly inputs: readonly string[];
  /** What the first one starts from; null: zeros, which the exporter has computed with. */
  readonly h0: string | null;
  /** The products with x and with h, and the numbers added, of each part. */
  readonly parts: readonly Part[];
}

interface Part {
  readonly x: Term | null;
  readonly h: Term | null;
  readonly added: Float64Array;
}

/** The cells that a graph has written out. */
export function chainsOf(building: Building, steps: readonly Step[]): Chain[] {
  const byH = new Map(steps.map((step) => [step.h, step]));
  const byC = new Map(steps.flatMap((step): [string, Step][] => (step.c === null ? [] : [[step.c, step]])));
  const next = new Map<Step, Step>();
  const follows = new Set<Step>();
  const forked = new Set<Step>();
  for (const step of steps) {
    const before = previous(step, byH, byC);
    if (before === undefined) continue;
    if (next.has(before)) forked.add(before);
    next.set(before, step);
    follows.add(step);
  }
  return steps
    .filter((step) => next.has(step) && !follows.has(step))
    .flatMap((first) => {
      const row = [first];
      for (let step = next.get(first); step; step = next.get(step)) row.push(step);
      return row.some((step) => forked.has(step)) ? [] : (chain(building, row) ?? []);
    });
}

function previous(step: Step, byH: ReadonlyMap<string, Step>, byC: ReadonlyMap<string, Step>): Step | undefined {
  const found =
    step.cPrevious !== null ? byC.get(step.cPrevious) : step.hPrevious !== null ? byH.get(step.hPrevious) : undefined;
  if (step.operator !== 'RNN') return found?.operator === step.operator ? found : undefined;
  // Of an RNN above another both inputs are such steps: its own has the same weights for what else it reads.
  const { terms } = step.parts[0];
  const [before] = terms.flatMap(({ input }) => {
    const one = byH.get(input);
    const others = terms.filter((term) => term.input !== input).map(keyOf);
    const own = one?.parts[0].terms.map(keyOf) ?? [];
    return one?.operator === 'RNN' && others.length === 1 && own.includes(others[0]) ? [one] : [];
  });
  return before;
}

const keyOf = ({ weight, isTurned, from, to, columns }: Term) =>
  `${weight}\n${isTurned} ${from} ${to} ${columns?.join(' ')}`;

function chain(building: Building, steps: readonly Step[]): Chain | null {
  const [first, second] = steps;
  const reads = steps.slice(1).map((step, at) => readAfter(building, step, steps[at].h));
  const whole = reads.filter((read) => read !== null);
  const isOne = new Set(whole.map(({ signature }) => signature)).size === 1;
  if (whole.length < reads.length || !isOne || first.activation !== second.activation) return null;
  const sums = second.parts.map((part) => total(building, part));
  const parts = whole[0].parts.flatMap((part, at): Part[] => {
    const added = sums[at];
    return added === null ? [] : [{ ...part, added }];
  });
  const start = parts.length === sums.length ? startOf(building, first, parts) : null;
  return start && { steps, inputs: [start.x, ...whole.map(({ x }) => x)], h0: start.h0, parts };
}

/** What a timestep reads, where h is that of the one before. */
function readAfter(building: Building, { operator, parts }: Step, h: string) {
  const read = parts.map((part, at) => {
    const terms = part.terms.flatMap((term) => apart(building, term, part.length, (joined) => joined.indexOf(h)));
    const [own, others] = [terms.filter(({ input }) => input === h), terms.filter(({ input }) => input !== h)];
    const [wantsX, wantsH] = wanted(operator, at);
    if (own.length !== Number(wantsH) || others.length !== Number(wantsX)) return null;
    return { x: others[0] ?? null, h: own[0] ?? null };
  });
  if (!read.every((part) => part !== null)) return null;
  const [x, ...rest] = new Set(read.flatMap((part) => part.x?.input ?? []));
  if (x === undefined || rest.length > 0) return null;
  const signature = parts
    .map(({ added }, at) => [
      ...[read[at].x, read[at].h].map((term) => term && keyOf(term)),
      ...added.map(({ name, from }) => `${name}\n${from}`).sort(),
    ])
    .join('\n\n');
  return { x, parts: read, signature };
}

/** Whether a part has a product with x, and one with h. */
function wanted(operator: Step['operator'], at: number): [boolean, boolean] {
  return operator === 'GRU' ? [at !== 3, at !== 2] : [true, true];
}

/** The first timestep: what it has of h may be computed already, from zeros. */
function startOf(building: Building, step: Step, parts: readonly Part[]): { x: string; h0: string | null } | null {
  const xs = new Set<string>();
  const hs = new Set<string>();
  for (const [at, { x, h, added }] of parts.entries()) {
    const place = h?.columns === undefined ? -1 : h.columns[0] === 0 ? 0 : 1;
    const terms = step.parts[at].terms.flatMap((term) => apart(building, term, added.length, () => place));
    const own = total(building, step.parts[at]);
    const of = (term: Term | null) => (term ? terms.filter((other) => keyOf(other) === keyOf(term)) : []);
    const [withX, withH] = [of(x), of(h)];
    if (own === null || withX.length !== Number(x !== null) || withH.length > 1) return null;
    if (withX.length + withH.length !== terms.length || !own.every((value, n) => near(value, added[n]))) return null;
    for (const { input } of withX) xs.add(input);
    if (h !== null) hs.add(withH[0]?.input ?? '');
  }
  const [[x, ...otherX], [h0, ...otherH]] = [[...xs], [...hs]];
  if (x === undefined || otherX.length > 0 || otherH.length > 0) return null;
  // What a GRU blends with z is the same h, or zeros as well.
  const blended = step.hPrevious;
  if (blended !== null && blended !== h0 && !(isZero(building, blended) && (h0 === '' || isZero(building, h0))))
    return null;
  return { x, h0: h0 === '' ? null : h0 };
}

function isZero(building: Building, name: string): boolean {
  return constantOf(building, name)?.data.every((value) => value === 0) ?? false;
}

const near = (a: number, b: number) => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b));

/** The numbers of the file that are added; null where they differ from sample to sample. */
export function total(building: Building, { length, added }: Linear): Float64Array | null {
  const sum = new Float64Array(length);
  for (const { name, from } of added) {
    const known = constantOf(building, name);
    const width = known?.shape.at(-1) ?? 0;
    if (known === null || !repeats(known.data, width)) return null;
    for (let n = 0; n < length; n++) sum[n] += known.data[from + n];
  }
  return sum;
}

/** Whether a constant's rows are all the same. */
function repeats(data: ArrayLike<number>, width: number): boolean {
  for (let at = width; at < data.length; at++) if (data[at] !== data[at - width]) return false;
  return true;
}
