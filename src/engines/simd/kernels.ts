import { wasm } from './wasm.ts';

/** What of WebAssembly is used here: the core is written without a browser's types. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};

/** A place in the memory, in bytes; 0 is none. */
export type Pointer = number;

/** The functions of assembly/, where each says what it wants. */
export interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly activate: (which: number, from: Pointer, to: Pointer, count: number) => void;
  readonly products: (...args: number[]) => void;
  readonly dense: (...args: number[]) => void;
  readonly lstm: (...args: number[]) => void;
  readonly gruResetAfter: (...args: number[]) => void;
  readonly gruResetBefore: (...args: number[]) => void;
  readonly simpleRnn: (...args: number[]) => void;
}

let compiled: object | undefined;

/** The kernels with a memory of their own. `activate`: overwrites a row by an activation that has no kernel. */
export function makeKernels(activate: (which: number, at: Pointer, count: number) => void): Kernels {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(wasm), (letter) => letter.charCodeAt(0)));
  return new WebAssembly.Instance(compiled, { engine: { activate } }).exports as Kernels;
}
