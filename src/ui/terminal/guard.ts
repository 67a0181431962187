import type { EventEmitter } from 'node:events';
import { writeSync as writeToDescriptor } from 'node:fs';

/** What the guard needs of `process`; tests bring their own. */
type GuardedProcess = Pick<EventEmitter, 'on' | 'off'> & {
  readonly platform: string;
  kill(pid: number, signal: string): unknown;
  exit(code: number): void;
};

export type GuardOptions = {
  /** The terminal that keys come from: `process.stdin`, or `/dev/tty` where standard input is data. */
  readonly stdin: { isRaw?: boolean; setRawMode?(raw: boolean): unknown };
  readonly stdout: { readonly fd: number };
  /** Just before the terminal is given back for good: nothing may draw any more. */
  readonly onRestore?: () => void;
  /** After `fg`: the terminal is the lab's again and empty. */
  readonly onResume?: () => void;
  /** What to tell about an error nobody caught, and the exit code, which is 70 (a bug) unless said otherwise. */
  readonly onFatal?: (error: unknown) => string | { readonly message: string; readonly exitCode: number };
  readonly process?: GuardedProcess;
  readonly writeSync?: (descriptor: number, bytes: Uint8Array) => unknown;
};

export type TerminalGuard = {
  /** Gives the terminal back as it was. Safe to call again. */
  restore(): void;
  /** Ctrl-Z: gives the terminal back and stops; `fg` takes it again. */
  suspend(): void;
  /** Gives the terminal back, says what happened and exits: for an error in render, which Ink hands to its caller. */
  fail(error: unknown): void;
};

// The other screen, no cursor, no wrapping at the right edge, pastes marked as such.
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h\x1b[m\x1b[H\x1b[J';

// Updates shown as they come, mouse and focus reports and marked pastes off, wrapping, the first screen, colours reset
// (after it, as the terminal brings back those it had before), the cursor. The mouse is turned off even though it was
// never turned on: a crash is no time to find out.
const LEAVE =
  '\x1b[?2026l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[?7h\x1b[m\x1b[?1049l\x1b[m\x1b[?25h';

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const STDERR = 2;
const BUG = 70;

/** Takes the terminal, and gives it back as it was however the process ends. */
export function guardTerminal(options: GuardOptions): TerminalGuard {
  const { stdin, stdout, onRestore, onResume, onFatal } = options;
  const guarded = options.process ?? (process as unknown as GuardedProcess);
  const writeSync = options.writeSync ?? writeToDescriptor;
  let taken = false;
  let wasRaw = false;
  let ended = false;

  const enter = () => {
    taken = true;
    write(writeSync, stdout.fd, ENTER);
  };

  const leave = () => {
    if (!taken) return;
    taken = false;
    wasRaw = stdin.isRaw ?? false;
    // Each step happens even if the one before fails: the terminal may be gone.
    attempt(() => stdin.setRawMode?.(false));
    write(writeSync, stdout.fd, LEAVE);
  };

  const restore = () => {
    if (taken) attempt(() => onRestore?.());
    leave();
    ended = true;
    for (const [event, listener] of listeners) guarded.off(event, listener);
  };

  const fail = (error: unknown) => {
    const told = attempt(() => onFatal?.(error)) ?? stackOf(error);
    const { message, exitCode } = typeof told === 'string' ? { message: told, exitCode: BUG } : told;
    restore();
    write(writeSync, STDERR, message.endsWith('\n') ? message : `${message}\n`);
    guarded.exit(exitCode);
  };

  const suspend = () => {
    // There is no job control on Windows.
    if (!taken || guarded.platform === 'win32') return;
    leave();
    guarded.off('SIGTSTP', suspend);
    // The whole job stops, so that what it was started through (npx, a pipe) stops too and the shell takes over.
    guarded.kill(0, 'SIGTSTP');
    // Where no shell could continue it, the system does not stop a process, and it goes on here at once.
    setTimeout(() => {
      if (!taken) resume();
    }, 50).unref();
  };

  const resume = () => {
    if (ended) return;
    guarded.off('SIGTSTP', suspend);
    guarded.on('SIGTSTP', suspend);
    // After SIGSTOP, too, the shell has had the terminal, and its modes are anyone's guess.
    const raw = taken ? (stdin.isRaw ?? false) : wasRaw;
    attempt(() => stdin.setRawMode?.(false));
    if (raw) attempt(() => stdin.setRawMode?.(true));
    enter();
    onResume?.();
  };

  const listeners: (readonly [string, (...values: unknown[]) => void])[] = [
    ...Object.entries(SIGNALS).map(([signal, exitCode]) => {
      const stop = () => {
        restore();
        guarded.exit(exitCode);
      };
      return [signal, stop] as const;
    }),
    ['uncaughtException', fail],
    ['unhandledRejection', fail],
    ['exit', restore],
    ['SIGTSTP', suspend],
    ['SIGCONT', resume],
  ];

  for (const [event, listener] of listeners) guarded.on(event, listener);
  enter();
  return { restore, suspend, fail };
}

/** Writes all of `text` before it returns, if the terminal is still there. */
function write(writeSync: NonNullable<GuardOptions['writeSync']>, descriptor: number, text: string): void {
  let rest: Uint8Array = Buffer.from(text);
  for (let tries = 0; rest.length > 0 && tries < 1000; tries++) {
    try {
      const count = writeSync(descriptor, rest);
      rest = rest.subarray(typeof count === 'number' ? count : rest.length);
    } catch (error) {
      // A descriptor that does not block may be full for a moment; anything else means that nobody is there.
      if ((error as { code?: string }).code !== 'EAGAIN') return;
    }
  }
}

function attempt<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch {
    return undefined;
  }
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
