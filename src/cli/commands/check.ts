import { LabError, printable } from '../../math/lab-error.ts';
import { callName, type Model } from '../../model/graph.ts';
import { suggestion } from '../../model/nearest.ts';
import type { CallReport, CheckReport, Found } from '../../session/check-recording.ts';
import type { Recording } from '../../trace/trace.ts';
import { widthOfText } from '../../ui/line.ts';
import { print, table } from '../output.ts';
import { type OpenOptions, openSubject } from '../subject.ts';

export interface CheckCommandOptions extends Omit<OpenOptions, 'sample'> {
  /** So many timesteps of each layer, at random; without, every one. */
  readonly sample?: number;
  readonly layer?: readonly string[];
  readonly json?: boolean;
}

/** `lstm-lab check MODEL`: holds every number of a run against its equation. The exit code is 1 where one differs by more than rounding. */
export async function check(name: string, options: CheckCommandOptions): Promise<void> {
  const { sample, layer, json, ...opening } = options;
  const { recording, notes } = await openSubject(name, opening);
  for (const note of notes) process.stderr.write(`lstm-lab: ${printable(note)}\n`);
  for (const wanted of layer ?? []) checkName(recording.model, wanted);
  const { checkRecording } = await import('../../session/check-recording.ts');
  const report = withProgress(checkRecording(recording, { sample, seed: opening.seed, layers: layer }));
  await print(json ? [`${JSON.stringify(jsonReport(recording, report), null, 2)}\n`] : textReport(recording, report));
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

/** Says on a terminal how far it is and how long it will take, once it has taken half a second. */
function withProgress(work: Generator<number, CheckReport>): CheckReport {
  const start = performance.now();
  let said = 0;
  for (;;) {
    const { done, value } = work.next();
    const now = performance.now();
    if (done) {
      if (said > 0) process.stderr.write('\r\x1b[K');
      return value;
    }
    if (!process.stderr.isTTY || now - start < 500 || now - said < 200) continue;
    said = now;
    const left = Math.ceil(((now - start) / 1000) * (1 / value - 1));
    process.stderr.write(`\rlstm-lab: checking, ${Math.floor(100 * value)} %, ${left} s left, Ctrl-C ends it\x1b[K`);
  }
}

const differenceText = (value: number) => (value === 0 ? '0' : value.toExponential(1));

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
  const jumps = calls.filter(({ onJump }) => onJump > 0);
  const checked = calls.reduce((sum, call) => sum + call.checked, 0);
  const holds = found.length === 0;
  return [
    ...table(head, rows, widthOfText, [2, 3]).map((line) => `${line}\n`),
    '\n',
    ...found,
    ...(holds ? [] : ['\n']),
    ...jumps.map(
      ({ name, onJump }) =>
        `${printable(name)}: ${onJump === 1 ? 'at 1 timestep' : `at ${onJump} timesteps`} an activation jumps within rounding; either side is right.\n`,
    ),
    `${holds ? 'The equations hold' : 'The equations do not hold'}: the ${engine} engine differs from them by ${differenceText(difference)} at most`,
    ` (of the larger of 1 and a quantity’s largest number; up to ${differenceText(tolerance)} is rounding), ${checked} ${checked === 1 ? 'step' : 'steps'} checked.\n`,
  ];
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
