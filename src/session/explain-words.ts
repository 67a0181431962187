/* How the sentences of the explain line write numbers. */

export const isShare = (value: number) => value >= 0 && value <= 1;
export const percent = (value: number) => `${(value * 100).toFixed(value > 0 && value < 0.01 ? 1 : 0)} %`;
export const share = (value: number) => (isShare(value) ? percent(value) : `${plain(value)} times`);

/** `1 number`, `2 numbers` */
export const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

export function plain(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const digits =
    size !== 0 && (size < 0.0005 || size >= 1e6)
      ? size.toExponential(1).replace('e-', 'e−').replace('e+', 'e')
      : String(Number(size.toFixed(3)));
  return value < 0 ? `−${digits}` : digits;
}

export function signed(value: number): string {
  return value > 0 ? `+${plain(value)}` : plain(value);
}
