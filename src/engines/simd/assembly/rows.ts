/* What all recurrent layers do with rows of their quantities. */

/** Bytes of a row of `units` numbers. */
// @ts-ignore: decorator
@inline
export function bytesOf(units: i32): usize {
  return (<usize>units) << 2;
}

/** NaN in a row of `count` quantities: a masked step computes nothing. */
export function skip(now: usize, stride: usize, count: i32, units: i32): void {
  for (let quantity = 0; quantity < count; quantity++) {
    for (let at: usize = 0; at < bytesOf(units); at += 16) v128.store(now + at, f32x4.splat(NaN));
    now += stride;
  }
}

/** A state goes on as it is. Not memory.copy: that would ask for the memory's size, which another thread may just have changed. */
export function carry(to: usize, from: usize, units: i32): void {
  for (let at: usize = 0; at < bytesOf(units); at += 16) v128.store(to + at, v128.load(from + at));
}

/** to = a + b */
export function add(to: usize, a: usize, b: usize, units: i32): void {
  for (let at: usize = 0; at < bytesOf(units); at += 16) {
    v128.store(to + at, f32x4.add(v128.load(a + at), v128.load(b + at)));
  }
}
