import { LabError } from '../../math/lab-error.ts';
import { overviewBytes } from './overview.ts';

/** What is kept of a run of which not all can be. */
export interface Sizes {
  /** Timesteps between two checkpoints, which are computed at once. */
  readonly window: number;
  /** Windows of a block of the overviews: as many as it takes, up to one block for the whole run. */
  readonly block: number;
}

/** One call that is computed window by window. */
export interface Windowed {
  readonly name: string;
  readonly timesteps: number;
  /** Numbers of a state; 0 where the call carries none. */
  readonly state: number;
  /** Rows and width of each quantity. */
  readonly quantities: readonly (readonly number[])[];
  readonly bytes: number;
  /** How long a timestep takes, roughly. */
  readonly seconds: number;
}

/** Checkpoints, overviews and windows share the memory: an eighth, a fifth and a sixteenth; the rest is for what computes. */
const [CHECKPOINTS, OVERVIEWS] = [1 / 8, 1 / 5];
export const CACHE_SHARE = 1 / 16;

/** As long as a window takes, so that a jump feels instant. */
const WINDOW_SECONDS = 0.015;
const [LEAST, MOST] = [2, 64];

/** For `samples` samples alike: how far apart checkpoints are, and how large overviews, so that they fit. Throws a LabError where nothing does. */
export function sizesFor(calls: readonly Windowed[], memory: number, samples: number): Sizes {
  const longest = Math.max(1, ...calls.map(({ timesteps }) => timesteps));
  const seconds = calls.reduce((sum, call) => sum + call.seconds, 0);
  const wanted = Math.min(MOST, Math.sqrt(longest), WINDOW_SECONDS / Math.max(seconds, 1e-9));
  let window = LEAST;
  while (2 * window <= wanted) window *= 2;
  const checkpoints = (steps: number) =>
    samples * calls.reduce((sum, call) => sum + (Math.ceil(call.timesteps / steps) - 1) * call.state * call.bytes, 0);
  while (window < longest && checkpoints(window) > memory * CHECKPOINTS) window *= 2;
  // A window is computed as a whole, and so are those that it needs.
  const windowBytes = calls.reduce(
    (sum, call) => sum + Math.min(window, call.timesteps) * (numbersOf(call) / call.timesteps) * call.bytes,
    0,
  );
  if (windowBytes + checkpoints(window) > memory && window > LEAST) throw tooLarge(windowBytes + checkpoints(window));
  const overviews = (block: number) =>
    samples *
    calls.reduce(
      (sum, call) =>
        sum +
        call.quantities.reduce((all, shape) => {
          const rows = (shape[0] / call.timesteps) * block * window;
          return all + overviewBytes(shape, rows, call.bytes);
        }, 0),
      0,
    );
  let block = 1;
  while (block * window < longest && overviews(block) > memory * OVERVIEWS) block *= 2;
  return { window, block };
}

function numbersOf({ quantities }: Windowed): number {
  return quantities.reduce((sum, [rows, width]) => sum + rows * width, 0);
}

function tooLarge(bytes: number): LabError {
  return new LabError({
    path: 'input',
    problem:
      'even what is kept of so long a run to compute parts of it again does not fit into the memory that it may take.',
    received: `${Math.ceil(bytes / 2 ** 20)} MB`,
    hint: 'give more with --memory (MB), or fewer timesteps.',
  });
}
