import { LabError } from '../../math/lab-error.ts';
import { parseJson } from '../read-file.ts';

/** JSON inside another file: an attribute, or a member of an archive. An error names the place there. */
export function innerJson(text: string, place: string): unknown {
  try {
    return parseJson(text, place);
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    const { path, ...fields } = error.fields;
    throw new LabError({ ...fields, file: undefined, path: [place, path].filter(Boolean).join(', ') });
  }
}
