import { open } from 'node:fs/promises';
import { LabError } from '../math/lab-error.ts';

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
  } catch (error) {
    const message = (error as Error).message;
    const position = /position (\d+)/.exec(message);
    const before = position ? text.slice(0, Number(position[1])).split('\n') : undefined;
    const end = /end of JSON/.test(message);
    throw new LabError({
      file,
      path: before ? `line ${before.length}, column ${before[before.length - 1].length + 1}` : undefined,
      problem: text.trim() === '' ? 'the file is empty, and JSON is wanted.' : 'this is not JSON.',
      received:
        text.trim() === '' ? undefined : end ? 'the end of the file' : message.replace(/ in JSON at position.*$/, ''),
      hint: /[{[]\s*'|,\s*[}\]]/.test(text.slice(0, 10_000))
        ? 'JSON wants double quotes and no comma before } or ].'
        : undefined,
    });
  }
}
