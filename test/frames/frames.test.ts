import { mkdirSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { choosing, reduce } from '../../src/session/reduce.ts';
import { position } from '../../src/session/selectors.ts';
import { type OpenSession, type Session, VIEWS } from '../../src/session/session.ts';
import { renderFrame } from '../../src/ui/frame.tsx';
import { decodeFrame, gridToText } from '../../src/ui/terminal/cells.ts';
import { type Theme, themeFor } from '../../src/ui/theme/theme.ts';
import { PRESETS, presetEntries, sessionOfPreset } from './presets.ts';

/* What a person sees, kept as files that a person can read and review. `npx vitest run test/frames -u` writes them anew. */

const FOLDER = './snapshots';
const SIZES = ['80x24', '120x36'] as const;
const plain = themeFor({ env: {}, color: false });
const colour = themeFor({ env: { COLORTERM: 'truecolor' }, name: 'dark' });
const ascii = themeFor({ env: {}, name: 'ascii', color: false });

const sizeOf = (text: string) => {
  const [columns, rows] = text.split('x').map(Number);
  return { columns, rows };
};

/** A frame as text, after it has been checked to fit. */
function shown(session: Session, size: string, theme: Theme = plain): string {
  const { columns, rows } = sizeOf(size);
  const frame = renderFrame(session, { columns, rows, theme });
  expect(frame.split('\n').length, 'rows').toBeLessThanOrEqual(rows);
  // One column more would be seen if something stood there.
  const wider = decodeFrame(frame, { columns: columns + 1, rows, palette: theme });
  for (let y = 0; y < rows; y++) expect(wider.chars[y * (columns + 1) + columns]).toBe(' ');
  return gridToText(decodeFrame(frame, { columns, rows, palette: theme }));
}

const matches = (text: string, file: string) => expect(`${text}\n`).toMatchFileSnapshot(`${FOLDER}/${file}.txt`);

/** In the middle of the run, at the second unit. */
function midway(session: OpenSession): OpenSession {
  const { steps } = position(session);
  return reduce(reduce(session, { type: 'timestep-moved', by: Math.ceil((steps - 1) / 2) }), {
    type: 'unit-moved',
    by: 1,
  }) as OpenSession;
}

describe.each(PRESETS)('%s', (preset) => {
  it.each(VIEWS.flatMap((view) => SIZES.map((size) => [view, size] as const)))('%s at %s', async (view, size) => {
    const session = { ...midway(await sessionOfPreset(preset)), view };
    await matches(shown(session, size), `${preset}/${view}-${size}`);
  });
});

describe('every layer of every preset', () => {
  it.each(PRESETS)('%s draws something in every view at every size, and the same without colour', async (preset) => {
    const session = await sessionOfPreset(preset);
    const { calls } = session.subject.recording.model;
    for (let call = 0; call < calls.length; call++) {
      for (const view of VIEWS) {
        const here = { ...session, view, cursor: { ...session.cursor, call, step: 1 } };
        for (const size of ['80x24', '60x20']) expect(shown(here, size).length).toBeGreaterThan(300);
        shown(here, '120x36', colour);
        expect(shown(here, '100x30', ascii).replace(/\p{L}|[“”’‘]/gu, '')).toMatch(/^[\x00-\x7f]*$/);
      }
    }
  });
});

describe('screens over the model', () => {
  it.each(SIZES)('help at %s', async (size) => {
    const session = midway(await sessionOfPreset('masking'));
    await matches(shown({ ...session, overlay: { kind: 'help', scroll: 0 } }, size), `help-${size}`);
  });

  it('help scrolled to its end, and not beyond', async () => {
    const session = await sessionOfPreset('masking');
    const end = shown({ ...session, overlay: { kind: 'help', scroll: 9999 } }, '80x24');
    await matches(end, 'help-end-80x24');
    const { lookFor, try: tries } = session.subject.about!;
    const all = shown({ ...session, overlay: { kind: 'help', scroll: 0 } }, '120x90').replace(/\s+/g, ' ');
    for (const text of [...lookFor, ...tries]) expect(all).toContain(text.replace(/\s+/g, ' '));
  });

  it.each(SIZES)('command prompt at %s', async (size) => {
    const session = midway(await sessionOfPreset('masking'));
    await matches(
      shown({ ...session, overlay: { kind: 'command', text: 'view', selected: 1 } }, size),
      `command-${size}`,
    );
  });

  it.each(SIZES)('an error at %s', async (size) => {
    const session = midway(await sessionOfPreset('masking'));
    const text =
      'mine.json: layers[1] (lstm_1): `kernel` must be [1, 8] (input_dim, 4·units). Received: [8, 1]. Hint: PyTorch stores weights transposed.';
    const overlay = { kind: 'error', title: 'mine.json cannot be opened', text } as const;
    await matches(shown({ ...session, overlay }, size), `error-${size}`);
  });

  it.each(SIZES)('other presets at %s', async (size) => {
    const session = midway(await sessionOfPreset('masking'));
    await matches(shown({ ...session, overlay: { kind: 'presets', selected: 4 } }, size), `presets-${size}`);
  });
});

describe('without a model', () => {
  it.each(SIZES)('the presets to choose from at %s', async (size) => {
    await matches(shown({ ...choosing(await presetEntries()), selected: 3 }, size), `picker-${size}`);
  });

  it('says which size is needed where there is too little room', async () => {
    const session = await sessionOfPreset('masking');
    await matches(shown(session, '40x10'), 'too-small-40x10');
    for (const size of ['59x20', '60x19', '1x1', '10x3', '200x2']) shown(session, size);
    expect(shown(session, '59x20')).toContain('60x20');
    expect(shown(session, '60x20')).not.toContain('needed');
  });
});

describe('small and special screens', () => {
  it('one view without panels at 60x20', async () => {
    const session = midway(await sessionOfPreset('masking'));
    await matches(shown(session, '60x20'), 'masking/cell-60x20');
  });

  it('as drawn at 100x30', async () => {
    await matches(shown(midway(await sessionOfPreset('masking')), '100x30'), 'masking/cell-100x30');
  });

  it('ASCII only', async () => {
    await matches(
      shown(midway(await sessionOfPreset('return-state')), '100x30', ascii),
      'return-state/cell-ascii-100x30',
    );
  });

  it('Chinese words line up', async () => {
    const session = midway(await sessionOfPreset('masking'));
    const words = { 1: '这部', 2: '电影', 3: '不', 4: '好看', 5: '啊' };
    const text = shown({ ...session, subject: { ...session.subject, words } }, '80x24');
    await matches(text, 'masking/chinese-80x24');
    const [, ticks, tokens] = text.split('\n');
    // Each word begins in the column of its timestep's number; a character before it takes two columns.
    const column = (line: string, part: string) => {
      const before = line.slice(0, line.indexOf(part));
      return before.length + [...before].filter((char) => /\p{Script=Han}/u.test(char)).length;
    };
    expect(column(tokens, '这部')).toBe(column(ticks, '0'));
    expect(column(tokens, '好看')).toBe(column(ticks, '1'));
    expect(column(tokens, '啊')).toBe(column(ticks, '2'));
  });

  it('a part of a timestep: what is not computed is not drawn', async () => {
    const session = reduce(midway(await sessionOfPreset('return-state')), { type: 'stage-moved', by: -5 });
    await matches(shown(session, '100x30'), 'return-state/cell-stage-100x30');
  });

  it('stepping back gives the frame of before', async () => {
    const session = midway(await sessionOfPreset('sentiment'));
    for (const view of VIEWS) {
      const before = shown({ ...session, view }, '120x36');
      const there = reduce({ ...session, view }, { type: 'timestep-moved', by: 1 });
      expect(shown(there, '120x36')).not.toBe(before);
      expect(shown(reduce(there, { type: 'timestep-moved', by: -1 }), '120x36')).toBe(before);
    }
  });
});

it('no snapshot is left over from a preset or a view that is gone', () => {
  mkdirSync(new URL(FOLDER, import.meta.url), { recursive: true });
  const folders = readdirSync(new URL(FOLDER, import.meta.url), { withFileTypes: true }).filter((each) =>
    each.isDirectory(),
  );
  for (const { name } of folders) expect(PRESETS).toContain(name);
});
