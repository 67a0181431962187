import { EventEmitter } from 'node:events';
import chalk from 'chalk';
import { render } from 'ink';
import type { Session } from '../session/session.ts';
import { Lines } from './components/lines.tsx';
import { frameLines } from './layouts/frame.ts';
import type { Size } from './layouts/sizes.ts';
import { printableSession } from './printable-session.ts';
import type { Theme } from './theme/theme.ts';

/** One frame as Ink makes it, heatmap cells still as private-use characters: `decodeFrame` turns it into a screen. */
export function renderFrame(session: Session, { columns, rows, theme }: Size & { readonly theme: Theme }): string {
  const frames: string[] = [];
  const stdout = Object.assign(new EventEmitter(), {
    columns,
    rows,
    isTTY: true,
    writable: true,
    write(text: string) {
      frames.push(text);
      return true;
    },
  }) as unknown as NodeJS.WriteStream;
  const stdin = Object.assign(new EventEmitter(), { isTTY: false }) as unknown as NodeJS.ReadStream;
  // Ink colours through chalk, which has one level for everybody.
  const level = chalk.level;
  chalk.level = theme.chalkLevel;
  try {
    const lines = frameLines(printableSession(session), { columns, rows }, theme);
    const instance = render(<Lines lines={lines} theme={theme} />, {
      stdout,
      stdin,
      debug: true,
      patchConsole: false,
      exitOnCtrlC: false,
    });
    const [frame] = frames;
    instance.unmount();
    instance.cleanup();
    return frame ?? '';
  } finally {
    chalk.level = level;
  }
}
