/* The kernels of the simd engine, in AssemblyScript. Every pointer is a place in the memory, which the engine lays out; nothing is allocated here. */
export { activate } from './activations';
export { dense } from './dense';
export { dismiss, run, serve } from './team';
