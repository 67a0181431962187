import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWordVectors } from '../../src/formats/word2vec.ts';
import { LabError } from '../../src/math/lab-error.ts';

let place = '';
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'lstm-lab-vectors-'));
});
afterAll(() => rmSync(place, { recursive: true }));

function file(content: string | Buffer, name = 'words.vec'): string {
  const path = join(place, name);
  writeFileSync(path, content);
  return path;
}

type Row = readonly [word: string, ...numbers: number[]];

/** As word2vec.c writes binary files; `newline` false: as gensim did. */
function binary(rows: readonly Row[], newline = true, count = rows.length, dimension = rows[0].length - 1): Buffer {
  const parts = rows.map(([word, ...numbers]) => {
    const floats = Buffer.alloc(4 * numbers.length);
    numbers.forEach((value, at) => {
      floats.writeFloatLE(value, 4 * at);
    });
    return Buffer.concat([Buffer.from(`${word} `), floats, Buffer.from(newline ? '\n' : '')]);
  });
  return Buffer.concat([Buffer.from(`${count} ${dimension}\n`), ...parts]);
}

const plain = async (path: string, words: string[]) => {
  const { dimension, vectors, missing } = await readWordVectors(path, words);
  return { dimension, vectors: Object.fromEntries([...vectors].map(([word, v]) => [word, Array.from(v)])), missing };
};

async function refusal(path: string, words: string[] = ['a']): Promise<LabError> {
  try {
    await readWordVectors(path, words);
  } catch (error) {
    expect(error).toBeInstanceOf(LabError);
    return error as LabError;
  }
  throw new Error('it was accepted');
}

const rows: Row[] = [
  ['the', 0.5, -1, 2],
  ['电影', 1.5, 0, 0.25],
  ['good', -0.125, 3, 10],
  ['the', 9, 9, 9],
];
const text = rows.map((row) => row.join(' ')).join('\n');
const expected = {
  dimension: 3,
  vectors: { the: [0.5, -1, 2], 电影: [1.5, 0, 0.25] },
  missing: ['unputdownable'],
};
const wanted = ['电影', 'unputdownable', 'the'];

describe('word vectors', () => {
  it.each([
    ['text', text],
    ['text with a header line', `4 3\n${text}\n`],
    ['text with spaces at the ends of lines, as fastText writes it', `4 3\n${text.replaceAll('\n', ' \n')} \n`],
    ['text with the line ends of Windows and a mark at its beginning', `\ufeff${text.replaceAll('\n', '\r\n')}\r\n`],
    ['text with tabs', text.replaceAll(' ', '\t')],
    ['text with empty lines at the end', `4 3\n${text}\n\n\n`],
    ['binary', binary(rows)],
    ['binary without line feeds', binary(rows, false)],
    ['gzipped text', gzipSync(`4 3\n${text}\n`)],
    ['gzipped binary', gzipSync(binary(rows))],
  ])('of the words that are asked for are kept, the first of two: %s', async (_, content) => {
    expect(await plain(file(content), wanted)).toEqual(expected);
  });

  it('are recognised by content, whatever the file is called', async () => {
    expect(await plain(file(binary(rows), 'words.txt'), wanted)).toEqual(expected);
    expect(await plain(file(gzipSync(text), 'words.bin'), wanted)).toEqual(expected);
  });

  it('are those of the preset’s own file', async () => {
    const { dimension, vectors, missing } = await readWordVectors(
      'presets/embedding-pretrained.vec',
      new Set(['the', 'movie', 'unputdownable']),
    );
    expect(dimension).toBe(4);
    expect(Array.from(vectors.get('the') ?? [])).toEqual([0.02, -0.11, 0.07, 0.05]);
    expect(Array.from(vectors.get('movie') ?? [])).toEqual([0.61, 0.12, -0.34, 0.2]);
    expect(missing).toEqual(['unputdownable']);
  });

  it('survive a word that is a number, and lines of words with spaces that nobody can ask for', async () => {
    expect(await plain(file('a 1 2\n. . . 3 4\n7 5 6\n'), ['7', '.'])).toEqual({
      dimension: 2,
      vectors: { 7: [5, 6] },
      missing: ['.'],
    });
  });

  it('in binary whose first bytes look like text are still binary', async () => {
    // The float 2.96e-41 begins with the bytes "5\n".
    const [first] = new Float32Array(Uint8Array.from([0x35, 0x0a, 0, 0]).buffer);
    expect(await plain(file(binary([['a', first, 1]])), ['a'])).toEqual({
      dimension: 2,
      vectors: { a: [first, 1] },
      missing: [],
    });
  });

  it('of a word whose bytes are not UTF-8 do not disturb the others', async () => {
    const content = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(' 1 2\na 3 4\n')]);
    expect((await plain(file(content), ['a'])).vectors).toEqual({ a: [3, 4] });
  });

  it('can be none', async () => {
    expect(await plain(file('0 5\n'), ['a'])).toEqual({ dimension: 5, vectors: {}, missing: ['a'] });
  });

  it('are the same from a file that is longer than what is read at once', async () => {
    const many: Row[] = Array.from({ length: 30_000 }, (_, at) => [`w${at}`, at, at / 2, 1 - at, 0.5]);
    const ask = ['w0', 'w13107', 'w29999'];
    const vectors = Object.fromEntries([0, 13107, 29999].map((at) => [`w${at}`, [at, at / 2, 1 - at, 0.5]]));
    for (const content of [many.map((row) => row.join(' ')).join('\n'), binary(many), gzipSync(binary(many, false))])
      expect(await plain(file(content), ask)).toEqual({ dimension: 4, vectors, missing: [] });
  });
});

