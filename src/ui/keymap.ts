import type { Action } from '../session/action.ts';
import { goesBackFirst } from '../session/reduce.ts';
import { type Session, VIEWS } from '../session/session.ts';
import type { Binding, When } from './binding.ts';
import { type KeyRow, keyRows, keyText } from './key-text.ts';

/** A move and the move back. */
function pair(
  when: When,
  row: string,
  forward: string,
  back: string,
  [doForward, doBack]: readonly [Action, Action],
  footer?: string,
): Binding[] {
  const both = { when, row: `previous, next ${row}` };
  return [
    { keys: back.split(' '), action: doBack, help: `previous ${row}`, ...both },
    { keys: forward.split(' '), action: doForward, help: `next ${row}`, footer, ...both },
  ];
}

function moves(type: Extract<Action, { by: number }>['type']): readonly [Action, Action] {
  return [
    { type, by: 1 },
    { type, by: -1 },
  ];
}

const VIEWS_ROW = `views, from ${VIEWS[0]} to ${VIEWS.at(-1)}`;

/** Every key of the lab, once: footer, help, commands, the README and the dispatcher read this table. The first binding that fits wins. */
export const KEYMAP: readonly Binding[] = [
  { keys: ['enter'], action: 'run-typed', help: 'do it', when: 'typing', footer: 'do it' },
  { keys: ['tab'], action: 'complete', help: 'complete', when: 'typing', footer: 'complete' },
  { keys: ['up'], action: { type: 'command-selected', by: -1 }, help: 'choose above', when: 'typing' },
  { keys: ['down'], action: { type: 'command-selected', by: 1 }, help: 'choose below', when: 'typing' },
  { keys: ['backspace'], action: { type: 'erased' }, help: 'erase', when: 'typing' },
  { keys: ['escape'], action: { type: 'escaped' }, help: 'leave the prompt', when: 'typing', footer: 'leave' },

  {
    keys: ['down', 'j', 'enter'],
    action: { type: 'help-scrolled', by: 1 },
    help: 'scroll',
    when: 'help',
    footer: 'scroll',
  },
  { keys: ['up', 'k'], action: { type: 'help-scrolled', by: -1 }, help: 'scroll back', when: 'help' },
  { keys: ['pagedown', 'space'], action: { type: 'help-scrolled', by: 10 }, help: 'scroll far', when: 'help' },
  { keys: ['pageup'], action: { type: 'help-scrolled', by: -10 }, help: 'scroll far back', when: 'help' },
  { keys: ['escape', '?', 'q'], action: { type: 'escaped' }, help: 'close the help', when: 'help', footer: 'close' },

  {
    keys: ['escape', 'enter', 'q', 'space'],
    action: { type: 'escaped' },
    help: 'close',
    when: 'error',
    footer: 'close',
  },

  { keys: ['escape'], action: { type: 'escaped' }, help: 'back', when: 'behind', footer: 'back' },
  { keys: ['escape'], action: 'cancel', help: 'cancel what is under way', when: 'working', footer: 'cancel' },

  ...pair('list', 'preset', 'down j', 'up k', moves('preset-selected'), 'choose'),
  { keys: ['pagedown', 'end', 'G'], action: { type: 'preset-selected', by: 1000 }, help: 'last preset', when: 'list' },
  { keys: ['pageup', 'home', 'g'], action: { type: 'preset-selected', by: -1000 }, help: 'first preset', when: 'list' },
  { keys: ['enter', 'right', 'l'], action: 'open-selected', help: 'open it', when: 'list', footer: 'open' },
  { keys: ['escape', 'p'], action: { type: 'escaped' }, help: 'back to the model', when: 'list' },

  ...pair('model', 'layer', 'down j', 'up k', moves('layer-moved'), 'layer'),
  { keys: ['enter'], action: { type: 'entered' }, help: 'into the layer', when: 'model', footer: 'into it' },

  ...pair('open', 'timestep', 'right l', 'left h', moves('timestep-moved'), 'time'),
  ...pair('open', 'unit', 'down j', 'up k', moves('unit-moved'), 'unit'),
  ...pair('open', 'layer', ']', '[', moves('layer-moved'), 'layer'),
  ...pair('open', 'stage (equation)', '.', ',', moves('stage-moved'), 'stage'),
  { keys: ['space'], action: { type: 'play-toggled' }, help: 'play and pause', when: 'open', footer: 'play' },
  {
    keys: ['+', '='],
    action: { type: 'speed-changed', by: 1 },
    help: 'play faster',
    when: 'open',
    row: 'play faster, slower',
  },
  {
    keys: ['-', '_'],
    action: { type: 'speed-changed', by: -1 },
    help: 'play slower',
    when: 'open',
    row: 'play faster, slower',
  },
  {
    keys: ['g', 'home'],
    action: { type: 'went-to-first' },
    help: 'first timestep',
    when: 'open',
    row: 'first, last timestep',
  },
  {
    keys: ['G', 'end'],
    action: { type: 'went-to-last' },
    help: 'last timestep',
    when: 'open',
    row: 'first, last timestep',
  },
  ...pair('open', 'sample', '}', '{', moves('sample-moved')),
  {
    keys: ['pageup'],
    action: { type: 'unit-moved', by: -10 },
    help: 'ten units back',
    when: 'open',
    row: 'ten units back, on',
  },
  {
    keys: ['pagedown'],
    action: { type: 'unit-moved', by: 10 },
    help: 'ten units on',
    when: 'open',
    row: 'ten units back, on',
  },
  ...VIEWS.map(
    (view, at): Binding => ({
      keys: [String(at + 1)],
      action: { type: 'view-chosen', view },
      help: `view ${view}`,
      when: 'open',
      row: VIEWS_ROW,
      footer: at === 0 ? 'view' : undefined,
    }),
  ),
  { keys: ['enter'], action: { type: 'entered' }, help: 'into: where the number comes from', when: 'open' },
  { keys: ['escape'], action: { type: 'escaped' }, help: 'back', when: 'open' },
  {
    keys: ['tab', 'shift-tab'],
    action: { type: 'panel-changed' },
    help: 'next panel: the view, the model',
    when: 'open',
  },
  { keys: ['z'], action: { type: 'zoom-toggled' }, help: 'zoom one quantity', when: 'open' },
  { keys: ['F'], action: { type: 'whole-run-toggled' }, help: 'the whole run at once, dimmed', when: 'open' },
  {
    keys: ['/'],
    action: { type: 'overlay-opened', overlay: { kind: 'search', text: '' } },
    help: 'search a word or a layer',
    when: 'open',
  },
  ...pair('open', 'found', 'n', 'N', moves('search-repeated')),
  {
    keys: [':', 'ctrl-p'],
    action: { type: 'overlay-opened', overlay: { kind: 'command', text: '', selected: 0 } },
    help: 'command (:12 goes to timestep 12)',
    when: 'open',
    footer: 'command',
  },
  {
    keys: ['p'],
    action: { type: 'overlay-opened', overlay: { kind: 'presets', selected: 0 } },
    help: 'presets and models',
    when: 'open',
    footer: 'presets',
  },
  { keys: ['y'], action: 'copy', help: 'copy address and value', when: 'open' },
  { keys: ['e'], action: 'export', help: 'export the trace as JSON', when: 'open' },

  {
    keys: ['?'],
    action: { type: 'overlay-opened', overlay: { kind: 'help', scroll: 0 } },
    help: 'help',
    when: 'always',
    footer: 'help',
  },
  { keys: ['ctrl-l'], action: 'redraw', help: 'draw the screen anew', when: 'always' },
  { keys: ['ctrl-z'], action: 'suspend', help: 'suspend; fg comes back', when: 'always' },
  { keys: ['q', 'ctrl-c'], action: 'quit', help: 'quit', when: 'always', footer: 'quit' },
];

