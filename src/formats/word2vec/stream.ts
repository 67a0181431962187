import { open, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { LabError } from '../../math/lab-error.ts';
import { directoryError, fileError } from '../read-file.ts';

/** Word vectors shrink to a third or so; what unpacks to this many bytes and this many times its size was made to keep a reader busy. */
const BOMB_BYTES = 2 ** 26;
const BOMB_RATIO = 200;

/** A file's bytes as they are read, gunzipped where the first two bytes are gzip's. */
export async function* bytesOf(file: string): AsyncGenerator<Buffer> {
  try {
    // A pipe without a writer would wait for ever to be opened.
    const there = await stat(file);
    if (there.isDirectory()) throw directoryError(file);
    if (!there.isFile()) throw new LabError({ file, problem: 'word vectors are read from a file, and this is none.' });
    const handle = await open(file, 'r');
    try {
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
  let packedBytes = 0;
  const packed = Readable.from(counted(all, (bytes) => (packedBytes += bytes)));
  const gunzip = createGunzip();
  packed.on('error', (error) => gunzip.destroy(error));
  try {
    let size = 0;
    for await (const chunk of packed.pipe(gunzip)) {
      size += chunk.length;
      if (size > BOMB_BYTES && size > BOMB_RATIO * packedBytes)
        throw new LabError({
          problem: `the gzip data unpack to more than ${BOMB_RATIO} times their size, which word vectors never do.`,
        });
      yield chunk;
    }
  } finally {
    packed.destroy();
    gunzip.destroy();
  }
}

async function* counted(chunks: AsyncIterable<Buffer>, count: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    count(chunk.length);
    yield chunk;
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
