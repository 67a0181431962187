import { STANDARD_INPUT } from '../formats/read-file.ts';
import { LabError } from '../math/lab-error.ts';
import { Interrupted } from './interrupt.ts';

/** Exit codes, those of sysexits.h where it has one. */
const EXIT = { done: 0, usage: 2, data: 65, missing: 66, bug: 70, io: 74 } as const;

/** What is said on standard error for an error, and the exit code. A user's mistake has no stack; a bug has, and says where to report it. */
export function explainError(error: unknown): { message: string; code: number } {
  // Who asked for it knows; the screen or the shell is where it was.
  if (error instanceof Interrupted) return { message: 'lstm-lab: cancelled', code: error.exitCode };
  if (error instanceof LabError) return { message: `lstm-lab: ${named(error).message}`, code: EXIT[error.kind] };
  const { code, syscall, message, stack } = error as NodeJS.ErrnoException;
  if (code !== undefined && syscall !== undefined) return { message: `lstm-lab: ${message}`, code: EXIT.io };
  return {
    message: `lstm-lab: this is a bug in lstm-lab, please report it with this text: https://github.com/lstm-lab/lstm-lab/issues\n${stack ?? message ?? error}`,
    code: EXIT.bug,
  };
}

/** What a person called - is told by its name, not by its path. */
function named(error: LabError): LabError {
  return error.fields.file === STANDARD_INPUT ? new LabError({ ...error.fields, file: 'standard input' }) : error;
}
