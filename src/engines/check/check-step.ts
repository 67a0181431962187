/*
 * Whether a step is what its equations say: they are evaluated once more, by the reference engine, from what the step saw (x, and h and c of the step
 * before, as they were recorded), and every value is compared with the recorded one.
 */
import { kindOf } from '../../layers/kinds.ts';
import type { Bindings, Equation, Layer } from '../../layers/layer.ts';
import { type ActivationName, activations, activationWith } from '../../math/activations.ts';
import { type Rows, sizeOf, type Tensor, tensor, widthOf } from '../../math/tensor.ts';
import type { EngineName } from '../../trace/trace.ts';
import { prepareEquations, type StepEquations } from '../reference/reference.ts';
import { jumpsOf } from './jumps.ts';

/** What one step saw and computed, as a trace has it. */
export interface Evidence {
  /** As they stand on screen. */
  readonly equations: readonly Equation[];
  /** What the equations see besides the layer's constants and each other. */
  readonly seen: Bindings;
  /** The row of an Embedding's table that the step looked up. */
  readonly tableRow?: Tensor;
  readonly recorded: Readonly<Record<string, Tensor['data']>>;
  /** The step is masked: nothing is computed, the states are carried. */
  readonly carried: boolean;
}

/** A number that is not what its equation says. */
export interface Deviation {
  readonly symbol: string;
  /** Which number of the quantity. */
  readonly unit: number;
  readonly recorded: number;
  readonly computed: number;
}

export interface StepCheck {
  /** The largest difference of all quantities, each of the larger of 1 and the quantity's largest number. */
  readonly difference: number;
  /** Which number that is; null where nothing differs. */
  readonly worst: { readonly symbol: string; readonly unit: number } | null;
  /** Up to where a difference is rounding. */
  readonly tolerance: number;
  /** For each quantity that is not what its equation says, the number that is farthest off. */
  readonly differs: readonly Deviation[];
  /** A number that rounding alone puts on the other side of a jump of its activation. */
  readonly onJump: (Deviation & { readonly activation: ActivationName }) | null;
}

/** Of the larger of 1 and the quantity's largest number: what float32 and float64 can hold to. */
export function toleranceOf(engine: EngineName): number {
  return engine === 'simd' ? 1e-5 : 1e-9;
}

const LARGEST_FLOAT32 = 3.4028234663852886e38;

/** What checks steps of one layer. Its constants are made ready for mathjs once. */
export function prepareCheck(layer: Layer): (evidence: Evidence, engine: EngineName) => StepCheck {
  const isLookup = layer.kind === 'embedding';
  const prepared = new Map<number, StepEquations>();
  const equationsFor = ({ equations, seen, tableRow }: Evidence) => {
    if (isLookup && tableRow) return prepareEquations(equations, { E: tableOf(tableRow, seen.x as number) });
    // A layer has others for another number of inputs.
    const count = Object.keys(seen).length;
    const found = prepared.get(count) ?? prepareEquations(equations, kindOf(layer).constants(layer));
    prepared.set(count, found);
    return found;
  };
  return (evidence, engine) =>
    evidence.carried ? checkCarried(evidence, engine) : checkEquations(equationsFor(evidence), evidence, engine);
}

/** A table of which one row is known. */
function tableOf(known: Tensor, index: number): Rows {
  return { shape: [index + 1, widthOf(known)], read: () => known.data };
}

/** h and c are those of the step before, to the last bit that the engine has, and nothing else is a number. */
function checkCarried({ recorded, seen }: Evidence, engine: EngineName): StepCheck {
  const differs = Object.entries(recorded).flatMap(([symbol, numbers]): Deviation[] => {
    const before = seen[`${symbol}_prev`] as Tensor | undefined;
    const carried = (at: number) => {
      const value = before?.data[at] ?? Number.NaN;
      return engine === 'simd' ? Math.fround(value) : value;
    };
    const unit = numbers.findIndex(
      (value, at) => value !== carried(at) && !(Number.isNaN(value) && Number.isNaN(carried(at))),
    );
    return unit < 0 ? [] : [{ symbol, unit, recorded: numbers[unit], computed: carried(unit) }];
  });
  return {
    difference: differs.length > 0 ? Number.POSITIVE_INFINITY : 0,
    worst: differs[0] ?? null,
    tolerance: toleranceOf(engine),
    differs,
    onJump: null,
  };
}

