type Nested = number | string | null | readonly Nested[];

interface ComparedTensor {
  readonly name: string;
  readonly shape: readonly number[] | null;
  readonly data: Nested;
}

interface ComparedLayer {
  readonly name: string;
  readonly class: string;
  readonly direction: string;
  readonly mask?: Nested | readonly (readonly boolean[])[];
  readonly returns?: readonly ComparedTensor[];
  readonly steps?: Readonly<Record<string, Nested>>;
  /** The timesteps that `steps` holds, in processing order; without, all. */
  readonly steps_at?: readonly number[];
}

/** What two traces are compared by; a framework's case may lack parts. */
export interface ComparedTrace {
  readonly inputs?: readonly ComparedTensor[];
  readonly outputs?: readonly ComparedTensor[];
  readonly layers?: readonly ComparedLayer[];
}

interface Comparison {
  /** The largest difference, each divided by the larger of 1 and the array's largest value. */
  readonly worst: number;
  readonly where: string;
  /** What cannot be compared: shapes, missing layers or quantities. */
  readonly problems: readonly string[];
  /** How many arrays were compared. */
  readonly count: number;
}

/** Outputs by position, layers by order of execution, class and direction. What the framework did not give is not compared. */
export function compareTraces(ours: ComparedTrace | undefined, theirs: ComparedTrace): Comparison {
  const problems: string[] = [];
  let worst = 0;
  let where = '';
  let count = 0;
  const compare = (place: string, got: unknown, wanted: unknown) => {
    count++;
    const difference = worstDifference(got as Nested, wanted as Nested);
    if (difference === null) problems.push(`${place} has another layout`);
    else if (difference > worst || Number.isNaN(difference)) [worst, where] = [difference, place];
  };
  const compareTensor = (place: string, got: ComparedTensor | undefined, wanted: ComparedTensor) => {
    if (got === undefined) problems.push(`${place} is missing`);
    else if (String(got.shape) !== String(wanted.shape))
      problems.push(`${place} is [${got.shape}], not [${wanted.shape}]`);
    else compare(place, got.data, wanted.data);
  };
  theirs.outputs?.forEach((wanted, at) => {
    compareTensor(`output ${wanted.name}`, ours?.outputs?.[at], wanted);
  });
  if (theirs.outputs && ours?.outputs?.length !== theirs.outputs.length)
    problems.push(`${ours?.outputs?.length} outputs, not ${theirs.outputs.length}`);
  const layers = (ours?.layers ?? []).filter(({ steps }) => steps !== undefined);
  if (theirs.layers?.length && layers.length !== theirs.layers.length)
    problems.push(`${layers.length} recurrent layers, not ${theirs.layers.length}`);
  theirs.layers?.forEach((wanted, at) => {
    const got = layers[at];
    if (got === undefined) return;
    for (const key of ['class', 'direction'] as const)
      if (got[key] !== wanted[key]) problems.push(`${wanted.name} is ${got[key]}, not ${wanted[key]}`);
    if (wanted.mask !== undefined && JSON.stringify(got.mask ?? null) !== JSON.stringify(wanted.mask))
      problems.push(`${wanted.name} has another mask`);
    for (const [symbol, values] of Object.entries(wanted.steps ?? {})) {
      const all = got.steps?.[symbol];
      if (all === undefined) problems.push(`${wanted.name}.${symbol} is missing`);
      else compare(`${wanted.name}.${symbol}`, picked(all, wanted.steps_at), values);
    }
    wanted.returns?.forEach((tensor, output) => {
      compareTensor(`${wanted.name} returns ${tensor.name}`, got.returns?.[output], tensor);
    });
  });
  return { worst, where, problems, count };
}

export interface SummaryRow {
  readonly name: string;
  readonly class: string;
  readonly parameters: number;
  readonly output_shape?: readonly (readonly (number | null)[])[];
}

/** Keras 1's names; the lab says today's. */
const classToday: Readonly<Record<string, string>> = { Merge: 'Concatenate', TimeDistributedDense: 'TimeDistributed' };

/** Rows by position; a Sequential of Keras has no row for its input. */
export function compareSummaries(ours: readonly SummaryRow[], theirs: readonly SummaryRow[]): string[] {
  const layers = (rows: readonly SummaryRow[]) => rows.filter((row) => row.class !== 'InputLayer');
  const [got, wanted] = [layers(ours), layers(theirs)];
  if (got.length !== wanted.length) return [`summary has ${got.length} layers, not ${wanted.length}`];
  return wanted.flatMap((row, at) => {
    const parts: [string, unknown, unknown][] = [
      ['class', got[at].class, classToday[row.class] ?? row.class],
      ['parameters', got[at].parameters, row.parameters],
      ['output_shape', got[at].output_shape, row.output_shape ?? got[at].output_shape],
    ];
    return parts.flatMap(([part, a, b]) =>
      JSON.stringify(a) === JSON.stringify(b)
        ? []
        : [`summary: ${row.name} has ${part} ${JSON.stringify(a)}, not ${JSON.stringify(b)}`],
    );
  });
}

/** [batch][timestep][unit], only some timesteps. */
function picked(values: Nested, steps: readonly number[] | undefined): Nested {
  if (steps === undefined || !Array.isArray(values)) return values;
  return values.map((sample: readonly Nested[]) => steps.map((step) => sample[step]));
}

/** Null where the lists do not match, or one has a number where the other has none. */
function worstDifference(got: Nested, wanted: Nested): number | null {
  const theirs = flat(wanted);
  const ours = flat(got);
  if (ours.length !== theirs.length) return null;
  const largest = Math.max(
    1,
    theirs.reduce(
      (most: number, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value as number)) : most),
      0,
    ),
  );
  let worst = 0;
  for (let at = 0; at < ours.length; at++) {
    const [a, b] = [ours[at], theirs[at]];
    if (Object.is(a, b)) continue;
    if (a === null || b === null) return null;
    const difference = Math.abs(a - b) / largest;
    if (!(difference <= worst)) worst = difference;
    if (Number.isNaN(worst)) return Number.NaN;
  }
  return worst;
}

function flat(value: Nested): (number | null)[] {
  if (!Array.isArray(value)) return [value === null ? null : Number(value)];
  return value.flatMap((part: Nested) => flat(part));
}
