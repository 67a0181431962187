import { kindOf } from '../layers/kinds.ts';
import { isRecurrent, type Layer, type RecurrentState, type Shape } from '../layers/layer.ts';
import type { OutputAxes } from './output-axes.ts';

/** One tensor of the graph: which output of which call. */
export interface Ref {
  readonly call: number;
  readonly output: number;
}

/** One use of a layer. A shared layer has several. */
export interface Call {
  readonly layer: Layer;
  /** Counted from 1 for each layer. */
  readonly number: number;
  /** The inputs; for a recurrent layer one. */
  readonly inputs: readonly Ref[];
  /** The tensors that a recurrent layer starts from, where they are wired: h, and for an LSTM c. */
  readonly states: readonly Ref[];
  /** Numbers that a recurrent layer starts from at every batch, where they are given and not wired. */
  readonly initialState: RecurrentState | null;
  /** The tensor that is its mask, instead of the mask that comes with its input. */
  readonly mask: Ref | null;
  /** Whether the mask that comes with its input is used. */
  readonly usesMask: boolean;
  readonly outputShapes: readonly Shape[];
}

/** Layers that a file has as one: a Bidirectional, an RNN of several cells, a nested model. */
export interface Wrapper {
  readonly name: string;
  readonly className: string;
  /** The wrapper that it is part of itself. */
  readonly within?: string;
  /** What it returns, at its first use; null: nothing that the lab can compute. */
  readonly outputs: readonly (Ref | null)[];
}

/** A layer that the lab could not run, because it does not know it or because it needs what such a layer returns. */
export interface Incomplete {
  readonly layer: string;
  readonly class: string;
  readonly reason: string;
}

export interface Model {
  readonly name: string;
  /** The version of Keras whose behaviour it has. */
  readonly keras: 1 | 2 | 3;
  /** Each layer once, in the order of the description. */
  readonly layers: readonly Layer[];
  readonly wrappers: readonly Wrapper[];
  /** In order of execution; an Input is a call too. */
  readonly calls: readonly Call[];
  /** Calls of the Inputs, in the order in which inputs are given. */
  readonly inputs: readonly number[];
  /** Null where an output needs a layer that is left out. */
  readonly outputs: readonly (Ref | null)[];
  /** What each output is called: `dense`, `lstm_1:1`. */
  readonly outputNames: readonly string[];
  /** Which axis of each output counts the samples, once there are several: 0, but for what a file lays out otherwise. */
  readonly outputBatchAxes: readonly number[];
  /** Of each output the axes that its file has, where the samples are no axis of their own there; else null. */
  readonly outputAxes: readonly (OutputAxes | null)[];
  readonly incomplete: readonly Incomplete[];
}

/** `lstm_1`, and `lstm_1#2` for the second call of a shared layer. */
export function callName(call: Pick<Call, 'layer' | 'number'>): string {
  return call.number === 1 ? call.layer.name : `${call.layer.name}#${call.number}`;
}

/** What a call returns, in Keras's words. */
export function outputNames({ layer, outputShapes }: Pick<Call, 'layer' | 'outputShapes'>): readonly string[] {
  const names = kindOf(layer).outputNames?.(layer, outputShapes.length) ?? ['output', 'state_h', 'state_c'];
  return outputShapes.map((_, at) => names[at] ?? `output_${at}`);
}

/** Whether a layer carries its state to the next batch. */
export function isStateful(layer: Layer): boolean {
  return isRecurrent(layer) && layer.stateful;
}

/** States carry no mask, compute_mask gives None for them; of two sequences that a Bidirectional does not merge, both have it. */
export function carriesMask({ layer }: Pick<Call, 'layer'>, output: number): boolean {
  return output === 0 || (output === 1 && layer.kind === 'bidirectional' && layer.mergeMode === null);
}
