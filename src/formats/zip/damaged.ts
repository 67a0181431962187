import { LabError } from '../../math/lab-error.ts';

export function damaged(what: string): LabError {
  return new LabError({ problem: `the ZIP archive is damaged: ${what}.`, hint: 'copy or download the file again.' });
}
