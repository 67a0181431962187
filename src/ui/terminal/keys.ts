// Splits what a terminal sends into keys, pastes and everything else, independent of how it was cut into chunks.

export type InputToken = { readonly key: string } | { readonly paste: string };

export type KeySplitter = {
  push(text: string): InputToken[];
  /** No more is coming for now: an Escape that might have begun a sequence is a key. */
  flush(): InputToken[];
  /** What kind of end is awaited, if any. */
  pending(): 'escape' | 'sequence' | 'paste' | undefined;
};

const PASTE_BEGINS = '\x1b[200~';
const PASTE_ENDS = '\x1b[201~';
// What is longer than this is no sequence, and text may follow.
const LONGEST_SEQUENCE = 4096;

export function createKeySplitter(): KeySplitter {
  let rest = '';
  let paste: string | undefined;

  const drain = (final: boolean): InputToken[] => {
    const tokens: InputToken[] = [];
    while (rest !== '') {
      if (paste !== undefined) {
        const end = rest.indexOf(PASTE_ENDS);
        // Keep what may be the beginning of the end.
        const upTo = end >= 0 ? end : rest.length - partOfEnd(rest);
        paste += rest.slice(0, upTo);
        rest = rest.slice(end >= 0 ? end + PASTE_ENDS.length : upTo);
        if (end < 0) break;
        tokens.push({ paste: cleanPaste(paste) });
        paste = undefined;
        continue;
      }
      const length = sequenceLength(rest);
      if (length === 0 && !final) break;
      const sequence = rest.slice(0, length || rest.length);
      rest = rest.slice(sequence.length);
      if (sequence === PASTE_BEGINS) paste = '';
      else if (isKey(sequence)) tokens.push({ key: sequence });
    }
    if (final && paste !== undefined) {
      tokens.push({ paste: cleanPaste(paste) });
      paste = undefined;
      rest = '';
    }
    return tokens;
  };

  return {
    push(text) {
      rest += text;
      return drain(false);
    },
    flush: () => drain(true),
    pending() {
      if (paste !== undefined) return 'paste';
      if (rest === '') return undefined;
      return rest.length === 1 ? 'escape' : 'sequence';
    },
  };
}

/** Length of the first key or sequence of `text`; 0 if its end has not come yet. */
function sequenceLength(text: string): number {
  if (text[0] !== '\x1b') return String.fromCodePoint(text.codePointAt(0)!).length;
  const second = text[1];
  if (second === undefined) return 0;
  if (second === '[') return controlSequenceLength(text);
  if (second === 'O') {
    // Escape O, then a letter: a key of the keypad or a function key.
    if (text.length === 2) return 0;
    return /[A-Za-z]/.test(text[2]!) ? 3 : 2;
  }
  if (']P_^X'.includes(second)) return stringLength(text);
  // Escape before Escape: the first is a key, and the second may begin a sequence.
  if (second === '\x1b') return 1;
  return 1 + String.fromCodePoint(text.codePointAt(1)!).length;
}

function controlSequenceLength(text: string): number {
  // Two that do not follow the rules: an old mouse report, and function keys of the Linux console after a second [.
  if (text[2] === 'M') return text.length >= 6 ? 6 : 0;
  for (let i = text[2] === '[' ? 3 : 2; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x40 && code <= 0x7e) return i + 1;
    // Cut short by something that cannot belong to it.
    if (code < 0x20 || code > 0x7e) return i;
  }
  return text.length > LONGEST_SEQUENCE ? LONGEST_SEQUENCE : 0;
}

/** A title, a colour, a capability: text up to a bell or `ESC \`. */
function stringLength(text: string): number {
  for (let i = 2; i < text.length; i++) {
    if (text[i] === '\x07') return i + 1;
    // Return or Ctrl-C belong to the person at the keyboard.
    if (text[i] !== '\x1b' && text[i]! < ' ') return i;
    if (text[i] !== '\x1b') continue;
    if (i + 1 === text.length) return 0;
    return text[i + 1] === '\\' ? i + 2 : i;
  }
  return text.length > LONGEST_SEQUENCE ? LONGEST_SEQUENCE : 0;
}

// Keys that Ink knows: arrows, Home, End, F1-F4, Shift-Tab; numbered keys; kitty's and rxvt's forms of them.
const KEY_SEQUENCE = /^\x1b\[(?:[\d;:]*[A-FHP-SZ]|[a-d]|[\d;:]+[~^@u]|\[\d*[A-E~])$/;

function isKey(sequence: string): boolean {
  if (sequence[0] !== '\x1b') return isTyped(sequence);
  if (sequence.length === 1) return true;
  if (sequence[1] === '[') {
    // A cursor report has the form of a modified F3, which is always in "row" 1.
    if (/R$/.test(sequence)) return /^\x1b\[(?:1;\d\d?)?R$/.test(sequence);
    return sequence.length === 2 || (KEY_SEQUENCE.test(sequence) && sequence !== PASTE_ENDS);
  }
  if (']P_^X'.includes(sequence[1]!)) return sequence.length === 2;
  // The end of a string whose beginning is lost is no Alt-\.
  return sequence !== '\x1b\\' && isTyped(sequence.slice(1));
}

/** Not what invalid bytes decode to, nor a control character that no key sends. */
const isTyped = (character: string): boolean => !/^[\0\x80-\x9f\ufffd\ud800-\udfff]/u.test(character);

function partOfEnd(text: string): number {
  for (let length = Math.min(PASTE_ENDS.length - 1, text.length); length > 0; length--) {
    if (PASTE_ENDS.startsWith(text.slice(-length))) return length;
  }
  return 0;
}

/** Lines end with \n, as typed text would; nothing in it can act as a key or reach the terminal as a sequence. */
const cleanPaste = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    .replace(/\x1b\[[0-?]*[ -/]*[@-~]/g, '')
    .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '');
