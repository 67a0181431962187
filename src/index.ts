/** lstm-lab as a library: open a model's file or a preset, run it, and read every gate and state. */

export type { GivenStates } from './engines/engine.ts';
export { type RecordOptions, record } from './engines/record.ts';
export { type OpenedModel, type OpenModelOptions, openModel as open } from './formats/open.ts';
export { buildPreset, openPreset, parsePreset } from './formats/preset/open.ts';
export { kindOf, weightsOf } from './layers/kinds.ts';
export type {
  Equation,
  GruLayer,
  Layer,
  LstmLayer,
  Quantities,
  RecurrentState,
  Shape,
  SimpleRnnLayer,
} from './layers/layer.ts';
export { GATES } from './layers/lstm.ts';
export { LabError } from './math/lab-error.ts';
export {
  fromNested,
  type LazyRows,
  type Rows,
  row,
  rows,
  type Tensor,
  tensor,
  toNested,
  whole,
} from './math/tensor.ts';
export type { Call, Incomplete, Model, Ref, Wrapper } from './model/graph.ts';
export { callName } from './model/graph.ts';
export { summarize } from './model/summary.ts';
export type { CallTrace, EngineName, Preparation, Recording, RecordingProgress, Trace } from './trace/trace.ts';
