/* The kernels of the simd engine, in AssemblyScript. Every pointer is a place in the memory, which the engine lays out; nothing is allocated here. */
export { activate } from './activations';
export { dense } from './dense';
export { gruResetAfter, gruResetBefore } from './gru';
export { lstm } from './lstm';
export { products } from './products';
export { simpleRnn } from './simple-rnn';
