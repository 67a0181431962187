import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { Box, render, Text, useInput } from 'ink';
import { createElement, Fragment } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { filterInput } from '../../src/ui/terminal/input.ts';
import { createKeySplitter, type InputToken } from '../../src/ui/terminal/keys.ts';
import { createScreen } from '../../src/ui/terminal/screen.ts';
import { headlessTerminal } from './headless.ts';

const text = (token: InputToken) => ('key' in token ? token.key : { paste: token.paste });
/** Tokens of `sent`, if nothing more comes after it. */
function tokens(...sent: string[]) {
  const splitter = createKeySplitter();
  return [...sent.flatMap((part) => splitter.push(part)), ...splitter.flush()].map(text);
}

describe('keys', () => {
  it.each([
    ['letters, one by one', 'abé日😀', ['a', 'b', 'é', '日', '😀']],
    ['arrows', '\x1b[A\x1b[B\x1bOC\x1b[1;5D', ['\x1b[A', '\x1b[B', '\x1bOC', '\x1b[1;5D']],
    ['Home, End, PgUp, Delete', '\x1b[H\x1b[4~\x1b[5~\x1b[3~', ['\x1b[H', '\x1b[4~', '\x1b[5~', '\x1b[3~']],
    [
      'function keys',
      '\x1bOP\x1b[[A\x1b[15~\x1b[1;2R\x1b[[5~',
      ['\x1bOP', '\x1b[[A', '\x1b[15~', '\x1b[1;2R', '\x1b[[5~'],
    ],
    ['Shift-Tab, Tab, Return, Backspace', '\x1b[Z\t\r\x7f', ['\x1b[Z', '\t', '\r', '\x7f']],
    ['Ctrl-C and Ctrl-Z', '\x03\x1a', ['\x03', '\x1a']],
    ['Alt and a letter', '\x1bx\x1bé', ['\x1bx', '\x1bé']],
    ['Alt-Return', '\x1b\r', ['\x1b\r']],
    ['Escape', '\x1b', ['\x1b']],
    ['Escape twice', '\x1b\x1b', ['\x1b', '\x1b']],
    ['Alt-[', '\x1b[', ['\x1b[']],
    ['Alt-O', '\x1bO', ['\x1bO']],
    ['Alt-P, where a string could have begun', '\x1bP', ['\x1bP']],
    ['keys in kitty’s form', '\x1b[97;5u', ['\x1b[97;5u']],
  ])('pass: %s', (_, sent, keys) => {
    expect(tokens(sent)).toEqual(keys);
  });

  it.each([
    ['mouse reports', '\x1b[<0;12;7M\x1b[<0;12;7m\x1b[M !!\x1b[32;5;6M'],
    ['focus reports', '\x1b[I\x1b[O'],
    ['device attributes', '\x1b[?62;22c\x1b[>41;354;0c'],
    ['cursor and status reports', '\x1b[12;40R\x1b[0n\x1b[?2026;2$y\x1b[8;24;80t\x1b[?1u'],
    ['colour and title replies', '\x1b]11;rgb:0000/0000/0000\x1b\\\x1b]10;rgb:ffff/ffff/ffff\x07\x1b]ltitle\x1b\\'],
    ['capability and version replies', '\x1bP1+r544e=787465\x1b\\\x1bP>|xterm(388)\x1b\\\x1b_Gi=31;OK\x1b\\'],
    ['zero bytes and broken characters', '\0\ufffd\x9b\x85'],
    ['the end of a paste that never began', '\x1b[201~'],
  ])('do not pass: %s', (_, sent) => {
    expect(tokens(sent)).toEqual([]);
    expect(tokens(`a${sent}b`)).toEqual(['a', 'b']);
  });

  it('still pass after a reply that was cut short', () => {
    expect(tokens('\x1b]11;rgb:00\rq')).toEqual(['\r', 'q']);
    expect(tokens('\x1b[<0;3\x03q')).toEqual(['\x03', 'q']);
    expect(tokens('\x1bPabc\x1b[Aq')).toEqual(['\x1b[A', 'q']);
    expect(tokens('\x1b]' + 'x'.repeat(9000)).length).toBeLessThan(9000);
  });
});

describe('a paste', () => {
  it('is one piece of text, not keys', () => {
    expect(tokens('a\x1b[200~q\r\nline\rtwo\x1b[201~b')).toEqual(['a', { paste: 'q\nline\ntwo' }, 'b']);
  });

  it('cannot hide keys or sequences', () => {
    expect(tokens('\x1b[200~x\x1b[Ay\x1b[31mz\x03\x1b\x9b\ttab\x1b[201~')).toEqual([{ paste: 'xyz\ttab' }]);
  });

  it('whose end is lost is delivered when nothing more comes', () => {
    expect(tokens('\x1b[200~abc\x1b[20')).toEqual([{ paste: 'abc' }]);
  });
});

const piece = fc.oneof(
  fc.constantFrom(
    ...['a', 'q', 'é', '日', '😀', '\x1b', '\x1b\x1b', '\x1b[A', '\x1bOP', '\x1b[1;5C', '\x1bx', '\r', '\x03', '\0'],
    ...['\x1b[<0;1;2M', '\x1b[M !!', '\x1b[I', '\x1b]11;rgb:0/0/0\x1b\\', '\x1bP>|x\x1b\\', '\x1b[?1;2c', '\x1b[12;3R'],
    ...['\x1b[200~', '\x1b[201~', '\x1b[200~pasted\r\x1b[201~', '\x1b[', '\x1b]', '\x1bP', ';', '~', '['],
  ),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const stream = fc.array(piece, { maxLength: 30 }).map((pieces) => Buffer.from(pieces.join('')));
const garbage = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));

