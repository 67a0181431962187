import type { Key } from 'ink';

/** The keys of one `useInput` call, by the names that the keymap uses. Several characters may come at once: each is a key. */
export function keysOf(input: string, key: Key): string[] {
  if (key.upArrow) return ['up'];
  if (key.downArrow) return ['down'];
  if (key.leftArrow) return ['left'];
  if (key.rightArrow) return ['right'];
  if (key.pageUp) return ['pageup'];
  if (key.pageDown) return ['pagedown'];
  if (key.home) return ['home'];
  if (key.end) return ['end'];
  if (key.return) return ['enter'];
  if (key.tab) return [key.shift ? 'shift-tab' : 'tab'];
  // Ink gives the Backspace key as delete.
  if (key.backspace || key.delete) return ['backspace'];
  // Escape also sets key.meta.
  if (key.escape) return ['escape'];
  if (key.ctrl) return input.length === 1 ? [`ctrl-${input}`] : [];
  if (key.meta) return [];
  return [...input].flatMap(keyOfCharacter);
}

function keyOfCharacter(character: string): string[] {
  if (character === '\r' || character === '\n') return ['enter'];
  if (character === ' ') return ['space'];
  return character < ' ' || character === '\u007f' ? [] : [character];
}

/** What a key writes into a prompt; null for a key that writes nothing. */
export function textOfKey(key: string): string | null {
  if (key === 'space') return ' ';
  return [...key].length === 1 ? key : null;
}
