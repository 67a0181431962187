import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { decodeFrame, type Grid, gridToText } from '../../src/ui/terminal/cells.ts';
import { hasCertainWidth } from '../../src/ui/terminal/clusters.ts';
import { createScreen, type Screen } from '../../src/ui/terminal/screen.ts';
import { heatCell, heatNotComputed, type Palette } from '../../src/ui/theme/heat.ts';
import { type EmojiWidths, headlessTerminal, seen } from './headless.ts';

const truecolour: Palette = { depth: 'truecolor', background: 'dark', ascii: false };
const palettes: Palette[] = [
  truecolour,
  { ...truecolour, depth: '256' },
  { ...truecolour, depth: '16' },
  { ...truecolour, depth: 'none', ascii: true },
];

const decode = (frame: string, screen: Screen, palette: Palette) =>
  decodeFrame(frame, { columns: screen.columns, rows: screen.rows, palette });

const styleCode = fc.constantFrom(
  '0',
  '1',
  '2',
  '22',
  '3',
  '4',
  '24',
  '7',
  '27',
  '9',
  '31',
  '39',
  '97',
  '38;5;100',
  '38;2;9;8;7',
  '41',
  '49',
  '48;5;30',
  '48;2;1;2;3',
);
const certain = fc.oneof(
  fc.constantFrom('a', 'b', ' ', ' ', '日', '本', 'c̃', '│', '█', '−', 'é', '한'),
  fc.double({ min: -1, max: 1, noNaN: true }).map((value) => heatCell('diverging', value)),
  fc.constantFrom(heatCell('sequential', 0.3), heatCell('sequential', Number.NaN), heatNotComputed),
);
const uncertain = fc.constantFrom('👩', '👩‍👩‍👧', '❤️', '🇫🇷', 'नि', '⚡', '⚠', '1️⃣', 'กำ');
const cellsOf = (char: fc.Arbitrary<string>) =>
  fc.array(
    fc.oneof({ weight: 6, arbitrary: char }, { weight: 1, arbitrary: styleCode.map((code) => `\x1b[${code}m`) }),
    { maxLength: 26 },
  );
const lines = (char: fc.Arbitrary<string>) => fc.array(cellsOf(char), { maxLength: 9 });

type Step =
  | { readonly kind: 'frame'; readonly lines: string[][] }
  | { readonly kind: 'edit'; readonly y: number; readonly x: number; readonly char: string }
  | { readonly kind: 'resize'; readonly columns: number; readonly rows: number }
  | { readonly kind: 'garbage'; readonly text: string }
  | { readonly kind: 'palette'; readonly palette: Palette };

const steps = (char: fc.Arbitrary<string>): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      { weight: 2, arbitrary: lines(char).map((made): Step => ({ kind: 'frame', lines: made })) },
      {
        weight: 6,
        arbitrary: fc.record({ kind: fc.constant('edit' as const), y: fc.nat(8), x: fc.nat(25), char }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant('resize' as const),
          columns: fc.integer({ min: 2, max: 24 }),
          rows: fc.integer({ min: 1, max: 8 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant('garbage' as const),
          text: fc.string({ unit: fc.constantFrom('x', '日', '\r\n', '\x1b[31m', '\x1b[3;3H') }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('palette' as const), palette: fc.constantFrom(...palettes) }),
      },
    ),
    { minLength: 1, maxLength: 14 },
  );