describe('a file that is wrong', () => {
  it.each([
    ['a 1 2 3\nb 1 2\n', /line 2: every word has 3 numbers, as the first has. Received: 2 after "b"/],
    ['a 1 2 3\nb 1 2 3 4\n', /line 2: every word has 3 numbers.*Received: 4 after "b".*words must not contain spaces/],
    ['2 2\na 1 2\nb 1 2 3\n', /line 3: every word has 2 numbers, as the first line says/],
    ['2 3\na 1 2\nb 1 2\n', /line 2: every word has 3 numbers, as the first line says. Received: 2/],
    ['3 2\na 1 2\nb 1 2\n', /the file ends after 2 of 3 words/],
    ['b 1 2\na 1 x\n', /line 2: number 2 of "a" is not a number. Received: "x"/],
    ['b 1 2\na 1 1e999\n', /line 2: the vector of "a" has a number that is not finite/],
    ['b 1 2\na 1 0x10\n', /line 2: number 2 of "a" is not a number/],
    ['1 20000\n', /line 1: a word has 1 to 10000 numbers. Received: 20000/],
    ['1 0\n', /line 1: a word has 1 to 10000 numbers. Received: 0/],
    ['99999999999 3\na 1 2 3\n', /line 1: a file has at most/],
    [`a ${'1 '.repeat(10_001)}\n`, /line 1: a word has 1 to 10000 numbers. Received: 10001/],
    [`b 1\n${'a'.repeat(1001)} 1\n`, /line 2: a word has at most 1000 bytes/],
    ['', /not a file of word vectors/],
    ['hello\n', /line 1: this is not a file of word vectors/],
    ['{"a": [1, 2]}', /line 1: this is not a file of word vectors/],
    [Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), /line 1: this is not a file of word vectors/],
    [`b 1\n${'1 '.repeat(2_000_000)}`, /not a file of word vectors|every word has 1 numbers/],
    ['x'.repeat(5_000_000), /not a file of word vectors/],
  ])('is refused with its line: %.30j', async (content, message) => {
    const path = file(content);
    const error = await refusal(path);
    expect(error.message).toMatch(message);
    expect(error.fields.file).toBe(path);
    expect(error.kind).toBe('data');
  });

  it.each([
    [
      'cut off in the middle of a vector',
      binary(rows).subarray(0, -9),
      /word 4 of 4: the file ends after 3 of 4 words/,
    ],
    [
      'longer than its first line says',
      binary(rows, true, 3),
      /after word 3: the first line says 3 words of 3 numbers, and the file goes on/,
    ],
    ['with a number that is not finite', binary([['a', Number.NaN, 0x3f]]), /word 1 of 1: the vector of "a"/],
    [
      'with a word that does not end',
      Buffer.concat([Buffer.from('2 3\n'), Buffer.alloc(5000, 0x61), Buffer.from([0, 1])]),
      /word 1 of 2: a word has at most 1000 bytes/,
    ],
    ['gzipped and cut off', gzipSync(text.repeat(50)).subarray(0, 40), /gzip data are cut off/],
    [
      'gzipped and damaged',
      Buffer.concat([gzipSync(text).subarray(0, 12), Buffer.alloc(30, 0xff)]),
      /gzip data are (damaged|cut off)/,
    ],
  ])('binary, %s', async (_, content, message) => {
    expect((await refusal(file(content))).message).toMatch(message);
  });

  it('missing, or a directory', async () => {
    const missing = await refusal(join(place, 'nothing.vec'));
    expect([missing.kind, missing.message]).toEqual(['missing', expect.stringMatching(/there is no such file/)]);
    mkdirSync(join(place, 'folder'));
    const folder = await refusal(join(place, 'folder'));
    expect([folder.kind, folder.message]).toEqual(['missing', expect.stringMatching(/a directory/)]);
  });

  it('that unpacks to a thousand times its size is given up early, though every line is right', async () => {
    const bomb = gzipSync(Buffer.from('word 1 2\n'.repeat(8 * 2 ** 20)), { level: 9 });
    expect((await refusal(file(bomb))).message).toMatch(/unpack to more than 200 times their size/);
  });

  it('that is a device and no file', async () => {
    expect((await refusal('/dev/zero')).message).toMatch(/word vectors are read from a file, and this is none/);
  });

  it('that unpacks to gigabytes in one line is given up early', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20, 0x61));
    expect((await refusal(file(bomb))).message).toMatch(/not a file of word vectors/);
  });
});

