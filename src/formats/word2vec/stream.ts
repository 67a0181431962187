import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { LabError } from '../../math/lab-error.ts';
import { directoryError, fileError } from '../read-file.ts';

/** A file's bytes as they are read, gunzipped where the first two bytes are gzip's. */
export async function* bytesOf(file: string): AsyncGenerator<Buffer> {
  try {
    const handle = await open(file, 'r');
    try {
      if ((await handle.stat()).isDirectory()) throw directoryError(file);
      const stream = handle.createReadStream({ autoClose: false, highWaterMark: 2 ** 18 });
      yield* unpacked(stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw error instanceof LabError ? error : explained(file, error as NodeJS.ErrnoException);
  }
}

async function* unpacked(chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  let start: Buffer = Buffer.alloc(0);
  while (start.length < 2) {
    const { done, value } = await chunks.next();
    if (done) break;
    start = Buffer.concat([start, value]);
  }
  const all = (async function* () {
    if (start.length > 0) yield start;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  })();
  if (start[0] !== 0x1f || start[1] !== 0x8b) {
    yield* all;
    return;
  }
  const packed = Readable.from(all);
  const gunzip = createGunzip();
  packed.on('error', (error) => gunzip.destroy(error));
  try {
    yield* packed.pipe(gunzip);
  } finally {
    packed.destroy();
    gunzip.destroy();
  }
}

function explained(file: string, error: NodeJS.ErrnoException): LabError {
  const { code = '' } = error;
  if (code.startsWith('Z_')) {
    return new LabError({
      file,
      problem: `the gzip data are ${code === 'Z_BUF_ERROR' ? 'cut off' : 'damaged'}.`,
      hint: 'was the download complete?',
    });
  }
  return fileError(file, error);
}
