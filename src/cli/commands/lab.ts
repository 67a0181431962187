import { existsSync, openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { LabError, printable } from '../../math/lab-error.ts';
import { choosing } from '../../session/reduce.ts';
import type { Subject } from '../../session/session.ts';
import type { Task } from '../../session/work.ts';
import { widthOfText } from '../../ui/line.ts';
import { themeFor } from '../../ui/theme/theme.ts';
import { workerChecker } from '../checker.ts';
import { explainError } from '../exit.ts';
import { type Looks, themeName } from '../looks.ts';
import { print, table } from '../output.ts';
import { tellingTask } from '../progress.ts';
import { type Place, startSession } from '../start.ts';
import { type OpenOptions, openSubject, presetEntries } from '../subject.ts';
import { writeTrace } from '../write-trace.ts';

export interface LabOptions extends OpenOptions, Place, Looks {}

/** What is looked at is seen as soon as there is something to see. */
const LOOKED_AT = { shown: true, lazily: true, whileComputing: true } as const;

/** `lstm-lab [PRESET]`: the lab on a terminal, the walk as text anywhere else. */
export async function lab(name: string | undefined, options: LabOptions, commands: readonly string[]): Promise<void> {
  // A dumb terminal has no screen to draw on: it is written to line by line.
  const stdin = process.stdout.isTTY && process.env.TERM !== 'dumb' ? keyboard() : null;
  if (stdin === null) return walk(name, options, commands);
  const theme = themeFor({
    name: themeName(options),
    env: process.env,
    colorDepth: process.stdout.getColorDepth(),
    color: options.color,
  });
  // Read and compiled beside what follows.
  const ui = import('../../ui/run.tsx');
  const presets = presetEntries();
  const session =
    name === undefined
      ? choosing(presets)
      : startSession(await openSubject(name, { ...options, ...LOOKED_AT }, commands), presets, options);
  const { runLab } = await ui;
  const checker = workerChecker();
  process.exitCode = await runLab({
    session,
    stdin,
    stdout: process.stdout,
    theme,
    openPreset: (preset, task) =>
      openSubject(preset, { engine: options.engine, ...LOOKED_AT, telling: tellingTask(task) }),
    exportTrace,
    check: checker.check,
    onFatal: (error) => {
      const { message, code } = explainError(error);
      return { message, exitCode: code };
    },
  });
  checker.stop();
}

/** `e`: the whole trace as JSON, beside where the lab was started, under a name that is free. */
async function exportTrace(subject: Subject, task: Task): Promise<string> {
  const name = subject.recording.model.name.replace(/[^\w.-]+/g, '-');
  const candidates = Array.from({ length: 1000 }, (_, at) => `${name}.trace${at === 0 ? '' : `-${at + 1}`}.json`);
  const file = candidates.find((candidate) => !existsSync(candidate));
  if (file === undefined) throw new LabError({ problem: `${candidates[0]} and its like exist a thousand times here.` });
  await writeTrace(subject, 'json', {}, file, task);
  return `the trace is in ${file}`;
}

/** Where keys come from: standard input, or the terminal itself where standard input is data. Null where there is no terminal. */
function keyboard(): ReadStream | null {
  if (process.stdin.isTTY) return process.stdin;
  try {
    return new ReadStream(openSync('/dev/tty', 'r'));
  } catch {
    return null;
  }
}

async function walk(name: string | undefined, options: LabOptions, commands: readonly string[]): Promise<void> {
  const { walkText } = await import('../../formats/walk.ts');
  const { explainAt } = await import('../../session/explain.ts');
  const subject = await openSubject(name ?? 'return-sequences', { ...options, shown: true }, commands);
  // The walk goes through everything; a place that does not exist is a mistake all the same.
  startSession(subject, [], options);
  for (const note of subject.notes) process.stderr.write(`lstm-lab: ${printable(note)}\n`);
  const { recording, words, about } = subject;
  await print(
    walkText(recording, {
      words,
      title: about ? `${about.name} · ${about.title}` : recording.model.name,
      explain: (run, sample, call, step) => explainAt(subject, run, sample, call, step),
    }),
  );
  if (name !== undefined) return;
  const entries = presetEntries();
  const rows = table(
    ['preset', 'what it shows'],
    entries.map((entry) => [entry.name, entry.about.title]),
    widthOfText,
  );
  await print(['\nThe presets (lstm-lab PRESET opens one):\n\n', ...rows.map((line) => `${line}\n`)]);
}