function checkEquations(step: StepEquations, evidence: Evidence, engine: EngineName): StepCheck {
  const { equations, seen } = evidence;
  const isFloat32 = engine === 'simd';
  const tolerance = toleranceOf(engine);
  const differs: Deviation[] = [];
  let onJump: StepCheck['onJump'] = null;
  let largest = 0;
  let worst: StepCheck['worst'] = null;
  // What later equations see of each quantity, and what was recorded of it.
  const settled = new Map<string, Tensor>();
  const recorded = new Map<string, Tensor>();
  step.see(seen);
  for (const [at, equation] of equations.entries()) {
    const { symbol } = equation;
    const computed = step.evaluate(at);
    const kept = recordedLike(computed, evidence.recorded[symbol]);
    recorded.set(symbol, kept);
    let distance = distanceBetween(kept.data, computed.data, isFloat32);
    settled.set(symbol, computed);
    if (distance.worst > tolerance || distance.overflowed) {
      // Later equations are held to what was recorded, so that each of them answers for itself alone.
      settled.set(symbol, kept);
      const jump = jumpAt(equation, recorded, seen, distance.places(tolerance), tolerance);
      if (jump) {
        onJump ??= { ...jump, ...deviation(symbol, distance.unit, kept, computed) };
        distance = { ...distance, worst: 0 };
      } else if (distance.worst > tolerance) {
        // Rounding in what it is computed from may be magnified: then it is what the equation makes of the recorded numbers.
        for (const [name, value] of recorded) if (name !== symbol) step.bind(name, value);
        const again = step.evaluate(at);
        for (const [name, value] of settled) if (name !== symbol) step.bind(name, value);
        distance = distanceBetween(kept.data, again.data, isFloat32);
        if (distance.worst > tolerance) differs.push(deviation(symbol, distance.unit, kept, again));
      }
      step.bind(symbol, kept);
    }
    if (distance.worst > largest) {
      largest = distance.worst;
      worst = { symbol, unit: distance.unit };
    }
  }
  return { difference: largest, worst, tolerance, differs, onJump };
}

function deviation(symbol: string, unit: number, recorded: Tensor, computed: Tensor): Deviation {
  return { symbol, unit, recorded: recorded.data[unit], computed: computed.data[unit] };
}

/** The recorded numbers in the shape that the equation gives. */
function recordedLike({ shape }: Tensor, numbers: Tensor['data']): Tensor {
  if (numbers.length !== sizeOf(shape))
    throw new Error(`an equation gives ${sizeOf(shape)} numbers where ${numbers.length} are recorded`);
  return tensor(shape, numbers);
}

interface Distance {
  readonly worst: number;
  readonly unit: number;
  /** Whether float32 has an infinity where float64 has a number. */
  readonly overflowed: boolean;
  /** Where numbers are farther apart than this. */
  places(tolerance: number): number[];
}

/** How far numbers are from what they should be, of the larger of 1 and the largest of them. What is no number, or overflows, in both is equal. */
function distanceBetween(actual: Tensor['data'], expected: Tensor['data'], isFloat32: boolean): Distance {
  let scale = 1;
  for (let at = 0; at < expected.length; at++) {
    if (Number.isFinite(expected[at])) scale = Math.max(scale, Math.abs(expected[at]));
  }
  let overflowed = false;
  const apart = (at: number): number => {
    const [a, b] = [actual[at], expected[at]];
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
    if (isFloat32 && Math.abs(b) > LARGEST_FLOAT32 && Math.sign(a) === Math.sign(b) && !Number.isFinite(a)) {
      overflowed = true;
      return 0;
    }
    const difference = Math.abs(a - b) / scale;
    return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  };
  let [worst, unit] = [0, 0];
  for (let at = 0; at < expected.length; at++) {
    const difference = apart(at);
    if (difference > worst) [worst, unit] = [difference, at];
  }
  return {
    worst,
    unit,
    overflowed,
    places: (tolerance) => Array.from(expected, (_, at) => at).filter((at) => apart(at) > tolerance),
  };
}

/** The activation that an equation applies, if it jumps within rounding of every number at these places. */
function jumpAt(
  { expression }: Equation,
  recorded: ReadonlyMap<string, Tensor>,
  seen: Bindings,
  places: readonly number[],
  tolerance: number,
): { activation: ActivationName } | null {
  const [, name, argument, given] = /^\w+ = (\w+)\((\w+)((?:, [^,()]+)*)\)$/.exec(expression) ?? [];
  if (name === undefined || !Object.hasOwn(activations, name) || places.length === 0) return null;
  const activation = name as ActivationName;
  const jumps = jumpsOf(activationWith(activation, ...given.split(', ').slice(1).map(Number)));
  const numbers = recorded.get(argument) ?? seen[argument];
  if (jumps.length === 0 || typeof numbers !== 'object') return null;
  const scale = Array.from(numbers.data).reduce(
    (most, value) => Math.max(most, Number.isFinite(value) ? Math.abs(value) : 0),
    1,
  );
  const isNear = (value: number) => jumps.some((jump) => Math.abs(value - jump) <= tolerance * scale);
  return places.every((at) => isNear(numbers.data[at])) ? { activation } : null;
}
