/*
 * Numbers of float32 as text: the shortest decimal that reads back to the same float32, of those the nearest, laid out as JavaScript lays out a
 * number. Scaled by a power of ten so that all that reads back to it is from 1 to less than 10 wide, there is a whole number in it, and at most one
 * multiple of ten, which is shorter (Giulietti, "The Schubfach way to render doubles", 2020). Scaling in float64 is off by less than 1e-7: what is
 * nearer than EPSILON to a bound is left to exact arithmetic. float32.ts lays out the memory.
 */

/** Exact arithmetic: writes the float32 of these bits at `at`; where it ends. */
// @ts-ignore: decorator
@external('exact', 'write')
declare function writeExact(at: usize, bits: u32): usize;

/** Tables, by the 8 bits of the exponent: 10^power and half the distance to the next float32, scaled (f64); power (i8). Then 00 to 99 as text. */
const SCALES: usize = 0;
const HALVES: usize = 2048;
const POWERS: usize = 4096;
const PAIRS: usize = 4352;

const EPSILON: f64 = 1e-6;

/** `count` numbers from `values` on, each after `length` bytes of `before` (and its number from `first` on and a comma, unless negative), and before the byte `after`. */
export function write(
  at: usize,
  values: usize,
  count: i32,
  before: usize,
  length: usize,
  first: i32,
  after: u8,
): usize {
  for (let n: i32 = 0; n < count; n++) {
    for (let done: usize = 0; done < length; done += 16) v128.store(at + done, v128.load(before + done));
    at += length;
    if (first >= 0) {
      at = writeDigits(at, first + n, digitCount(first + n));
      store<u8>(at++, 44);
    }
    at = writeNumber(at, load<u32>(values + (<usize>n << 2)));
    store<u8>(at++, after);
  }
  return at;
}

function writeNumber(start: usize, bits: u32): usize {
  const exponent: usize = (bits >>> 23) & 255;
  const magnitude = bits & 0x7fffffff;
  if (exponent === 255) return writeExact(start, bits);
  let at = start;
  if (bits !== magnitude) store<u8>(at++, 45);
  if (magnitude === 0) {
    store<u8>(at++, 48);
    return at;
  }
  const value = <f64>reinterpret<f32>(magnitude) * load<f64>(SCALES + (exponent << 3));
  let half = load<f64>(HALVES + (exponent << 3));
  let power: i32 = load<i8>(POWERS + exponent);
  // Below a power of two the neighbours are half as far.
  const isPower = (bits & 0x7fffff) === 0;
  if (isPower) half *= 0.5;
  const whole = <u32>value;
  const ten = whole / 10;
  const above = value - <f64>(ten * 10);
  const gap = min(above, 10 - above) - half;
  let digits: u32;
  if (gap < -EPSILON) {
    digits = above < 5 ? ten : ten + 1;
    power--;
    while (digits % 10 === 0) {
      digits /= 10;
      power--;
    }
  } else {
    const fraction = value - <f64>whole;
    if (isPower || gap < EPSILON || abs(fraction - 0.5) < EPSILON) return writeExact(start, bits);
    digits = fraction < 0.5 ? whole : whole + 1;
  }
  return layOut(at, digits, digitCount(digits), power);
}

/** `digits` times ten to the power −`power`. */
function layOut(at: usize, digits: u32, count: i32, power: i32): usize {
  // So many digits stand before the point.
  const point = count - power;
  if (point > -6 && point <= 0) {
    store<u64>(at, 0x3030303030302e30); // 0.000000
    return writeDigits(at + 2 - point, digits, count);
  }
  if (point > 0 && point < count) {
    const end = writeDigits(at + 1, digits, count);
    for (let to = at + point; at < to; at++) store<u8>(at, load<u8>(at + 1));
    store<u8>(at, 46);
    return end;
  }
  if (point > 0 && point <= 21) {
    at = writeDigits(at, digits, count);
    for (let zeros = point - count; zeros > 0; zeros--) store<u8>(at++, 48);
    return at;
  }
  let end = writeDigits(at + 1, digits, count);
  store<u8>(at, load<u8>(at + 1));
  store<u8>(at + 1, 46);
  if (count === 1) end--;
  store<u8>(end++, 101);
  store<u8>(end++, point > 0 ? 43 : 45);
  const exponent = abs(point - 1);
  return writeDigits(end, exponent, exponent < 10 ? 1 : 2);
}

function writeDigits(at: usize, number: u32, count: i32): usize {
  let end = at + count;
  while (number >= 100) {
    const rest = number / 100;
    end -= 2;
    store<u16>(end, load<u16>(PAIRS + ((number - rest * 100) << 1)));
    number = rest;
  }
  if (number >= 10) store<u16>(end - 2, load<u16>(PAIRS + (number << 1)));
  else store<u8>(end - 1, 48 + number);
  return at + count;
}

function digitCount(number: u32): i32 {
  if (number < 10000) return number < 100 ? (number < 10 ? 1 : 2) : number < 1000 ? 3 : 4;
  if (number < 1000000) return number < 100000 ? 5 : 6;
  if (number < 100000000) return number < 10000000 ? 7 : 8;
  return number < 1000000000 ? 9 : 10;
}