function cut(bytes: Buffer, at: number[]): Buffer[] {
  const places = [...new Set(at.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length));
}

describe('input', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => vi.useRealTimers());

  /** What arrives when these chunks come in quick succession, and then nothing. */
  async function receive(chunks: readonly (Buffer | string)[]) {
    const source = new PassThrough();
    const input = filterInput(source);
    const received: unknown[] = [];
    input.on('paste', (pasted) => received.push({ paste: pasted }));
    input.on('readable', () => {
      for (let key = input.read(); key !== null; key = input.read()) received.push(key);
    });
    for (const chunk of chunks) source.write(chunk);
    for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < 3; i++) {
      vi.advanceTimersByTime(2000);
      for (let j = 0; j < 4; j++) await new Promise((resolve) => setImmediate(resolve));
    }
    input.destroy();
    return received;
  }

  it('is the same however it was cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(stream, garbage), fc.array(fc.nat(), { maxLength: 12 }), async (bytes, places) => {
        expect(await receive(cut(bytes, places))).toEqual(await receive([bytes]));
      }),
      { numRuns: 300 },
    );
  });

  it('of any bytes never fails, and never lets a report or a control sequence for the mouse through', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(stream, garbage), async (bytes) => {
        for (const got of await receive([bytes])) {
          if (typeof got === 'object')
            expect((got as { paste: string }).paste).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
          else expect(got).toMatch(/^(?:\x1b|(?:\x1b)?[^\x1b]|\x1b[[O][^<?>IM]*)$/u);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the order of keys and pastes', async () => {
    expect(await receive(['ab\x1b[200~x\x1b[201~c\x1b[200~y\x1b[201~', 'd'])).toEqual([
      ...['a', 'b', { paste: 'x' }, 'c', { paste: 'y' }, 'd'],
    ]);
  });

  it('waits for the rest of a sequence, but not for ever', async () => {
    const source = new PassThrough();
    const input = filterInput(source);
    const keys: string[] = [];
    input.on('data', (key) => keys.push(String(key)));
    const tick = () => new Promise((resolve) => setImmediate(resolve));
    await tick();
    source.write('\x1b');
    await tick();
    vi.advanceTimersByTime(20);
    await tick();
    expect(keys).toEqual([]);
    source.write('[A\x1b');
    await tick();
    expect(keys).toEqual(['\x1b[A']);
    vi.advanceTimersByTime(60);
    await tick();
    expect(keys).toEqual(['\x1b[A', '\x1b']);
  });

  it('hands raw mode and references on to the terminal', () => {
    const calls: string[] = [];
    const source = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: (raw: boolean) => calls.push(`raw ${raw}`),
      ref: () => calls.push('ref'),
      unref: () => calls.push('unref'),
    });
    const input = filterInput(source);
    expect(input.isTTY).toBe(true);
    expect(input.setRawMode(true).ref().unref().setEncoding('utf8')).toBe(input);
    expect(calls).toEqual(['raw true', 'ref', 'unref']);
  });

  it('ends with the terminal, also when that fails', async () => {
    vi.useRealTimers();
    for (const end of [
      (source: PassThrough) => source.end('a\x1b'),
      (source: PassThrough) => source.destroy(new Error('EIO')),
    ]) {
      const source = new PassThrough();
      const input = filterInput(source);
      const ended = new Promise((resolve) => input.on('end', resolve));
      input.resume();
      end(source);
      await ended;
    }
  });
});

describe('Ink', () => {
  it('with the filter and the screen gets each key alone, and draws what follows', async () => {
    const source = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: () => {},
      ref: () => {},
      unref: () => {},
    });
    const device = headlessTerminal(40, 5);
    const screen = createScreen({
      output: device.output,
      palette: { depth: 'none', background: 'dark', ascii: false },
    });
    const seen: string[] = [];
    function App() {
      useInput((input, key) => {
        seen.push(key.rightArrow ? 'right' : key.escape ? 'escape' : key.return ? 'return' : input);
        again();
      });
      return createElement(
        Box,
        { borderStyle: 'round', width: 40 },
        createElement(Text, null, `keys: ${seen.join(' ')}`),
      );
    }
    const app = render(createElement(App), {
      stdout: screen,
      stdin: filterInput(source),
      debug: true,
      patchConsole: false,
      exitOnCtrlC: false,
    });
    const again = () => app.rerender(createElement(Fragment, null, createElement(App)));
    const soon = () => new Promise((resolve) => setTimeout(resolve, 120));
    await soon();
    source.write('ab\x1b[C\x1b[<0;3;4M\x1b[I');
    await soon();
    source.write('\x1b');
    await soon();
    source.write('\r');
    await soon();
    expect(seen).toEqual(['a', 'b', 'right', 'escape', 'return']);
    await device.settle();
    expect(device.grid().chars.join('')).toContain('│keys: a b right escape return');
    app.unmount();
    await app.waitUntilExit();
    await device.settle();
    expect(device.grid().chars.join('')).toContain('escape return');
  });
});
