import { EventEmitter } from 'node:events';
import type { Palette } from '../theme/heat.ts';
import { decodeFrame } from './cells.ts';
import type { Grid } from './grid.ts';
import { paint } from './paint.ts';

/** What the screen needs of `process.stdout`. */
type ScreenOutput = Pick<EventEmitter, 'on' | 'off'> & {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
};

export type ScreenOptions = {
  readonly output: ScreenOutput;
  readonly palette: Palette;
  /** Ask the terminal to show each update at once (mode 2026). Terminals that do not know it ignore it. */
  readonly synchronized?: boolean;
};

type ScreenControls = {
  columns: number;
  rows: number;
  /** Paints every cell again, for a terminal that something else has written on. */
  redraw(): void;
  setPalette(palette: Palette): void;
  /** What is on screen, if anything has been drawn. */
  grid(): Grid | undefined;
  /** Ignores every later write. Leaves the terminal as it is: that is the guard's work. */
  close(): void;
};

/**
 * For `render(app, { stdout: screen, debug: true })`: there Ink writes each frame as a whole. Emits `resize`, and `broken`
 * with the error once the output is gone (a closed terminal or pipe).
 */
export type Screen = NodeJS.WriteStream & ScreenControls;

const SHOW_AT_ONCE = ['\x1b[?2026h', '\x1b[?2026l'] as const;

export function createScreen({ output, palette, synchronized = true }: ScreenOptions): Screen {
  const [begin, end] = synchronized ? SHOW_AT_ONCE : ['', ''];
  let frame: string | undefined;
  let shown: Grid | undefined;
  let closed = false;
  // While the terminal has not taken the last update, only the newest frame is kept.
  let blocked = false;

  const fail = (error: unknown) => {
    if (closed) return;
    screen.close();
    screen.emit('broken', error);
  };

  const update = () => {
    if (closed || blocked || frame === undefined) return;
    const next = decodeFrame(frame, { columns: screen.columns, rows: screen.rows, palette });
    const changes = paint(next, shown);
    shown = next;
    if (changes === '') return;
    try {
      blocked = output.write(begin + changes + end) === false;
    } catch (error) {
      fail(error);
    }
  };

  const onDrain = () => {
    blocked = false;
    update();
  };

  const onResize = () => {
    [screen.columns, screen.rows] = sizeOf(output);
    shown = undefined;
    screen.emit('resize');
    // Nobody drew for the new size: show what there is.
    if (!shown) update();
  };

  const [columns, rows] = sizeOf(output);
  const controls: ScreenControls = {
    columns,
    rows,
    redraw() {
      shown = undefined;
      update();
    },
    setPalette(chosen) {
      palette = chosen;
      update();
    },
    grid: () => shown,
    close() {
      closed = true;
      output.off('resize', onResize);
      output.off('drain', onDrain);
      // The error listener stays: a write that is still under way may fail after this.
    },
  };

  const screen = Object.assign(new EventEmitter(), controls, {
    isTTY: true,
    writable: true,
    write(text: unknown, encoding?: unknown, callback?: unknown): boolean {
      const done = typeof encoding === 'function' ? encoding : callback;
      if (!closed && typeof text === 'string' && isFrame(text)) {
        frame = text;
        update();
      }
      if (typeof done === 'function') process.nextTick(done as () => void);
      return true;
    },
  });
  screen.setMaxListeners(0);
  output.on('resize', onResize);
  output.on('drain', onDrain);
  output.on('error', fail);
  return screen as unknown as Screen;
}

// Ink also writes nothing, as a barrier, and lone sequences, such as the one that shows the cursor.
const isFrame = (text: string): boolean => !/^(?:\x1b\[[0-?]*[ -/]*[@-~])*$/.test(text);

const sizeOf = ({ columns, rows }: ScreenOutput): [number, number] => [columns || 80, rows || 24];
