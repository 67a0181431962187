import { open } from 'node:fs/promises';
import { LabError, quote } from '../math/lab-error.ts';

/** A file's bytes, at most `limit` of them. A missing file, a directory and one that is too large are said as such. */
export async function readBounded(file: string, limit: number): Promise<Buffer> {
  try {
    const handle = await open(file, 'r');
    try {
      const stat = await handle.stat();
      if (stat.isDirectory())
        throw new LabError({ file, kind: 'missing', problem: 'this is a directory, and a file is wanted.' });
      if (stat.size > limit) {
        throw new LabError({
          file,
          problem: `the file is larger than ${megabytes(limit)}.`,
          received: megabytes(stat.size),
          hint: 'is it the right file?',
        });
      }
      // A pipe or a device has no size: it is read up to the limit, never further.
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of handle.createReadStream({ autoClose: false })) {
        size += chunk.length;
        if (size > limit) throw new LabError({ file, problem: `the file is larger than ${megabytes(limit)}.` });
        chunks.push(chunk as Buffer);
      }
      return Buffer.concat(chunks);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw error instanceof LabError ? error : systemError(file, error as NodeJS.ErrnoException);
  }
}

function systemError(file: string, error: NodeJS.ErrnoException): LabError {
  const problems: Record<string, string> = {
    ENOENT: 'there is no such file.',
    ENOTDIR: 'there is no such file.',
    EISDIR: 'this is a directory, and a file is wanted.',
    EACCES: 'the file may not be read.',
    EPERM: 'the file may not be read.',
    ENAMETOOLONG: 'the name is too long for a file.',
  };
  return new LabError({
    file,
    kind: 'missing',
    problem: problems[error.code ?? ''] ?? `the file cannot be read (${error.message}).`,
  });
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1).replace(/\.0$/, '')} MB`;
}

/** JSON text as a value; an error names line and column. */
export function parseJson(bytes: Buffer, file: string): unknown {
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  try {
    return JSON.parse(text);
  } catch {
    if (text.trim() === '') throw new LabError({ file, problem: 'the file is empty, and JSON is wanted.' });
    const at = jsonErrorAt(text);
    const before = text.slice(0, at).split('\n');
    throw new LabError({
      file,
      path: `line ${before.length}, column ${before[before.length - 1].length + 1}`,
      problem: 'this is not JSON.',
      received: at >= text.length ? 'the end of the file' : quote(text.slice(at, at + 20)),
      hint: /['}\]]/.test(text[at] ?? '') ? 'JSON wants double quotes, and no comma before } or ].' : undefined,
    });
  }
}

/** Where JSON stops being JSON: V8 does not always say, so it is searched for as the shortest beginning that is wrong before its own end. */
function jsonErrorAt(text: string): number {
  const isWrongBeforeEnd = (length: number) => {
    try {
      JSON.parse(text.slice(0, length));
      return false;
    } catch (error) {
      const { message } = error as Error;
      const position = /position (\d+)/.exec(message)?.[1];
      return !/end of JSON input|Unterminated/.test(message) && Number(position) !== length;
    }
  };
  let right = 0;
  let wrong = text.length + 1;
  while (wrong - right > 1) {
    const middle = (right + wrong) >> 1;
    if (isWrongBeforeEnd(middle)) wrong = middle;
    else right = middle;
  }
  return Math.min(right, text.length);
}
