import { LabError } from '../math/lab-error.ts';

/** Which sample of which batch, counted from 0, and how many there are. */
export interface Place {
  readonly sample: number;
  readonly samples: number;
  readonly batch: number;
  readonly batches: number;
}

/** Work on one sample: what goes wrong says which it was, where there are several; counted from 1, as --sample counts. */
export function placed<T>({ sample, samples, batch, batches }: Place, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    const { fields } = error;
    const path = [
      batches > 1 ? `batch ${batch + 1}` : '',
      samples > 1 ? `sample ${sample + 1}` : '',
      fields.path ?? '',
    ].filter((part) => part !== '');
    throw new LabError({ ...fields, path: path.join(', ') || undefined });
  }
}
