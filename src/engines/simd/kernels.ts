import { wasm, wasmForThreads } from './wasm.ts';

/** What of WebAssembly is used here: the core is written without a browser's types. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  readonly Memory: new (size: { initial: number; maximum?: number; shared?: boolean }) => Memory;
};

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** A place in the memory, in bytes; 0 is none. */
export type Pointer = number;

/** The functions of assembly/, where each says what it wants, and their memory. */
export interface Kernels {
  readonly module: object;
  readonly memory: Memory;
  readonly activate: (which: number, from: Pointer, to: Pointer, count: number) => void;
  readonly dense: (...args: number[]) => void;
  readonly run: (first: Pointer, second: Pointer, team: Pointer) => number;
  readonly dismiss: (team: Pointer) => void;
}

/** As assembly/compile.mjs has it. */
const SHARED = { initial: 1, maximum: 65_536, shared: true };

const compiled: { alone?: object; shared?: object } = {};

/**
 * The kernels with a memory of their own, which threads can share or not. `activate`: overwrites a row by an activation that has no kernel.
 * Throws where no memory can be shared.
 */
export function makeKernels(shared: boolean, activate: (which: number, at: Pointer, count: number) => void): Kernels {
  const memory = new WebAssembly.Memory(shared ? SHARED : { initial: 1 });
  const name = shared ? 'shared' : 'alone';
  compiled[name] ??= moduleOf(shared ? wasmForThreads : wasm);
  const module = compiled[name];
  const { exports } = new WebAssembly.Instance(module, { env: { memory }, engine: { activate } });
  return { ...(exports as Omit<Kernels, 'module' | 'memory'>), module, memory };
}

function moduleOf(base64: string): object {
  return new WebAssembly.Module(Buffer.from(base64, 'base64'));
}
