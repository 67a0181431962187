import { afterEach, beforeEach, vi } from 'vitest';

/** A clock on which every look takes 4 ms, so that a run takes as many pieces on a fast machine as on a slow one. */
export function useSteadyClock(): void {
  beforeEach(() => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      now += 4;
      return now;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
}
