const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** A person, or the system, has asked the program to stop. */
export class Interrupted extends Error {
  constructor(readonly exitCode: number) {
    super('interrupted');
  }
}

/**
 * Runs work that Ctrl-C, SIGTERM and a terminal that goes away (SIGHUP) give up: its signal is aborted with an Interrupted, and what is half written is
 * taken away on the way out. For what lets the process breathe now and then; anything else is ended by the system as ever.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const listeners = Object.entries(CODES).map(([name, code]) => {
    const listener = () => controller.abort(new Interrupted(code));
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  try {
    return await work(controller.signal);
  } finally {
    for (const remove of listeners) remove();
  }
}
