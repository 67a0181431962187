import { statSync } from 'node:fs';
import { NOTICED_MS, type Task, type Work, workText } from '../session/work.ts';

/** Files from this size on take over half a second to open. */
const LARGE_BYTES = 24 * 2 ** 20;

/** So often a line that moves is written anew. */
const BETWEEN_MS = 100;

/** A line on standard error that says what is being done and how far it is. Where that is no terminal, nothing is said. */
export interface ProgressLine {
  /** Says it, if it has been under way for long enough to be noticed; `now`: in any case. */
  say(work: Work, now?: 'now'): void;
  /** Takes the line away. */
  end(): void;
}

export function progressLine(output: NodeJS.WriteStream = process.stderr): ProgressLine {
  let next = performance.now() + NOTICED_MS;
  let isShown = false;
  return {
    say(work, now) {
      const time = performance.now();
      if (!output.isTTY || (time < next && now === undefined)) return;
      next = time + BETWEEN_MS;
      isShown = true;
      const line = `lstm-lab: ${workText(work)} · Ctrl-C cancels`;
      output.write(`\r${line.slice(0, (output.columns || 80) - 1)}\x1b[K`);
    },
    end() {
      if (isShown) output.write('\r\x1b[K');
      isShown = false;
    },
  };
}

/** Runs work and says what is being done. `seconds` is how long it may take, for what cannot tell how far it is until it is done. */
export type Telling = <T>(text: string, seconds: number, work: (task: Task) => Promise<T>) => Promise<T>;

/** Says it on standard error, where that is a terminal. */
export function tellingPerson(signal: AbortSignal = new AbortController().signal): Telling {
  return async (text, seconds, work) => {
    const line = progressLine();
    if (seconds * 1000 >= NOTICED_MS) line.say({ text, progress: null }, 'now');
    try {
      return await begun(seconds, { signal, onWork: (said) => line.say(said) }, work);
    } finally {
      line.end();
    }
  };
}

/** Says it to whoever gave the task. */
export function tellingTask(task: Task): Telling {
  return (text, seconds, work) => {
    if (seconds * 1000 >= NOTICED_MS) task.onWork({ text, progress: null });
    return begun(seconds, task, work);
  };
}

async function begun<T>(seconds: number, task: Task, work: (task: Task) => Promise<T>): Promise<T> {
  // What follows may keep the process busy: the words go out first, and a key that cancels comes in.
  if (seconds * 1000 >= NOTICED_MS) await new Promise((resolve) => setImmediate(resolve));
  task.signal.throwIfAborted();
  return work(task);
}

/** How long opening a file may take, in seconds: only a large one takes noticeably. */
export function openingSeconds(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return size < LARGE_BYTES ? 0 : size / LARGE_BYTES / 2;
}
