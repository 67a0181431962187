// A terminal colour as one number: 0…255 is an index into the terminal's own palette (the first 16 are the user's to
// choose), anything from 2²⁴ up is red, green and blue.
export type Colour = number;
export type Rgb = readonly [red: number, green: number, blue: number];
export type ColourDepth = 'truecolor' | '256' | '16' | 'none';

const TRUE_COLOUR = 0x1000000;

export const isTrueColour = (colour: Colour): boolean => colour >= TRUE_COLOUR;

export const rgb = ([red, green, blue]: Rgb): Colour => TRUE_COLOUR + (red << 16) + (green << 8) + blue;

export const mix = (from: Rgb, to: Rgb, share: number): Rgb => {
  const at = (i: 0 | 1 | 2) => Math.round(from[i] + (to[i] - from[i]) * share);
  return [at(0), at(1), at(2)];
};

/** WCAG 2 relative luminance, 0…1. */
export function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((channel) => {
    const c = channel / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const CUBE = [0, 95, 135, 175, 215, 255];

/** Nearest of xterm's 6×6×6 cube and 24 greys; the first 16 colours are the user's and never picked. */
export function nearest256(colour: Rgb): Colour {
  const steps = colour.map((channel) => nearestStep(channel)) as [number, number, number];
  const cube = 16 + 36 * steps[0] + 6 * steps[1] + steps[2];
  const grey = 232 + Math.min(23, Math.max(0, Math.round(((colour[0] + colour[1] + colour[2]) / 3 - 8) / 10)));
  return distance(colour, toRgb(grey)) < distance(colour, toRgb(cube)) ? grey : cube;
}

const nearestStep = (channel: number): number =>
  CUBE.reduce((best, step, i) => (Math.abs(step - channel) < Math.abs(CUBE[best]! - channel) ? i : best), 0);

const distance = (a: Rgb, b: Rgb): number => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;

// What a picture of the screen uses for the 16 colours that a terminal leaves to its user.
const BASIC: readonly Rgb[] = [
  [22, 22, 22],
  [224, 82, 82],
  [106, 190, 112],
  [214, 170, 84],
  [94, 142, 220],
  [196, 122, 196],
  [82, 184, 190],
  [204, 204, 204],
  [118, 118, 118],
  [255, 122, 110],
  [142, 224, 146],
  [250, 214, 110],
  [132, 176, 255],
  [228, 156, 228],
  [124, 222, 228],
  [250, 250, 250],
];

export function toRgb(colour: Colour): Rgb {
  if (isTrueColour(colour)) return [(colour >> 16) & 255, (colour >> 8) & 255, colour & 255];
  if (colour < 16) return BASIC[colour]!;
  if (colour >= 232) {
    const grey = 8 + 10 * (colour - 232);
    return [grey, grey, grey];
  }
  const index = colour - 16;
  return [CUBE[Math.floor(index / 36)]!, CUBE[Math.floor(index / 6) % 6]!, CUBE[index % 6]!];
}
