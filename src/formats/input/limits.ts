/** An input is data, so that a file may be large; what is larger is not meant. */
export const MAX_INPUT_BYTES = 256 * 2 ** 20;

export const NO_INPUT = {
  problem: 'there is no such file, and it is not numbers either.',
  hint: 'numbers are written "0.1, 0.2, 0.3"; ; ends a timestep.',
};