/** Runs steps through a screen into a terminal; compares after each one. */
async function run(made: Step[], compare: (terminal: Grid, wanted: Grid) => void, emoji?: EmojiWidths) {
  const device = headlessTerminal(20, 6, emoji);
  device.terminal.write('\x1b[?1049h');
  let palette = truecolour;
  const screen = createScreen({ output: device.output, palette });
  let frame: string[][] = [];
  let drawn = false;
  const text = () => frame.map((line) => line.join('')).join('\n');
  for (const step of made) {
    if (step.kind === 'frame') frame = step.lines;
    if (step.kind === 'edit') {
      frame = frame.map((line) => [...line]);
      while (frame.length <= step.y) frame.push([]);
      frame[step.y]![Math.min(step.x, frame[step.y]!.length)] = step.char;
    }
    if (step.kind === 'resize') device.resize(step.columns, step.rows);
    if (step.kind === 'palette') {
      palette = step.palette;
      screen.setPalette(palette);
    }
    if (step.kind === 'frame' || step.kind === 'edit') {
      drawn ||= /[^\x1b\n]/.test(text()) && text().replace(/\x1b\[[\d;]*m/g, '') !== '';
      screen.write(text());
    }
    if (step.kind === 'garbage') {
      device.terminal.write(`${step.text}\x1b[m`);
      screen.redraw();
    }
    if (!drawn || screen.grid() === undefined) continue;
    await device.settle();
    if (text().replace(/\x1b\[[\d;]*m/g, '') !== '') compare(device.grid(), decode(text(), screen, palette));
  }
}

describe('the screen in a terminal', () => {
  it('shows exactly the last frame, whatever was drawn before', async () => {
    await fc.assert(
      fc.asyncProperty(steps(certain), (made) =>
        run(made, (terminal, wanted) => expect(seen(terminal)).toEqual(seen(wanted))),
      ),
      { numRuns: 400 },
    );
  });

  it.each(['narrow', 'wide', 'all wide'] as const)(
    'keeps every other cell in place where the terminal draws emoji %s',
    async (emoji) => {
      await fc.assert(
        fc.asyncProperty(
          steps(fc.oneof({ weight: 5, arbitrary: certain }, { weight: 1, arbitrary: uncertain })),
          (made) =>
            run(
              made,
              (terminal, wanted) => {
                const [is, want] = [seen(terminal), seen(wanted)];
                const doubtful = wanted.chars.map((char) => char !== '' && !hasCertainWidth(char));
                want.forEach((cell, i) => {
                  const half = wanted.chars[i] === '' && doubtful[i - 1];
                  if (emoji === 'wide' || !(doubtful[i] || half)) expect(is[i]).toBe(cell);
                  // A narrower one leaves a blank beside it, and nothing of what was there before.
                  else if (half) expect(is[i]![0]).toBe(' ');
                });
              },
              emoji,
            ),
        ),
        { numRuns: 120 },
      );
    },
  );

  it('never scrolls, even when the last cell of the last row changes', async () => {
    const device = headlessTerminal(10, 4);
    const screen = createScreen({ output: device.output, palette: truecolour });
    for (const last of ['a', 'b', '日', ' ', 'c']) {
      screen.write(
        ['x'.repeat(10), 'y'.repeat(10), 'z'.repeat(10), `${'w'.repeat(last === '日' ? 8 : 9)}${last}`, 'more'].join(
          '\n',
        ),
      );
      await device.settle();
      expect(device.terminal.buffer.active.baseY).toBe(0);
      expect(gridToText(device.grid()).split('\n')[3]).toBe(`${'w'.repeat(last === '日' ? 8 : 9)}${last}`.trimEnd());
    }
  });
});

const heatmap = (cursor: number, columns = 120, rows = 36): string =>
  Array.from({ length: rows }, (_, y) =>
    Array.from({ length: columns }, (_, x) =>
      x <= cursor ? heatCell('diverging', Math.sin(x * 1.3 + y * y)) : heatNotComputed,
    ).join(''),
  ).join('\n');

describe('an update', () => {
  it.each(palettes)('of one heatmap column on a 120×36 screen takes less than 2 KB (%j)', (palette) => {
    const device = headlessTerminal(120, 36);
    const screen = createScreen({ output: device.output, palette });
    screen.write(heatmap(50));
    const before = device.bytes();
    screen.write(heatmap(51));
    expect(device.bytes() - before).toBeLessThan(2048);
    expect(device.bytes() - before).toBeGreaterThan(36);
  });

  it('of nothing is nothing', () => {
    const device = headlessTerminal(120, 36);
    const screen = createScreen({ output: device.output, palette: truecolour });
    screen.write(heatmap(5));
    const before = device.bytes();
    screen.write(heatmap(5));
    screen.write('');
    screen.write('\x1b[?25h');
    expect(device.bytes()).toBe(before);
  });

  it('is shown at once by terminals that can', () => {
    const device = headlessTerminal(20, 5);
    createScreen({ output: device.output, palette: truecolour }).write('a');
    expect(device.written.join('')).toMatch(/^\x1b\[\?2026h.*\x1b\[\?2026l$/s);
    const plain = headlessTerminal(20, 5);
    createScreen({ output: plain.output, palette: truecolour, synchronized: false }).write('a');
    expect(plain.written.join('')).not.toContain('2026');
  });

  it('of one letter takes a few bytes', () => {
    const device = headlessTerminal(120, 36);
    const screen = createScreen({ output: device.output, palette: truecolour, synchronized: false });
    screen.write('timestep 3/6');
    const before = device.bytes();
    screen.write('timestep 4/6');
    expect(device.bytes() - before).toBeLessThanOrEqual(8);
  });
});

describe('a screen', () => {
  it('calls back after each write, and takes an encoding in between', async () => {
    const screen = createScreen({ output: headlessTerminal(20, 5).output, palette: truecolour });
    await new Promise<void>((resolve) => screen.write('a', () => resolve()));
    await new Promise<void>((resolve) => screen.write('', 'utf8', () => resolve()));
    screen.close();
    await new Promise<void>((resolve) => screen.write('b', () => resolve()));
  });

  it('writes nothing after it was closed, not even when resized or redrawn', () => {
    const device = headlessTerminal(20, 5);
    const screen = createScreen({ output: device.output, palette: truecolour });
    screen.write('a');
    screen.close();
    const before = device.bytes();
    screen.write('b');
    screen.redraw();
    screen.setPalette(palettes[1]!);
    device.resize(10, 3);
    expect(device.bytes()).toBe(before);
  });

  it('has the new size when it says that it was resized, and draws once', async () => {
    const device = headlessTerminal(20, 5);
    const screen = createScreen({ output: device.output, palette: truecolour });
    screen.write('narrow');
    screen.on('resize', () => screen.write(`${screen.columns}×${screen.rows}`));
    const updates = device.written.length;
    device.resize(30, 8);
    expect(device.written.length).toBe(updates + 1);
    await device.settle();
    expect(gridToText(device.grid())).toBe('30×8');
  });

  it('draws what it has when it is resized and nobody draws anew', async () => {
    const device = headlessTerminal(20, 5);
    createScreen({ output: device.output, palette: truecolour }).write('abcdef\nxyz');
    device.resize(4, 2);
    await device.settle();
    expect(gridToText(device.grid())).toBe('abcd\nxyz');
  });

  it('assumes 80×24 where the output has no size', () => {
    const output = Object.assign(headlessTerminal(2, 1).output, { columns: 0, rows: undefined });
    expect(createScreen({ output, palette: truecolour })).toMatchObject({ columns: 80, rows: 24, isTTY: true });
  });

  it.each(['thrown', 'emitted'])('is closed by an error of its output that is %s, and says so once', (way) => {
    const device = headlessTerminal(20, 5);
    const error = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    const screen = createScreen({ output: device.output, palette: truecolour });
    const broken = vi.fn();
    screen.on('broken', broken);
    if (way === 'thrown') {
      device.output.write = () => {
        throw error;
      };
      screen.write('a');
    } else {
      device.output.emit('error', error);
      device.output.emit('error', error);
    }
    screen.write('b');
    expect(broken.mock.calls).toEqual([[error]]);
  });

  it('keeps only the newest frame while the output is behind', async () => {
    const device = headlessTerminal(20, 5);
    const { write } = device.output;
    let behind = true;
    device.output.write = (text) => write(text) && !behind;
    const screen = createScreen({ output: device.output, palette: truecolour });
    for (let i = 0; i < 100; i++) screen.write(`frame ${i}`);
    expect(device.written.length).toBe(1);
    behind = false;
    device.output.emit('drain');
    await device.settle();
    expect(device.written.length).toBe(2);
    expect(gridToText(device.grid())).toBe('frame 99');
  });
});
