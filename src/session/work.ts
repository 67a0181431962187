/** Something that takes longer than a key does. */
export interface Work {
  /** `opening mine.keras`, `computing`. */
  readonly text: string;
  readonly progress: Progress | null;
  /** It goes on behind the screen and is in nobody's way: Escape goes back first, and gives it up where there is no way back. */
  readonly isBehind?: boolean;
}

export interface Progress {
  readonly done: number;
  readonly total: number;
  /** What is counted: `timesteps`. */
  readonly unit: string;
  /** Null until there is something to tell it from. */
  readonly secondsLeft: number | null;
}

/** What is shorter is not worth a word. */
export const NOTICED_MS = 500;

/** `computing 12,345 of 100,000 timesteps · 14 s left` */
export function workText({ text, progress }: Work): string {
  if (progress === null) return `${text} …`;
  const { done, total, unit, secondsLeft } = progress;
  const count = (number: number) => number.toLocaleString('en');
  const left = secondsLeft === null ? '' : ` · ${secondsText(secondsLeft)} left`;
  return `${text} ${count(done)} of ${count(total)} ${unit}${left}`;
}

/** `14 s`, `2 min 5 s`, `1 h 12 min` */
function secondsText(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Tells how long it will take from how long it took so far. Times are in milliseconds. */
export function meter(unit: string, now: () => number): (done: number, total: number) => Progress {
  const start = now();
  return (done, total) => {
    const passed = now() - start;
    const isKnown = done > 0 && passed >= NOTICED_MS / 2;
    return { done, total, unit, secondsLeft: isKnown ? ((passed / done) * (total - done)) / 1000 : null };
  };
}

/** What does the work is given this: where it tells how far it is, and what it is given up with. */
export interface Task {
  readonly signal: AbortSignal;
  onWork(work: Work): void;
}
