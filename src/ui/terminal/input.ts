import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createKeySplitter, type InputToken } from './keys.ts';

/** What the filter needs of `process.stdin`, or of a `ReadStream` on `/dev/tty`. */
export type InputSource = Pick<Readable, 'on' | 'off' | 'pause'> & {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
  ref?(): unknown;
  unref?(): unknown;
};

/** A standard input for Ink that has keys only, one for each `read()`. Emits `paste` with the text of a paste. */
export type FilteredInput = NodeJS.ReadStream;

// How long the rest of a sequence may take. Escape is a key of its own, so a person waits for this one.
const PATIENCE = { escape: 40, sequence: 150, paste: 1000 } as const;

/** Keys of `source` without mouse and focus reports, replies of the terminal, garbage, and pasted text. */
export function filterInput(source: InputSource): FilteredInput {
  const decoder = new StringDecoder('utf8');
  const splitter = createKeySplitter();
  const queue: InputToken[] = [];
  let started = false;
  let pasting = false;
  let timer: NodeJS.Timeout | undefined;

  const deliver = (tokens: readonly InputToken[]) => {
    queue.push(...tokens);
    while (queue.length > 0 && !pasting) {
      const token = queue.shift()!;
      if ('key' in token) filtered.push(token.key);
      else {
        // Ink reads keys a moment later: let it have those before the paste first, and hold back those after it.
        pasting = true;
        setImmediate(() => {
          pasting = false;
          filtered.emit('paste', token.paste);
          deliver([]);
        });
      }
    }
  };

  const onData = (chunk: Buffer | string) => {
    clearTimeout(timer);
    deliver(splitter.push(typeof chunk === 'string' ? chunk : decoder.write(chunk)));
    const awaited = splitter.pending();
    if (awaited) timer = setTimeout(() => deliver(splitter.flush()), PATIENCE[awaited]);
  };

  const onEnd = () => {
    stop();
    deliver(splitter.flush());
    // After a paste that is still to be delivered.
    setImmediate(() => filtered.push(null));
  };

  const stop = () => {
    clearTimeout(timer);
    source.off('data', onData);
    source.off('end', onEnd);
    if (started) source.pause();
  };

  const filtered = new Readable({
    // Objects stay apart, where bytes would be joined: one key, one read.
    objectMode: true,
    highWaterMark: Number.MAX_SAFE_INTEGER,
    read() {
      if (started) return;
      started = true;
      source.on('data', onData);
      source.on('end', onEnd);
      // A terminal that is gone has no more keys. The listener stays, as this may come late.
      source.on('error', onEnd);
    },
    destroy(error, done) {
      stop();
      done(error);
    },
  });
  return Object.assign(filtered, {
    isTTY: source.isTTY ?? false,
    setRawMode(raw: boolean) {
      source.setRawMode?.(raw);
      return filtered;
    },
    // Keys are text already.
    setEncoding: () => filtered,
    ref() {
      source.ref?.();
      return filtered;
    },
    unref() {
      source.unref?.();
      return filtered;
    },
  }) as unknown as FilteredInput;
}
