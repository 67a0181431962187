import type { GruLayer, LstmLayer, SimpleRnnLayer } from '../../layers/layer.ts';
import type { ActivationRef } from '../../math/activations.ts';
import { recurrentActivations } from './activation.ts';
import { arranged, labAxis, picked, settledAxis } from './axes.ts';
import { add, type Building, cannot, type Doing, freeName, layerName, type Weights } from './building.ts';
import { isComputed } from './computed.ts';
import { initialStates, type States } from './initial-state.ts';
import type { NodeProto } from './model-proto.ts';
import { intOf, stringOf } from './node.ts';
import { recurrentWeights } from './recurrent-weights.ts';
import { inTime, lengthsOf, once } from './sequence-lens.ts';
import { asLive, shapeOf, stackOf } from './shaping.ts';
import { type Live, live, type Value } from './value.ts';

type Operator = 'LSTM' | 'GRU' | 'RNN';

/** One direction of a node: the layer's name and what it returns, in the order of time. */
interface Direction {
  readonly ref: string;
  readonly sequence: () => string;
  readonly states: readonly string[];
}

/**
 * ONNX's LSTM, GRU and RNN (github.com/onnx/onnx, docs/Operators.md). Each direction is a layer; a backward one gives Y in the order of time, so that
 * what goes_backwards returns is turned around. Y is [T, directions, B, units], with layout 1 [B, T, directions, units]; Y_h and Y_c have no T.
 */
export function recurrent(building: Building, node: NodeProto, inputs: readonly (Value | null)[]): Value[] {
  const operator = node.opType as Operator;
  const [given, w, r, b, lens, initialH, initialC, p] = inputs;
  if (!isComputed(given)) throw cannot('its input is no sequence that the model computes.');
  const x = asLive(building, { ...node, name: `${layerName(node)}_input` }, given);
  const layout = intOf(node, 'layout', 0);
  const [timeAxis, batchAxis] = layout === 0 ? [0, 1] : [1, 0];
  if (x.axes.length !== 3) throw cannot('its input has other than three axes.');
  const { sequence, samples } = asSequence(building, node, x, timeAxis, batchAxis);
  const weights = recurrentWeights(building, operator, node, w ?? null, r ?? null, b ?? null, p ?? null);
  const { units } = weights;
  const ways = directionsOf(node, weights.directions.length);
  const activations = recurrentActivations(node, operator, ways.length);
  const clip = node.attributes.get('clip')?.f;
  const masks = lens ? lengthsOf(building, node, sequence, lens, samples) : null;
  const wanted = node.outputs.map((name) => name !== '' && building.uses.has(name));
  const states: States = { initialH: initialH ?? null, initialC: initialC ?? null };

  const directions = ways.map((way, at): Direction => {
    const goBackwards = way === 'reverse';
    const suffix = ways.length > 1 ? (goBackwards ? 'backward' : 'forward') : undefined;
    const name = freeName(building, `${layerName(node)}${suffix ? `/${suffix}` : ''}`);
    const start = initialStates(building, node, states, { at, count: ways.length, units, layout, operator, name });
    const doing = cell(operator, node, {
      units,
      clip,
      goBackwards,
      activations: activations[at],
      weights: weights.directions[at],
      returnSequences: wanted[0] === true,
      returnState: masks !== null || (wanted[0] === true && wanted[1] === true) || wanted[2] === true,
    });
    const seen = goBackwards && masks ? masks.aligned() : { ref: sequence.ref(), mask: masks?.mask() };
    const ref = add(building, node, doing, [seen.ref], {
      weights: weights.directions[at],
      suffix,
      ...(start && { initialState: start }),
      ...(seen.mask && { mask: seen.mask }),
    });
    const returnsState = 'returnState' in doing && doing.returnState;
    return {
      ref,
      sequence: once(() => inTime(building, node, ref, goBackwards, masks)),
      states: returnsState ? [`${ref}:1`, `${ref}:2`] : [ref],
    };
  });
  // States that are used by themselves are no longer inside of anything.
  const plain = masks === null && directions.every(({ ref, states }) => states[0] === ref);
  if (directions.length === 2) pair(building, node, directions, plain);

  const [time] = sequence.shape;
  const sequenceAxes: Live['axes'] = layout === 0 ? [[0], samples, [1]] : [samples, [0], [1]];
  const stateAxes: Live['axes'] = [samples, [0]];
  const state = (which: number) => (): Value =>
    stackOf(
      building,
      node,
      layout === 0 ? 0 : 1,
      directions.map(({ states }) => live(states[which], [units], stateAxes)),
    );
  const outputs = [
    () =>
      stackOf(
        building,
        node,
        layout === 0 ? 1 : 2,
        directions.map((way) => live(way.sequence, [time, units], sequenceAxes)),
      ),
    state(0),
    state(1),
  ];
  return node.outputs.map((_, at) => (wanted[at] ? outputs[at]() : { kind: 'lost', ref: '' }));
}

