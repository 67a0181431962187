import { parseDocument } from 'yaml';
import { LabError } from '../../math/lab-error.ts';

/** What Keras 1 and 2's to_yaml() wrote. Python's own tags, as of tuples, are read for what they hold; nothing is made of them. */
export function parseYaml(text: string): unknown {
  try {
    const document = parseDocument(text, { logLevel: 'silent', prettyErrors: true });
    const [error] = document.errors;
    if (error !== undefined)
      throw new LabError({
        path: error.linePos ? `line ${error.linePos[0].line}` : undefined,
        problem: 'this is neither JSON nor YAML.',
        received: error.message.split('\n')[0],
      });
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    if (cause instanceof LabError) throw cause;
    throw new LabError({
      problem: cause instanceof RangeError ? 'the YAML is nested too deeply.' : 'the YAML cannot be read.',
      received: cause instanceof RangeError ? undefined : (cause as Error).message,
    });
  }
}
