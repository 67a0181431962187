import { open } from './activations';
import { products } from './products';
import { bytesOf } from './rows';

/**
 * Rows of a Dense or of windows of a Conv1D: z and y [rows, units] out of x · weights + bias. x: rows `xRow` bytes apart; sums: room for [rows, 16 · panels].
 */
export function dense(
  z: usize,
  y: usize,
  x: usize,
  xRow: usize,
  rows: i32,
  depth: i32,
  units: i32,
  weights: usize,
  panels: i32,
  bias: usize,
  sums: usize,
  activation: i32,
): void {
  products(sums, bias, x, xRow, rows, depth, weights, panels);
  for (let row = 0; row < rows; row++) {
    open(activation, sums, z, y, units);
    sums += (<usize>panels) << 6;
    z += bytesOf(units);
    y += bytesOf(units);
  }
}
