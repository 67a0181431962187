import { statSync } from 'node:fs';

/** Files from this size on take over half a second to open. */
const LARGE_BYTES = 24 * 2 ** 20;

/** Says on a terminal what is being done while it lasts; `seconds` is how long it may take, and what is over within half a second is not said. */
export async function telling<T>(text: string, seconds: number, work: () => Promise<T>): Promise<T> {
  if (seconds < 0.5 || !process.stderr.isTTY) return work();
  process.stderr.write(`lstm-lab: ${text} …`);
  try {
    // What follows may keep the process busy: the words go out first.
    await new Promise((resolve) => setImmediate(resolve));
    return await work();
  } finally {
    process.stderr.write('\r\x1b[K');
  }
}

/** How long opening a file may take, in seconds: only a large one takes noticeably. */
export function openingSeconds(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return size < LARGE_BYTES ? 0 : size / LARGE_BYTES / 2;
}
