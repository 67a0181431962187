/*
 * The shortest decimal that reads back to the same float32, in whole numbers of any size: always right, and slow. The fast way (assembly/) asks it
 * where float64 cannot tell.
 */

const bits = new DataView(new ArrayBuffer(4));

/**
 * The float64 that is written as the shortest decimal which reads back to this float32, the nearest of those that are as short, and the even one of
 * two that are as near: what numpy prints. Not-a-number, infinities and zeros stay as they are.
 */
export function shortestFloat32(value: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  bits.setFloat32(0, value);
  const exponent = (bits.getUint32(0) >>> 23) & 255;
  const fraction = bits.getUint32(0) & 0x7fffff;
  const isEven = fraction % 2 === 0;
  // In quarters of the distance to the next float32; below a power of two the distance is half of that above it.
  const middle = 4n * BigInt(exponent === 0 ? fraction : fraction + 0x800000);
  const down = fraction === 0 && exponent > 1 ? 1n : 2n;
  const quarter = Math.max(exponent, 1) - 152;
  const isInside = (distance: bigint, half: bigint) => (isEven ? distance <= half : distance < half);
  for (let power = Math.floor(Math.log10(Math.abs(value))) + 1; ; power--) {
    const unit = 10n ** BigInt(Math.max(power, 0)) * 2n ** BigInt(Math.max(-quarter, 0));
    const scale = 10n ** BigInt(Math.max(-power, 0)) * 2n ** BigInt(Math.max(quarter, 0));
    const digits = (middle * scale) / unit;
    const above = middle * scale - digits * unit;
    const below = unit - above;
    const canBeLess = isInside(above, down * scale);
    const canBeMore = isInside(below, 2n * scale);
    if (!canBeLess && !canBeMore) continue;
    const isMore = canBeMore && (!canBeLess || below < above || (below === above && digits % 2n === 1n));
    return Math.sign(value) * Number(`${digits + (isMore ? 1n : 0n)}e${power}`);
  }
}
