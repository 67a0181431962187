import type { Rgb } from './colour.ts';

// As d3-scale-chromatic interpolates them. Nobody looks at more colours than these, and loading all of d3's takes longer than drawing a screen.

/** Cividis (Nuñez, Anderton and Renslow 2018), equally bright to every eye: 32 colours from low to high. */
export const CIVIDIS = colours(
  '00205100265d012c6509316a13376c1d3d6e29436e34496e3f4f6e4a546d545a6e5d606e65666f6d6c71757272' +
    '7c7874837f75898577908b789792789f9878a79f77afa675b9ad72c2b46eccbb69d7c363e1ca5cebd256f3da4f' +
    'f9e249fdea45',
);

/** ColorBrewer's RdBu: 31 colours from red over white to blue. */
export const RDBU = colours(
  '67001f800823971228ac202fbc3238c94843d56050e07760e98d71f1a385f6b69af9c8affbd7c4fae3d6f7ebe4' +
    'f2efeee9eff2dceaf1cde3eebbdae9a6cfe38fc2dd77b3d55fa4cc4b94c43a84bb2d75b12265a31854900e427a' +
    '053061',
);

function colours(hex: string): readonly Rgb[] {
  const channel = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
  return Array.from({ length: hex.length / 6 }, (_, i) => [channel(6 * i), channel(6 * i + 2), channel(6 * i + 4)]);
}
