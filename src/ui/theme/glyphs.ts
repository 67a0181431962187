import type { Palette } from './heat.ts';

const UNICODE = {
  cursor: '▸',
  future: '·',
  masked: '░',
  ellipsis: '…',
  product: '⊙',
  times: '×',
  minus: '−',
  plusMinus: '±',
  approximately: '≈',
  norm: '‖',
  left: '←',
  right: '→',
  up: '↑',
  down: '↓',
  leads: '▶',
  leadsBack: '◀',
  breakpoint: '●',
  selected: '◉',
  good: '✓',
  bad: '✗',
  warning: '⚠',
  bullet: '•',
  crumb: '›',
  /** Eighths of a cell from empty to full, growing to the right. */
  bar: ' ▏▎▍▌▋▊▉█',
  /** Eighths of a cell from empty to full, growing upwards. */
  column: ' ▁▂▃▄▅▆▇█',
  horizontal: '─',
  vertical: '│',
  topLeft: '┌',
  topRight: '┐',
  bottomLeft: '└',
  bottomRight: '┘',
  teeLeft: '┤',
  teeRight: '├',
  teeUp: '┴',
  teeDown: '┬',
  crossing: '┼',
};

export type Glyphs = Readonly<typeof UNICODE>;

// Each character of the first string is drawn as the character below it. Every stand-in is as wide as what it replaces,
// so a layout does not move.
const STAND_INS = [
  // numbers above and below the line
  '₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕₖₗₘₙₒₚₛₜₓᵢⱼ',
  '0123456789+-=()aehklmnopstxij',
  '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀ',
  '0123456789+-=()niT',
  // mathematics
  '×⊙⊗⊕·•∙⋅∘−–—÷±≈≃≠≡≤≥∞√∑∏∂∇∈∉∀∃‖∥′″°½∅',
  '***+.*..o---/~~~!=<>8VSPddEeAE||\'"o%0',
  'σδεΔΣ',
  'sdeDS',
  // arrows and pointers
  '←→↑↓↔↕↖↗↘↙⇐⇒⇑⇓↦↳↰↱↲↺↻⟵⟶⏎⌫',
  '<>^v-|\\/\\/<>^v>>^^<oo<>$<',
  '▸▹▶►▷◂◃◀◄◁▴▵▲△▾▿▼▽',
  '>>>>><<<<<^^^^vvvv',
  // lines
  '─━┄┅┈┉╌╍═│┃┆┇┊┋╎╏║╱╲╳╴╵╶╷',
  '---------|||||||||/\\X-|-|',
  '┌┐└┘├┤┬┴┼╭╮╰╯╔╗╚╝╠╣╦╩╬┏┓┗┛┣┫┳┻╋╞╡╪╫',
  '+++++++++++++++++++++++++++++++++++',
  // blocks
  '▏▎▍▌▋▊▉█▐▕▔▀',
  '.:-=+*%##|\'"',
  '▁▂▃▄▅▆▇',
  '_.:-=+*',
  '░▒▓■□▪▫▬▮▯',
  ':%&#o*o=##',
  // marks
  '●○◉◎◦◆◇◈★☆✓✔✗✘✕⚠…‥‹›«»“”„‘’‚¶§¦†‡¬⌃⌘⌥⇧␣∎',
  '*o@@o*o*****xxx!~:<><>"""\'\'\'P$|+#!^@%^_#',
] as const;

const toStandIn = new Map<string, string>();
for (let i = 0; i < STAND_INS.length; i += 2) {
  const from = [...STAND_INS[i]!];
  from.forEach((character, at) => {
    toStandIn.set(character, STAND_INS[i + 1]![at]!);
  });
}

/** `text` without drawing and mathematical characters, as wide as before. Words in any script stay as they are. */
export function toAscii(text: string): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  // c̃ and h̃ are two code points in one cell; `g` is the candidate's name in code.
  // Greek letters alone are symbols; in words they stay.
  const symbols = text.replace(/(?<!\p{L})[αβγμτφ](?!\p{L})/gu, (letter) => 'abgmtp'['αβγμτφ'.indexOf(letter)]!);
  return symbols.replace(/[ch]\u0303/g, 'g').replace(/[^\x00-\x7f]/gu, (character) => {
    const braille = character.charCodeAt(0) - 0x2800;
    if (braille >= 0 && braille < 256) return brailleStandIn(braille);
    if (character >= '␀' && character <= '␦') return '?';
    return toStandIn.get(character) ?? character;
  });
}

function brailleStandIn(dots: number): string {
  const count = dots.toString(2).replaceAll('0', '').length;
  return dots === 0 ? ' ' : count <= 2 ? '.' : count <= 4 ? ':' : '#';
}

const ASCII = Object.fromEntries(Object.entries(UNICODE).map(([name, glyph]) => [name, toAscii(glyph)])) as Glyphs;

export const glyphs = ({ ascii }: Pick<Palette, 'ascii'>): Glyphs => (ascii ? ASCII : UNICODE);
