import type { Binding } from './binding.ts';

const SHOWN: Readonly<Record<string, string>> = {
  right: '→',
  left: '←',
  up: '↑',
  down: '↓',
  enter: 'Enter',
  escape: 'Esc',
  tab: 'Tab',
  'shift-tab': 'Shift-Tab',
  pagedown: 'PgDn',
  pageup: 'PgUp',
  home: 'Home',
  end: 'End',
  backspace: 'Backspace',
};

export function keyText(key: string): string {
  return SHOWN[key] ?? key.replace(/^ctrl-(.)$/, (_, letter: string) => `Ctrl-${letter.toUpperCase()}`);
}

/** A line of the help. */
export interface KeyRow {
  readonly keys: readonly string[];
  readonly does: string;
}

/** Lines of the help: bindings that share a row are one, the first key of each before the others. */
export function keyRows(bindings: readonly Binding[]): KeyRow[] {
  const groups = new Map<string, Binding[]>();
  for (const binding of bindings) {
    const row = binding.row ?? binding.help;
    groups.set(row, [...(groups.get(row) ?? []), binding]);
  }
  return [...groups].map(([does, group]) => {
    const most = Math.max(...group.map(({ keys }) => keys.length));
    const keys = Array.from({ length: most }, (_, n) => group.flatMap((binding) => binding.keys[n] ?? [])).flat();
    return { keys: keys.map(keyText), does };
  });
}
