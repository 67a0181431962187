import { beforeEach, describe, expect, it } from 'vitest';
import { whole, widthOf } from '../../src/math/tensor.ts';
import { reduce } from '../../src/session/reduce.ts';
import { currentAddress, position } from '../../src/session/selectors.ts';
import type { OpenSession } from '../../src/session/session.ts';
import { commandAt, commandsFor } from '../../src/ui/commands.ts';
import { OPEN_BINDINGS } from '../../src/ui/keymap.ts';
import { press } from '../../src/ui/press.ts';
import { sessionOfPreset } from '../frames/presets.ts';

let session: OpenSession;

beforeEach(async () => {
  session = await sessionOfPreset('sentiment');
});

/** Types a command as a person would. */
function command(text: string): { session: OpenSession; open?: string; effect?: string } {
  let now = session;
  let last: ReturnType<typeof press> = { actions: [] };
  for (const key of [':', ...[...text].map((character) => (character === ' ' ? 'space' : character)), 'enter']) {
    last = press(now, key);
    now = last.actions.reduce(reduce, now) as OpenSession;
  }
  return { session: now, open: last.open, effect: last.effect };
}

describe('a command', () => {
  it('that is a number goes to that timestep', () => {
    expect(position(command('7').session).timestep).toBe(7);
    expect(command('7').session.overlay).toBeNull();
  });

  it('that is a number outside the timesteps stays and says which there are', () => {
    const { session: after } = command('12');
    expect(position(after).timestep).toBe(0);
    expect(after.message).toBe('lstm_1 has timesteps 0 to 9');
  });

  it('goes to a unit, counted from 0, and to a sample, counted from 1', () => {
    expect(position(command('unit 30').session).unit).toBe(30);
    expect(position(command('sample 2').session).sampleIndex).toBe(1);
  });

  it('chooses a view, a layer and a preset', () => {
    expect(command('view gates').session.view).toBe('gates');
    expect(position(command('layer dense_1').session).name).toBe('dense_1');
    expect(position(command('dense').session).name).toBe('dense_1');
    expect(command('open masking')).toMatchObject({ open: 'masking' });
    expect(command('masking').open).toBe('masking');
  });

  it('does what a key does, by the name that the help gives it', () => {
    expect(command('quit').effect).toBe('quit');
    expect(command('the whole run').session.wholeRun).toBe(true);
    expect(command('help').session.overlay).toMatchObject({ kind: 'help' });
  });

  it('goes to the largest of a quantity, and shows that quantity where one is shown', () => {
    const { c } = position(session).callTrace.quantities;
    const numbers = whole(c).data;
    const at = numbers.indexOf(Math.max(...numbers));
    session = { ...session, view: 'gates', zoom: 'h' };
    const { session: after } = command('largest c');
    expect(position(after)).toMatchObject({ step: Math.floor(at / widthOf(c)), unit: at % widthOf(c) });
    expect([after.zoom, currentAddress(position(after))]).toEqual(['c', expect.stringContaining('lstm_1.c[')]);
    session = { ...session, zoom: null };
    expect(command('largest c').session.zoom).toBeNull();
  });

  it('goes to the largest of a layer that is named, or says what the layer has', () => {
    session = reduce(session, { type: 'call-chosen', name: 'dense_1' }) as OpenSession;
    expect(currentAddress(position(command('smallest lstm_1.f').session))).toMatch(/^lstm_1\.f\[\d+\]@\d+$/);
    expect(position(command('largest lstm_1.q').session).name).toBe('dense_1');
    expect(command('largest lstm_1.q').session.message).toMatch(/^lstm_1 has no “q”, but z_i, /);
    expect(command('largest lstm.c').session.message).toBe('there is no layer “lstm”: did you mean "lstm_1"?');
    expect(commandsFor(session, 'largest lstm_1.c').map(({ text }) => text)).toContain('largest lstm_1.c');
  });

  it('that does not exist is told, with the nearest there is', () => {
    expect(command('quti').session.message).toMatch(/there is no command “quti”, did you mean “quit”/);
    expect(command('xyzzyxyzzy').session.message).toContain('xyzzyxyzzy');
  });

  it('that is empty closes the prompt', () => {
    expect(command('').session).toMatchObject({ overlay: null, message: null });
  });
});

describe('completion', () => {
  it('lists what begins with the text before what contains it', () => {
    const texts = commandsFor(session, 'view').map(({ text }) => text);
    expect(texts.slice(0, 5)).toEqual(['view cell', 'view gates', 'view equations', 'view returns', 'view weights']);
  });

  it('fills in the chosen one with Tab', () => {
    const prompt = reduce(session, { type: 'overlay-opened', overlay: { kind: 'command', text: 'vi', selected: 1 } });
    expect(press(prompt, 'tab').actions).toEqual([{ type: 'completed', text: 'view gates' }]);
  });

  it('goes round at both ends', () => {
    const commands = commandsFor(session, 'view');
    expect(commandAt(commands, -1)).toBe(commands.at(-1));
    expect(commandAt(commands, commands.length)).toBe(commands[0]);
    expect(commandAt([], 3)).toBeUndefined();
  });

  it('offers everything that a key does', () => {
    const texts = commandsFor(session, '').map(({ text }) => text);
    for (const { help, keys } of OPEN_BINDINGS) if (!keys.includes(':')) expect(texts).toContain(help);
  });
});
