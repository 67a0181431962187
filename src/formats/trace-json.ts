import { kindOf } from '../layers/kinds.ts';
import { isRecurrent, type RecurrentLayer } from '../layers/layer.ts';
import { stateNames } from '../layers/recurrent.ts';
import { moveAxis, type Rows, row, rows, sizeOf, stacked, type Tensor, whole } from '../math/tensor.ts';
import { callName, outputNames } from '../model/graph.ts';
import { inFileAxes } from '../model/output-axes.ts';
import { type CallTrace, isBackward, type Recording, type Trace } from '../trace/trace.ts';
import { chunked, type Piece } from './chunks.ts';
import { hasSteps, type Selection, samplesOfCall, select, type TraceFilter, wasComputed } from './trace-selection.ts';

export interface TraceJsonOptions extends TraceFilter {
  /** Where the model came from: a preset's or a file's name. */
  readonly source?: string | null;
  /** What made the file: "Keras 3.15". */
  readonly madeWith?: string | null;
}

/** What goes on at a masked step; every other quantity was not computed there. */
const CARRIED: readonly string[] = ['h', 'c'];

/**
 * A recording as the JSON of a trace (trace.schema.json), in chunks: quantities one a line, numbers so that reading them gives the same float64, or the
 * same float32 where that is what was computed. Throws a LabError at once for a layer or quantity that is not there.
 */
export function traceJson(recording: Recording, options: TraceJsonOptions = {}): Iterable<Buffer> {
  return chunked(documentPieces(recording, select(recording, options), options));
}

function* documentPieces(
  { model, engine, runs }: Recording,
  selection: Selection,
  { source = 'preset', madeWith = null }: TraceJsonOptions,
): Generator<Piece> {
  const about = { name: model.name, source, made_with: madeWith };
  yield `{"format": "lstm-lab-trace", "version": 1,\n"model": ${JSON.stringify(about)},\n"engine": "${engine}",\n`;
  if (runs.length === 1) {
    yield* runPieces(model, runs[0], selection);
  } else {
    yield '"runs": [';
    for (const [at, run] of runs.entries()) {
      yield at === 0 ? '\n{' : ',\n{';
      yield* runPieces(model, run, selection);
      yield '}';
    }
    yield ']';
  }
  if (model.incomplete.length > 0) yield `,\n"incomplete": ${JSON.stringify(model.incomplete)}`;
  yield '}\n';
}

function* runPieces(model: Recording['model'], run: readonly Trace[], selection: Selection): Generator<Piece> {
  yield '"inputs": [';
  for (const [at, call] of model.inputs.entries()) {
    if (at > 0) yield ',';
    yield* tensorPieces(
      callName(model.calls[call]),
      run.map(({ inputs }) => inFloat64(inputs[at])),
    );
  }
  yield '],\n"outputs": [';
  for (const [at, ref] of model.outputs.entries()) {
    if (at > 0) yield ',';
    if (ref === null) {
      yield `{"name": ${JSON.stringify(model.outputNames[at])}, "shape": null, "data": null}`;
      continue;
    }
    const samples = run.map(({ outputs }) => outputs[at] as Rows);
    const [name, axes, batchAxis] = [model.outputNames[at], model.outputAxes[at], model.outputBatchAxes[at]];
    if (axes === null && batchAxis === 0) yield* tensorPieces(name, samples);
    else {
      const arranged = (all: Tensor) => (axes === null ? moveAxis(all, 0, batchAxis) : inFileAxes(all, axes));
      yield* laidOutPieces(name, together(samples, arranged));
    }
  }
  yield '],\n"layers": [';
  for (const [at, call] of selection.calls.entries()) {
    yield at === 0 ? '\n' : ',\n';
    yield* layerPieces(samplesOfCall(run, call), selection);
  }
  yield ']';
}

