import type { Key } from 'ink';
import { beforeAll, describe, expect, it } from 'vitest';
import { choosing, reduce } from '../../src/session/reduce.ts';
import type { OpenSession, Session } from '../../src/session/session.ts';
import { keyRows } from '../../src/ui/key-text.ts';
import { bindingOf, footerItems, KEYMAP, keymapMarkdown, OPEN_BINDINGS } from '../../src/ui/keymap.ts';
import { keysOf } from '../../src/ui/keys.ts';
import { press } from '../../src/ui/press.ts';
import { presetEntries, sessionOfPreset } from '../frames/presets.ts';

let open: OpenSession;
let modes: Record<string, Session>;

beforeAll(async () => {
  open = await sessionOfPreset('sentiment');
  const over = (overlay: OpenSession['overlay']): Session => ({ ...open, overlay });
  modes = {
    open,
    model: { ...open, focus: 'model' },
    list: choosing(await presetEntries()),
    help: over({ kind: 'help', scroll: 0 }),
    error: over({ kind: 'error', title: 'no', text: 'no' }),
    behind: { ...open, wholeRun: true, message: null, work: { text: 'computing', progress: null, isBehind: true } },
    working: { ...open, work: { text: 'opening mine.keras', progress: null } },
    typing: over({ kind: 'command', text: '', selected: 0 }),
    always: open,
  };
});

describe('the keymap', () => {
  it('reaches every binding by each of its keys', () => {
    for (const binding of KEYMAP) {
      for (const key of binding.keys) {
        const found = bindingOf(modes[binding.when], key);
        expect(found, `${binding.when} ${key}`).toBe(binding);
      }
    }
  });

  it('has every key of the specification', () => {
    const keys =
      'left right h l up down k j , . [ ] g G home end { } space + - 1 2 3 4 5 enter escape z / n N : ctrl-p p F y e ? tab q ctrl-c pageup pagedown ctrl-l ctrl-z';
    for (const key of keys.split(' ')) expect(bindingOf(open, key), key).toBeDefined();
  });

  it('has a help text for everything, and lists all that works on a model in the help and the README', () => {
    for (const { help } of KEYMAP) expect(help).not.toBe('');
    const rows = keyRows(OPEN_BINDINGS);
    const markdown = keymapMarkdown();
    for (const binding of OPEN_BINDINGS) {
      const row = rows.find(({ does }) => does === (binding.row ?? binding.help));
      expect(row?.keys.length).toBeGreaterThanOrEqual(binding.keys.length);
      for (const key of row!.keys) expect(markdown).toContain(`\`${key}\``);
    }
  });

  it('has no key that means two things in one place', () => {
    for (const when of new Set(KEYMAP.map((binding) => binding.when))) {
      const keys = KEYMAP.filter((binding) => binding.when === when).flatMap((binding) => binding.keys);
      expect(new Set(keys).size, when).toBe(keys.length);
    }
  });

  it('shows in the footer what the focused panel does, and always how to get help and how to quit', () => {
    const words = (session: Session) => footerItems(session).map(({ keys, word }) => `${keys} ${word}`);
    expect(words(open)).toEqual(
      expect.arrayContaining(['←→ time', '↑↓ unit', '[ ] layer', ', . stage', '1-5 view', '? help', 'q quit']),
    );
    expect(words(modes.model)).toContain('↑↓ layer');
    expect(words(modes.model)).not.toContain('↑↓ unit');
    expect(words(modes.list)).toEqual(expect.arrayContaining(['↑↓ choose', 'Enter open', 'q quit']));
    expect(words(modes.help)).toContain('Esc close');
    expect(words(modes.typing)).toContain('Esc leave');
  });

  it('lets Ctrl-C quit and Ctrl-L redraw wherever one is', () => {
    for (const session of Object.values(modes)) {
      expect(press(session, 'ctrl-c')).toEqual({ actions: [], effect: 'quit' });
      expect(press(session, 'ctrl-l').effect).toBe('redraw');
    }
  });

  it('never quits with Escape, and q in the help closes the help', () => {
    for (const session of Object.values(modes)) expect(press(session, 'escape').effect).not.toBe('quit');
    expect(press(modes.help, 'q')).toEqual({ actions: [{ type: 'escaped' }] });
  });
});

describe('keys from Ink', () => {
  const none = {} as Key;
  const key = (change: Partial<Key>) => ({ ...none, ...change });

  it('are walked one by one where several come at once', () => {
    expect(keysOf('ll: 好', none)).toEqual(['l', 'l', ':', 'space', '好']);
    expect(keysOf('12\r', none)).toEqual(['1', '2', 'enter']);
  });

  it('have Backspace as delete, and Escape with meta', () => {
    expect(keysOf('', key({ delete: true }))).toEqual(['backspace']);
    expect(keysOf('', key({ escape: true, meta: true }))).toEqual(['escape']);
  });

  it('are nothing where they are no keys of the lab', () => {
    expect(keysOf('x', key({ meta: true }))).toEqual([]);
    expect(keysOf('\u0007\u007f', none)).toEqual([]);
  });

  it('have names', () => {
    expect(keysOf('', key({ rightArrow: true }))).toEqual(['right']);
    expect(keysOf('', key({ pageDown: true }))).toEqual(['pagedown']);
    expect(keysOf('', key({ tab: true, shift: true }))).toEqual(['shift-tab']);
    expect(keysOf('p', key({ ctrl: true }))).toEqual(['ctrl-p']);
  });
});

describe('a key', () => {
  it('that means nothing does nothing', () => {
    expect(press(open, 'x')).toEqual({ actions: [] });
    expect(press(open, '好')).toEqual({ actions: [] });
  });

  it('opens the chosen preset, from the list and over a model', () => {
    const list = reduce(modes.list, { type: 'preset-selected', by: 3 });
    expect(press(list, 'enter').open).toBe(list.presets[3].name);
    const over = reduce(open, { type: 'overlay-opened', overlay: { kind: 'presets', selected: 1 } });
    expect(press(over, 'enter').open).toBe(over.presets[1].name);
  });
});
