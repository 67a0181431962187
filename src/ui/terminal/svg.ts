import { mix, type Rgb, toRgb } from '../theme/colour.ts';
import { contentEnd, type Grid } from './grid.ts';
import { has, type Style } from './style.ts';

// Sizes of one cell and its text. Widths are forced with textLength, so that any monospace font fits the grid.
const WIDTH = 8.4;
const HEIGHT = 18;
const BASELINE = 13.5;
const PADDING = 12;
const TITLE_BAR = 28;

const BACKGROUND: Rgb = [22, 22, 22];
const FOREGROUND: Rgb = [220, 220, 220];

/** A picture of the screen, in a window frame with `title`. Blocks and lines are drawn, not typed, so they meet. */
export function gridToSvg(grid: Grid, { title = '' }: { readonly title?: string } = {}): string {
  const width = round(grid.columns * WIDTH + 2 * PADDING);
  const height = round(grid.rows * HEIGHT + 2 * PADDING + TITLE_BAR);
  const body: string[] = [];
  for (let row = 0; row < grid.rows; row++) body.push(...backgrounds(grid, row), ...foregrounds(grid, row));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    '<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre}</style>',
    `<rect width="${width}" height="${height}" rx="8" fill="${hex(BACKGROUND)}"/>`,
    ...['#ff5f57', '#febc2e', '#28c840'].map((fill, i) => `<circle cx="${18 + i * 18}" cy="16" r="5" fill="${fill}"/>`),
    `<text x="${width / 2}" y="20" text-anchor="middle" fill="#9a9a9a">${escapeXml(title)}</text>`,
    `<g transform="translate(${PADDING} ${TITLE_BAR + PADDING})" shape-rendering="crispEdges" fill="${hex(FOREGROUND)}">`,
    ...body,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

type Run = { readonly from: number; to: number; readonly key: string };

/** Neighbouring columns of equal, non-empty `key`. */
function runs(end: number, keyOf: (x: number) => string): Run[] {
  const found: Run[] = [];
  for (let x = 0; x < end; x++) {
    const key = keyOf(x);
    const last = found.at(-1);
    if (last && last.key === key && last.to === x) last.to = x + 1;
    else if (key !== '') found.push({ from: x, to: x + 1, key });
  }
  return found;
}

function backgrounds(grid: Grid, row: number): string[] {
  return runs(grid.columns, (x) => {
    const { bg } = inks(grid.styles[row * grid.columns + x]!);
    return bg === BACKGROUND ? '' : hex(bg);
  }).map(({ from, to, key }) => rect(from * WIDTH, row * HEIGHT, (to - from) * WIDTH, HEIGHT, key));
}

function foregrounds(grid: Grid, row: number): string[] {
  const start = row * grid.columns;
  const end = contentEnd(grid, row);
  const drawn: string[] = [];
  const look = (x: number) => {
    const char = grid.chars[start + x]!;
    const style = grid.styles[start + x]!;
    if (char === '' || (char === ' ' && !has(style, 'underline') && !has(style, 'strikethrough'))) return '';
    return `${isDrawn(char) ? char : 'text'} ${hex(inks(style).fg)}${has(style, 'bold') ? ' b' : ''}${has(style, 'italic') ? ' i' : ''}${has(style, 'underline') ? ' u' : ''}${has(style, 'strikethrough') ? ' s' : ''}`;
  };
  // A wide character is a run of its own: fonts disagree most about those. Single blanks between words stay in a run.
  const keys = Array.from({ length: end }, (_, x) => look(x));
  const wide = (x: number) => grid.chars[start + x + 1] === '' && x + 1 < grid.columns;
  const keyOf = (x: number) => {
    if (
      keys[x] === '' &&
      grid.chars[start + x] === ' ' &&
      keys[x - 1] === keys[x + 1] &&
      keys[x - 1]?.startsWith('text')
    ) {
      return wide(x + 1) ? '' : keys[x - 1]!;
    }
    return wide(x) ? `${keys[x]} ${x}` : keys[x]!;
  };
  for (const { from, to, key } of runs(end, keyOf)) {
    const [kind, fill, ...attributes] = key.split(' ') as [string, string, ...string[]];
    const x = from * WIDTH;
    const y = row * HEIGHT;
    if (kind !== 'text') {
      drawn.push(drawing(kind, x, y, to - from, fill));
      continue;
    }
    const text = grid.chars.slice(start + from, start + to).join('');
    const length = round((to - from + (wide(from) ? 1 : 0)) * WIDTH);
    const extra = [
      attributes.includes('b') ? ' font-weight="bold"' : '',
      attributes.includes('i') ? ' font-style="italic"' : '',
      attributes.includes('u')
        ? ' text-decoration="underline"'
        : attributes.includes('s')
          ? ' text-decoration="line-through"'
          : '',
    ].join('');
    drawn.push(
      `<text x="${round(x)}" y="${round(y + BASELINE)}" textLength="${length}"${fillOf(fill)}${extra}>${escapeXml(text)}</text>`,
    );
  }
  return drawn;
}

function inks(style: Style): { fg: Rgb; bg: Rgb } {
  let fg = style.fg === undefined ? FOREGROUND : toRgb(style.fg);
  let bg = style.bg === undefined ? BACKGROUND : toRgb(style.bg);
  if (has(style, 'inverse')) [fg, bg] = [bg, fg];
  return { fg: has(style, 'dim') ? mix(fg, bg, 0.45) : fg, bg };
}

// Which sides of the cell a line goes to from the middle: up, right, down, left.
const ARMS: Readonly<Record<string, string>> = {
  '─': 'rl',
  '│': 'ud',
  '┌': 'rd',
  '┐': 'dl',
  '└': 'ur',
  '┘': 'ul',
  '├': 'urd',
  '┤': 'udl',
  '┬': 'rdl',
  '┴': 'url',
  '┼': 'urdl',
  '╭': 'rd',
  '╮': 'dl',
  '╰': 'ur',
  '╯': 'ul',
  '╴': 'l',
  '╵': 'u',
  '╶': 'r',
  '╷': 'd',
};

const isDrawn = (char: string): boolean => char in ARMS || /^[\u2580-\u2595]$/.test(char);

function drawing(char: string, x: number, y: number, count: number, fill: string): string {
  const arms = ARMS[char];
  if (arms) return lines(arms, x, y, count, fill);
  const wide = count * WIDTH;
  const code = char.charCodeAt(0);
  if (char === '▀') return rect(x, y, wide, HEIGHT / 2, fill);
  if (char === '▔') return rect(x, y, wide, HEIGHT / 8, fill);
  if (code <= 0x2588) return rect(x, y + (HEIGHT * (0x2588 - code)) / 8, wide, (HEIGHT * (code - 0x2580)) / 8, fill);
  if (code >= 0x2591 && code <= 0x2593) return rect(x, y, wide, HEIGHT, fill, (code - 0x2590) / 4);
  // What is left fills a part of each cell from one side.
  const share = char === '▐' ? 4 / 8 : char === '▕' ? 1 / 8 : (0x2590 - code) / 8;
  const inset = char === '▐' || char === '▕' ? WIDTH * (1 - share) : 0;
  return Array.from({ length: count }, (_, i) => rect(x + i * WIDTH + inset, y, WIDTH * share, HEIGHT, fill)).join('');
}

function lines(arms: string, x: number, y: number, count: number, stroke: string): string {
  const path: string[] = [];
  if (arms === 'rl') path.push(`M${round(x)} ${round(y + HEIGHT / 2)}h${round(count * WIDTH)}`);
  else {
    for (let i = 0; i < count; i++) {
      const middle = `M${round(x + (i + 0.5) * WIDTH)} ${round(y + HEIGHT / 2)}`;
      const ends = { u: `v${-HEIGHT / 2}`, d: `v${HEIGHT / 2}`, l: `h${-WIDTH / 2}`, r: `h${WIDTH / 2}` };
      for (const arm of arms) path.push(middle + ends[arm as keyof typeof ends]);
    }
  }
  return `<path d="${path.join('')}" stroke="${stroke}"/>`;
}

function rect(x: number, y: number, width: number, height: number, fill: string, opacity = 1): string {
  const see = opacity === 1 ? '' : ` fill-opacity="${opacity}"`;
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"${fillOf(fill)}${see}/>`;
}

const fillOf = (fill: string): string => (fill === hex(FOREGROUND) ? '' : ` fill="${fill}"`);
const round = (value: number): number => Math.round(value * 100) / 100;
const hex = (colour: Rgb): string => '#' + colour.map((channel) => channel.toString(16).padStart(2, '0')).join('');
const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);
