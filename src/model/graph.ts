import type { Layer, LstmState, Shape } from '../layers/layer.ts';

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
  /** The input, and for an LSTM with wired states also h0 and c0. */
  readonly inputs: readonly Ref[];
  /** Numbers that the LSTM starts from at every batch, where they are given and not wired. */
  readonly initialState: LstmState | null;
  readonly outputShapes: readonly Shape[];
}

export interface Model {
  readonly name: string;
  /** The version of Keras whose behaviour it has. */
  readonly keras: 1 | 2 | 3;
  /** Each layer once, in the order of the description. */
  readonly layers: readonly Layer[];
  /** In order of execution; an Input is a call too. */
  readonly calls: readonly Call[];
  /** Calls of the Inputs, in the order in which inputs are given. */
  readonly inputs: readonly number[];
  readonly outputs: readonly Ref[];
}

/** `lstm_1`, and `lstm_1#2` for the second call of a shared layer. */
export function callName(call: Pick<Call, 'layer' | 'number'>): string {
  return call.number === 1 ? call.layer.name : `${call.layer.name}#${call.number}`;
}

/** What a call returns, in Keras's words. */
export function outputNames(call: Pick<Call, 'outputShapes'>): string[] {
  return ['output', 'state_h', 'state_c'].slice(0, call.outputShapes.length);
}
