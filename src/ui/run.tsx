import chalk from 'chalk';
import { render } from 'ink';
import { reduce } from '../session/reduce.ts';
import type { Session, Subject } from '../session/session.ts';
import { createStore } from '../session/store.ts';
import type { Task } from '../session/work.ts';
import { App } from './app.tsx';
import { performer } from './perform.ts';
import { startPlayback } from './playback.ts';
import { press } from './press.ts';
import { printableSession } from './printable-session.ts';
import { type Checker, startChecking } from './resting.ts';
import { type GuardOptions, guardTerminal } from './terminal/guard.ts';
import { filterInput, type InputSource } from './terminal/input.ts';
import { createScreen, type ScreenOptions } from './terminal/screen.ts';
import type { Theme } from './theme/theme.ts';

export interface LabOptions {
  readonly session: Session;
  /** Where keys come from: standard input, or the terminal itself where standard input is data. */
  readonly stdin: InputSource & GuardOptions['stdin'];
  readonly stdout: ScreenOptions['output'] & GuardOptions['stdout'];
  readonly theme: Theme;
  openPreset(name: string, task: Task): Promise<Subject>;
  /** Writes the trace and says where it is. */
  exportTrace?(subject: Subject, task: Task): Promise<string>;
  /** Holds a step against its equations when the cursor rests on it. */
  readonly check?: Checker;
  /** What to say about an error nobody expected, and the exit code. */
  readonly onFatal?: GuardOptions['onFatal'];
  readonly process?: GuardOptions['process'];
}

/** Runs the lab on a terminal until the person quits; the terminal is then as it was. Returns the exit code. */
export async function runLab(options: LabOptions): Promise<number> {
  const { stdin, stdout, theme } = options;
  chalk.level = theme.chalkLevel;
  const store = createStore(printableSession(options.session), reduce);
  const input = filterInput(stdin);
  const screen = createScreen({ output: stdout, palette: theme });
  const guard = guardTerminal({
    stdin,
    stdout,
    onRestore: () => screen.close(),
    onResume: () => screen.redraw(),
    onFatal: options.onFatal,
    process: options.process,
  });
  const stopPlayback = startPlayback(store);
  let quit = (_: number) => {};
  const left = new Promise<number>((resolve) => {
    quit = resolve;
  });
  const { perform, stop } = performer({ ...options, store, screen, guard, quit });
  const onKey = (key: string) => perform(press(store.get(), key));

  const app = render(<App store={store} theme={theme} onKey={onKey} />, {
    stdout: screen,
    stdin: input,
    debug: true,
    patchConsole: false,
    exitOnCtrlC: false,
  });
  // An exception inside a component ends Ink, and it is told here.
  const failed = app.waitUntilExit().then(
    () => new Promise<never>(() => {}),
    (error) => {
      guard.fail(error);
      return 70;
    },
  );
  // Behind the first frame, which it is not to hold up.
  const stopChecking = options.check ? startChecking(store, options.check) : () => {};
  input.on('paste', (text: string) => store.dispatch({ type: 'typed', text: text.split('\n')[0] }));
  // Nobody is there any more.
  input.on('end', () => quit(0));
  screen.on('broken', () => quit(74));

  const code = await Promise.race([left, failed]);
  stopPlayback();
  stopChecking();
  stop();
  guard.restore();
  app.unmount();
  input.destroy();
  return code;
}