/** The input as the lab has sequences, [timesteps, features]. Where the graph has no batch, a length of 1 stands for it. */
export function asSequence(building: Building, node: NodeProto, x: Live, timeAxis: number, batchAxis: number) {
  const samples = x.axes[batchAxis];
  const isBatch = samples.length === 1 && samples[0] === 'batch';
  if (!isBatch && samples.length > 0) {
    const [length] = [shapeOf(building, x)[batchAxis]];
    if (length !== 1)
      throw cannot(
        'its samples are not those of the batch: the axis that it reads as the batch is one of timesteps or features.',
      );
    const squeezed = picked(building, node, settledAxis(building, node, x, batchAxis), batchAxis, 0);
    return asSequence(
      building,
      node,
      live(squeezed.ref, squeezed.shape, squeezed.axes.toSpliced(batchAxis, 0, [])),
      timeAxis,
      batchAxis,
    );
  }
  const whole = settledAxis(building, node, settledAxis(building, node, x, timeAxis), 2);
  const sequence = arranged(building, node, whole, [labAxis(whole, timeAxis), labAxis(whole, 2)]);
  return { sequence, samples };
}

function directionsOf(node: NodeProto, count: number): readonly ('forward' | 'reverse')[] {
  const direction = stringOf(node, 'direction', 'forward').toLowerCase();
  const ways =
    direction === 'bidirectional'
      ? (['forward', 'reverse'] as const)
      : ([direction === 'reverse' ? 'reverse' : 'forward'] as const);
  if (!['forward', 'reverse', 'bidirectional'].includes(direction) || ways.length !== count)
    throw cannot(`it reads in the direction "${direction.slice(0, 20)}", and has weights for ${count}.`);
  return ways;
}

interface CellOptions {
  readonly units: number;
  readonly clip: number | undefined;
  readonly goBackwards: boolean;
  readonly activations: readonly ActivationRef[];
  readonly weights: Weights;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
}

function cell(operator: Operator, node: NodeProto, options: CellOptions): Doing {
  const { activations, weights, clip, ...flags } = options;
  const common = {
    ...flags,
    useBias: Object.hasOwn(weights, 'bias'),
    stateful: false,
    unroll: false,
    zeroOutputForMask: true,
    maskedStart: 'zeros',
    dropout: 0,
    recurrentDropout: 0,
    ...(clip !== undefined && clip > 0 && { clip }),
  } as const;
  switch (operator) {
    case 'LSTM': {
      const [recurrentActivation, activation, outputActivation] = activations;
      return {
        kind: 'lstm',
        ...common,
        recurrentActivation,
        activation,
        ...(outputActivation !== activation && { outputActivation }),
        ...(intOf(node, 'input_forget', 0) !== 0 && { inputForget: true as const }),
        ...(Object.hasOwn(weights, 'peepholes') && { usePeepholes: true as const }),
      } satisfies Omit<LstmLayer, 'name' | 'trainable' | 'weights'>;
    }
    case 'GRU':
      return {
        kind: 'gru',
        ...common,
        recurrentActivation: activations[0],
        activation: activations[1],
        resetAfter: intOf(node, 'linear_before_reset', 0) !== 0,
      } satisfies Omit<GruLayer, 'name' | 'trainable' | 'weights'>;
    case 'RNN':
      return { kind: 'simple_rnn', ...common, activation: activations[0] } satisfies Omit<
        SimpleRnnLayer,
        'name' | 'trainable' | 'weights'
      >;
  }
}

/** Both directions of Y as one are what Keras's Bidirectional returns. */
function pair(building: Building, node: NodeProto, [forward, backward]: readonly Direction[], plain: boolean): void {
  const joined = once(() => {
    if (!plain)
      return add(building, node, { kind: 'merge', operation: 'concatenate', axes: [2] }, [
        forward.sequence(),
        backward.sequence(),
      ]);
    const refs = [forward.ref, backward.ref];
    const name = add(building, node, { kind: 'bidirectional', mergeMode: 'concat', returnSequences: true }, refs);
    for (const part of [...refs, name]) {
      const draft = building.names.get(part);
      if (draft) draft.spec = { ...draft.spec, within: name };
    }
    building.wrappers.push({ name, className: 'Bidirectional', outputs: [name] });
    return name;
  });
  building.pairs.set(forward.sequence, { backward: backward.sequence, joined });
}
