/* What all recurrent layers do with rows of their quantities. */

/** Bytes of a row of `units` numbers. */
// @ts-ignore: decorator
@inline
export function bytesOf(units: i32): usize {
  return (<usize>units) << 2;
}

/** A masked step computes nothing: NaN in row `now` of `count` quantities. */
export function skip(now: usize, stride: usize, count: i32, units: i32): void {
  for (let quantity = 0; quantity < count; quantity++) {
    for (let at: usize = 0; at < bytesOf(units); at += 16) v128.store(now + at, f32x4.splat(NaN));
    now += stride;
  }
}

/** A state goes on from its row `before` to the next as it is. */
export function carry(before: usize, units: i32): void {
  memory.copy(before + bytesOf(units), before, bytesOf(units));
}

/** to = a + b */
export function add(to: usize, a: usize, b: usize, units: i32): void {
  for (let at: usize = 0; at < bytesOf(units); at += 16) {
    v128.store(to + at, f32x4.add(v128.load(a + at), v128.load(b + at)));
  }
}