/** Which bindings the keys go to now, the nearest first. */
function modes(session: Session): readonly When[] {
  switch (session.overlay?.kind) {
    case 'help':
    case 'error':
      return [session.overlay.kind];
    case 'command':
    case 'search':
      return ['typing'];
    case 'presets':
      return ['list', 'always'];
    default:
      if (session.work === null) return modesBelow(session);
      return [goesBackFirst(session) ? 'behind' : 'working', ...modesBelow(session)];
  }
}

function modesBelow(session: Session): readonly When[] {
  if (session.status === 'choosing') return ['list', 'always'];
  return session.focus === 'model' ? ['model', 'open', 'always'] : ['open', 'always'];
}

/** The binding of a key where the session stands; undefined where the key means nothing. Ctrl and a letter mean the same everywhere. */
export function bindingOf(session: Session, key: string): Binding | undefined {
  const now = modes(session);
  return KEYMAP.find(
    ({ keys, when }) => keys.includes(key) && (now.includes(when) || (when === 'always' && key.startsWith('ctrl-'))),
  );
}

/** What the footer says where the session stands: `←→ timestep`. A key that means something nearer is not told twice. */
export function footerItems(session: Session): { keys: string; word: string }[] {
  const now = modes(session);
  return KEYMAP.flatMap((binding) => {
    const { when, footer, keys } = binding;
    if (footer === undefined || !now.includes(when) || bindingOf(session, keys[0]) !== binding) return [];
    return [{ keys: footerKeys(binding), word: footer }];
  });
}

function footerKeys({ keys, row, when }: Binding): string {
  const shared = KEYMAP.filter((other) => row !== undefined && other.row === row && other.when === when);
  if (shared.length > 2) return `${keys[0]}-${shared.length}`;
  if (shared.length < 2) return keyText(keys[0]);
  return shared.map((other) => keyText(other.keys[0])).join(shared[0].keys[0].length > 1 ? '' : ' ');
}

/** Bindings that work on an open model, for the help, the commands and the README. */
export const OPEN_BINDINGS: readonly Binding[] = KEYMAP.filter(({ when }) => when === 'open' || when === 'always');

/** The README's table. */
export function keymapMarkdown(): string {
  const escaped = (text: string) => text.replaceAll('|', '\\|');
  const cell = ({ keys, does }: KeyRow) => `${keys.map((key) => `\`${escaped(key)}\``).join(' ')} | ${escaped(does)}`;
  const rows = keyRows(OPEN_BINDINGS);
  const half = Math.ceil(rows.length / 2);
  const lines = rows
    .slice(0, half)
    .map((row, at) => `| ${cell(row)} | ${rows[half + at] ? cell(rows[half + at]) : ' | '} |`);
  return ['| key | does | key | does |', '| --- | --- | --- | --- |', ...lines].join('\n');
}