function* layerPieces(samples: readonly CallTrace[], selection: Selection): Generator<Piece> {
  const { call } = samples[0];
  const direction = isBackward(call) ? 'backward' : 'forward';
  yield `{"name": ${JSON.stringify(call.layer.name)}, "class": ${JSON.stringify(kindOf(call.layer).className(call.layer))}, "direction": "${direction}",\n`;
  yield '"mask": ';
  yield* listPieces(samples[0].mask === null ? null : samples, function* ({ mask, call }) {
    const used = Array.from(mask ?? [], (byte) => byte === 1);
    yield JSON.stringify(isBackward(call) ? used.reverse() : used);
  });
  yield ',\n"initial_state": ';
  yield* statePieces(samples);
  yield ',\n"returns": [';
  for (const [at, name] of outputNames(call).entries()) {
    if (at > 0) yield ',';
    const returned = samples.map(({ returns }) => returns[at]);
    const { layer } = call;
    const isTimeMajor = at === 0 && isRecurrent(layer) && layer.timeMajor && layer.returnSequences;
    yield* isTimeMajor
      ? laidOutPieces(
          name,
          together(returned, (all) => moveAxis(all, 0, 1)),
        )
      : tensorPieces(name, returned);
  }
  yield ']';
  if (hasSteps(call.layer)) {
    yield ',\n"steps": {';
    for (const [at, symbol] of selection.symbols(samples[0]).entries()) {
      yield `${at === 0 ? '\n' : ',\n'}"${symbol}": `;
      yield* listPieces(samples, (sample) => stepPieces(sample, symbol, selection));
    }
    yield '}';
  }
  yield '}';
}

/** [h0, c0] (or [h0]), each [batch][units]; null where all samples start from zeros. */
function* statePieces(samples: readonly CallTrace[]): Generator<Piece> {
  if (samples.every(({ initialState }) => initialState === null)) {
    yield 'null';
    return;
  }
  for (const [at, symbol] of stateNames(samples[0].call.layer as RecurrentLayer).entries()) {
    yield at === 0 ? '[' : ', ';
    yield* listPieces(samples, function* ({ initialState, quantities }) {
      const state = initialState?.[symbol] ?? new Float64Array(quantities[symbol].shape[1]);
      yield '[';
      // What float32 goes on from is float32 too, wherever it came from.
      yield row(quantities[symbol], 0) instanceof Float32Array ? Float32Array.from(state) : state;
      yield ']';
    });
  }
  yield ']';
}

/** [timestep][unit] in processing order. */
function* stepPieces(sample: CallTrace, symbol: string, selection: Selection): Generator<Piece> {
  const values = sample.quantities[symbol];
  const [steps, units] = values.shape;
  const nothing = new Array<string>(units).fill('null').join(',');
  for (let step = 0; step < steps; step++) {
    yield step === 0 ? '[[' : '],[';
    selection.wrote(1);
    // Past the end of a sequence whose length is given (ONNX's sequence_lens) there is no state either.
    const isCarried = CARRIED.includes(symbol) && sample.call.mask === null;
    yield wasComputed(sample, step) || isCarried ? row(values, step) : nothing;
  }
  yield steps === 0 ? '[]' : ']]';
}

/** A tensor of all samples: the batch axis is put back. */
function* tensorPieces(name: string, samples: readonly Rows[]): Generator<Piece> {
  yield `{"name": ${JSON.stringify(name)}, "shape": ${JSON.stringify([samples.length, ...samples[0].shape])}, "data": `;
  yield* listPieces(samples, (t) => nestedPieces(t, 0, 0));
  yield '}';
}

/** What is given is written to the last bit, whatever it is kept in: other engines go on from it in float64. */
function inFloat64(t: Rows): Rows {
  return { shape: t.shape, read: (from, to) => Float64Array.from(rows(t, from, to)) };
}

/** All samples as one tensor in other axes; of float32 where they are. */
function together(samples: readonly Rows[], arranged: (all: Tensor) => Tensor): Tensor {
  const parts = samples.map(whole);
  const { shape, data } = arranged(stacked(parts));
  return { shape, data: parts.every((part) => part.data instanceof Float32Array) ? Float32Array.from(data) : data };
}

function* laidOutPieces(name: string, t: Tensor): Generator<Piece> {
  yield `{"name": ${JSON.stringify(name)}, "shape": ${JSON.stringify(t.shape)}, "data": `;
  yield* nestedPieces(t, 0, 0);
  yield '}';
}

/** What stands from row number `from` on, as nested lists from this axis on. */
function* nestedPieces(t: Rows, axis: number, from: number): Generator<Piece> {
  if (axis === t.shape.length) {
    yield row(t, from);
  } else if (axis === t.shape.length - 1) {
    yield '[';
    yield row(t, from);
    yield ']';
  } else {
    const each = sizeOf(t.shape.slice(axis + 1, -1));
    yield '[';
    for (let at = 0; at < t.shape[axis]; at++) {
      if (at > 0) yield ',';
      yield* nestedPieces(t, axis + 1, from + at * each);
    }
    yield ']';
  }
}

function* listPieces<T>(items: readonly T[] | null, pieces: (item: T) => Iterable<Piece>): Generator<Piece> {
  if (items === null) {
    yield 'null';
    return;
  }
  for (const [at, item] of items.entries()) {
    yield at === 0 ? '[' : ',';
    yield* pieces(item);
  }
  yield ']';
}