describe('any words and numbers', () => {
  const word = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    .filter((text) => !/[\s\u0000-\u001f\ufeff]/u.test(text));
  const float = fc.float({ noNaN: true, noDefaultInfinity: true });
  const table = fc.integer({ min: 1, max: 6 }).chain((dimension) =>
    fc.uniqueArray(fc.tuple(word, fc.array(float, { minLength: dimension, maxLength: dimension })), {
      minLength: 1,
      maxLength: 8,
      selector: ([text]) => text,
    }),
  );

  it('that are written are read again, from text and from binary', async () => {
    await fc.assert(
      fc.asyncProperty(table, fc.boolean(), fc.boolean(), async (entries, asText, zipped) => {
        const list = entries.map(([name, numbers]): Row => [name, ...numbers]);
        const header = `${list.length} ${list[0].length - 1}\n`;
        const content = asText ? Buffer.from(`${header}${list.map((row) => row.join(' ')).join('\n')}`) : binary(list);
        const path = file(zipped ? gzipSync(content) : content);
        const { vectors, missing } = await readWordVectors(path, new Set(entries.map(([name]) => name)));
        expect(missing).toEqual([]);
        for (const [name, numbers] of entries)
          expect(Array.from(vectors.get(name) ?? [])).toEqual(
            numbers.map((value) => (asText && value === 0 ? 0 : value)),
          );
      }),
      { numRuns: 300 },
    );
  });

  it('and random bytes never do more than be refused', async () => {
    const start = fc.constantFrom('', '2 3\n', '1 1\n', 'a 1 2\n', '\u001f\u008b');
    await fc.assert(
      fc.asyncProperty(start, fc.uint8Array({ maxLength: 300 }), async (head, bytes) => {
        try {
          await readWordVectors(file(Buffer.concat([Buffer.from(head, 'latin1'), bytes])), ['a']);
        } catch (error) {
          expect(error).toBeInstanceOf(LabError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
