import type { TextProps } from 'ink';
import type { ColourDepth } from './colour.ts';
import type { Palette } from './heat.ts';

export { glyphs, toAscii } from './glyphs.ts';

export const THEMES = ['dark', 'light', 'no-colour', 'ascii'] as const;
export type ThemeName = (typeof THEMES)[number];

type ToneStyle = Pick<
  TextProps,
  'color' | 'backgroundColor' | 'bold' | 'dimColor' | 'italic' | 'underline' | 'strikethrough' | 'inverse'
>;

// dark and light are checked for contrast; `basic` names one of sixteen colours, whose looks are the user's choice.
type ToneDefinition = {
  readonly dark?: string;
  readonly light?: string;
  readonly basic?: { readonly dark: string; readonly light: string };
  readonly also?: ToneStyle;
};

const same = (name: string) => ({ dark: name, light: name });

const TONES = {
  text: {},
  muted: { dark: '#949494', light: '#6c6c6c', basic: same('gray'), also: { dimColor: true } },
  accent: { dark: '#5fd7ff', light: '#005f87', basic: { dark: 'cyanBright', light: 'blue' } },
  title: { dark: '#5fd7ff', light: '#005f87', basic: { dark: 'cyanBright', light: 'blue' }, also: { bold: true } },
  cursor: { also: { bold: true, inverse: true } },
  // The two signs wear the colours of the diverging scale.
  positive: { dark: '#f4a582', light: '#b2182b', basic: { dark: 'redBright', light: 'red' } },
  negative: { dark: '#92c5de', light: '#2166ac', basic: { dark: 'blueBright', light: 'blue' } },
  // Okabe and Ito's colours, which stay apart with every kind of colour-blindness; darker on light terminals.
  'gate-i': { dark: '#56b4e9', light: '#0072b2', basic: { dark: 'cyan', light: 'blue' } },
  'gate-f': { dark: '#e69f00', light: '#9a5200', basic: { dark: 'yellow', light: 'red' } },
  'gate-g': { dark: '#2fbf8f', light: '#00705a', basic: same('green') },
  'gate-o': { dark: '#e08fc0', light: '#a03c78', basic: same('magenta') },
  cell: { dark: '#f0e442', light: '#6f6000', basic: { dark: 'yellowBright', light: 'black' }, also: { bold: true } },
  hidden: { dark: '#b9a5ff', light: '#5b3fb5', basic: { dark: 'blueBright', light: 'cyan' } },
  masked: { dark: '#808080', light: '#767676', basic: same('gray'), also: { dimColor: true } },
  warning: { dark: '#ffd75f', light: '#875f00', basic: { dark: 'yellow', light: 'red' } },
  error: { dark: '#ff5f5f', light: '#c00000', basic: { dark: 'redBright', light: 'red' }, also: { bold: true } },
  good: { dark: '#5fd787', light: '#007030', basic: same('green') },
} satisfies Record<string, ToneDefinition>;

export type Tone = keyof typeof TONES;

export type Theme = Palette & {
  readonly name: ThemeName;
  readonly tones: Readonly<Record<Tone, ToneStyle>>;
  /** For `chalk.level`, which Ink colours its text with and which does not know NO_COLOR. */
  readonly chalkLevel: 0 | 1 | 2 | 3;
};

export type ThemeOptions = {
  readonly name?: ThemeName;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Bits, as `stdout.getColorDepth()` counts them: 1, 4, 8 or 24. */
  readonly colorDepth?: number;
  /** false for --no-color. */
  readonly color?: boolean;
};

const CHALK_LEVELS = { none: 0, '16': 1, '256': 2, truecolor: 3 } as const;

export function themeFor({ name, env, colorDepth, color = true }: ThemeOptions): Theme {
  const depth = color && name !== 'no-colour' ? depthOf(env, colorDepth) : 'none';
  const background = name === 'dark' || name === 'light' ? name : backgroundOf(env);
  const ascii = name === 'ascii';
  const tones = Object.fromEntries(
    Object.entries(TONES).map(([tone, definition]) => [tone, toneStyle(definition, depth, background)]),
  ) as Record<Tone, ToneStyle>;
  const shown = ascii ? 'ascii' : depth === 'none' ? 'no-colour' : background;
  return { name: shown, depth, background, ascii, tones, chalkLevel: CHALK_LEVELS[depth] };
}

function toneStyle(tone: ToneDefinition, depth: ColourDepth, background: 'dark' | 'light'): ToneStyle {
  if (depth === 'none') return tone.also ?? {};
  if (depth === '16')
    return tone.basic ? { color: tone.basic[background], ...withoutDim(tone.also) } : { ...tone.also };
  return tone.dark ? { color: tone[background], ...withoutDim(tone.also) } : { ...tone.also };
}

// dim stands in for a grey; on top of one it is hard to read.
const withoutDim = ({ dimColor: _, ...style }: ToneStyle = {}): ToneStyle => style;

function depthOf(env: ThemeOptions['env'], bits: number | undefined): ColourDepth {
  const term = env.TERM ?? '';
  if (env.NO_COLOR || term === 'dumb') return 'none';
  if (bits === 24 || /^(truecolor|24bit)$/i.test(env.COLORTERM ?? '') || /-direct$/.test(term)) return 'truecolor';
  if (bits === 8 || /-256(color)?$/.test(term)) return '256';
  return bits === undefined || bits >= 4 ? '16' : 'none';
}

// COLORFGBG is "foreground;background" in the sixteen colours; 7 and 15 are the whites.
function backgroundOf(env: ThemeOptions['env']): 'dark' | 'light' {
  const background = env.COLORFGBG?.split(';').at(-1);
  return background === '7' || background === '15' ? 'light' : 'dark';
}
