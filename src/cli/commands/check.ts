import { LabError, printable } from '../../math/lab-error.ts';
import { callName, type Model } from '../../model/graph.ts';
import { suggestion } from '../../model/nearest.ts';
import type { CallReport, CheckReport, checkRecording, Found } from '../../session/check-recording.ts';
import { meter } from '../../session/work.ts';
import type { Recording } from '../../trace/trace.ts';
import { widthOfText } from '../../ui/line.ts';
import { interruptible } from '../interrupt.ts';
import { print, table } from '../output.ts';
import { progressLine, tellingPerson } from '../progress.ts';
import { type OpenOptions, openSubject } from '../subject.ts';

export interface CheckCommandOptions extends Omit<OpenOptions, 'sample'> {
  /** So many timesteps of each layer, at random; without, every one. */
  readonly sample?: number;
  readonly layer?: readonly string[];
  readonly json?: boolean;
}

/** So often the process looks up from its work. */
const BREATH_MS = 50;

/** `lstm-lab check MODEL`: holds every number of a run against its equation. The exit code is 1 where one differs by more than rounding. */
export async function check(name: string, options: CheckCommandOptions): Promise<void> {
  await interruptible((signal) => checkModel(name, options, signal));
}

async function checkModel(name: string, options: CheckCommandOptions, signal: AbortSignal): Promise<void> {
  const { sample, layer, json, ...opening } = options;
  const { recording, notes } = await openSubject(name, { ...opening, telling: tellingPerson(signal) });
  for (const note of notes) process.stderr.write(`lstm-lab: ${printable(note)}\n`);
  for (const wanted of layer ?? []) checkName(recording.model, wanted);
  // mathjs is loaded here.
  const { checkRecording } = await import('../../session/check-recording.ts');
  const work = checkRecording(recording, { sample, seed: opening.seed, layers: layer });
  const report = await completed(work, signal);
  const text = json ? [`${JSON.stringify(jsonReport(recording, report), null, 2)}\n`] : textReport(recording, report);
  await print(text, signal);
  if (report.calls.some(({ differs }) => differs.length > 0)) process.exitCode = 1;
}

function checkName({ calls }: Model, wanted: string): void {
  const names = calls.map(callName);
  if (names.includes(wanted)) return;
  throw new LabError({
    kind: 'usage',
    path: '--layer',
    problem: 'the model has no layer of this name.',
    received: wanted,
    hint: suggestion(wanted, names),
  });
}

/** Runs it to its end and says on a terminal how far it is; it can be interrupted between steps. */
async function completed(work: ReturnType<typeof checkRecording>, signal: AbortSignal): Promise<CheckReport> {
  const line = progressLine();
  const progress = meter('steps', () => performance.now());
  try {
    let breathed = performance.now();
    for (;;) {
      const { done, value } = work.next();
      if (done) return value;
      if (performance.now() - breathed < BREATH_MS) continue;
      line.say({ text: 'checking', progress: progress(value.done, value.total) });
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      breathed = performance.now();
    }
  } finally {
    line.end();
  }
}

const differenceText = (value: number) =>
  value === 0 || value >= 0.001 ? String(Number(value.toPrecision(2))) : value.toExponential(1);

function textReport({ engine, runs }: Recording, { calls, tolerance, difference }: CheckReport): string[] {
  const rows = calls.map((call) => [
    printable(call.name),
    call.className,
    call.checked === call.steps ? String(call.checked) : `${call.checked} of ${call.steps}`,
    call.checked === 0 ? '–' : differenceText(call.difference),
    call.worst === null ? '' : printable(call.worst),
    verdict(call),
  ]);
  const head = ['Layer', 'Class', 'Timesteps', 'Largest difference', 'At', ''];
  const several = runs.length > 1 || runs[0].length > 1;
  const found = calls.flatMap(({ differs }) => differs.map((one) => `${foundText(one, several)}\n`));
  const jumps = calls.filter(({ onJump }) => onJump > 0).map(jumpText);
  const checked = calls.reduce((sum, call) => sum + call.checked, 0);
  const holds = found.length === 0;
  const conclusion = holds ? 'The equations hold' : 'The equations do not hold';
  return [
    ...table(head, rows, widthOfText, [2, 3]).map((line) => `${line}\n`),
    '\n',
    ...found,
    ...jumps,
    ...(found.length + jumps.length > 0 ? ['\n'] : []),
    `${conclusion}: ${checked} ${checked === 1 ? 'step' : 'steps'} checked, the ${engine} engine is off by ${differenceText(difference)} at most.\n`,
    `Differences are of the larger of 1 and a quantity’s largest number; up to ${tolerance.toExponential(0)} is rounding.\n`,
    ...(holds || engine !== 'simd' ? [] : ['Where --engine kernel (float64) holds, float32 is too coarse here.\n']),
  ];
}

function jumpText({ name, onJump }: CallReport): string {
  const where = onJump === 1 ? 'at 1 timestep' : `at ${onJump} timesteps`;
  return `${printable(name)}: ${where} a number is within rounding of a jump of its activation; either side is right.\n`;
}

function verdict({ checked, stepsThatDiffer }: CallReport): string {
  if (checked === 0) return 'not checked: too large';
  return stepsThatDiffer === 0 ? '✓' : `✗ at ${stepsThatDiffer === 1 ? '1 timestep' : `${stepsThatDiffer} timesteps`}`;
}

function foundText({ address, recorded, computed, batch, sample }: Found, several: boolean): string {
  const where = several ? ` (batch ${batch}, sample ${sample})` : '';
  return `✗ ${printable(address)}${where} is ${recorded}; its equation gives ${computed}`;
}

/** What is no number is written by name, as in traces. */
const jsonNumber = (value: number) => (Number.isFinite(value) ? value : String(value));

function jsonReport({ model, engine }: Recording, { calls, tolerance, difference }: CheckReport): object {
  return {
    model: model.name,
    engine,
    tolerance,
    largest_difference: jsonNumber(difference),
    holds: calls.every(({ differs }) => differs.length === 0),
    layers: calls.map((call) => ({
      name: call.name,
      class: call.className,
      timesteps: call.steps,
      checked: call.checked,
      largest_difference: call.checked === 0 ? null : jsonNumber(call.difference),
      at: call.worst,
      timesteps_that_differ: call.stepsThatDiffer,
      timesteps_on_a_jump: call.onJump,
      differs: call.differs.map(({ address, batch, sample, recorded, computed }) => ({
        address,
        batch,
        sample,
        recorded: jsonNumber(recorded),
        computed: jsonNumber(computed),
      })),
    })),
  };
}
