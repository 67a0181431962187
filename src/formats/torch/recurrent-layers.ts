import { LabError } from '../../math/lab-error.ts';
import { add, type Building, type End } from './building.ts';
import { isBidirectional, layerCount } from './module-kind.ts';
import type { TorchModule } from './modules.ts';
import { taken } from './taken.ts';
import { cellArrays } from './weights.ts';

/** As many layers as one module may stack. */
const MAX_STACKED = 100;

/** The layers and directions that an nn.LSTM, nn.GRU, nn.RNN or one of their cells is. */
export function addRecurrent(building: Building, module: TorchModule, name: string): void {
  const { arrays } = module;
  const layers = layerCount(arrays);
  if (layers > MAX_STACKED)
    throw new LabError({ problem: `a module stacks at most ${MAX_STACKED} layers.`, received: `${layers}` });
  let end = taken(building, module) as End;
  const isCell = arrays.has('weight_ih');
  for (let layer = 0; layer < layers; layer++) {
    const suffix = isCell ? '' : `_l${layer}`;
    const own = `${name}${suffix}`;
    const within = isBidirectional(arrays) ? { within: `${own}_both` } : {};
    const width = addCell(building, module, own, suffix, end.name, { goBackwards: false, ...within });
    if (!isBidirectional(arrays)) {
      end = { name: own, width, isSequence: true, isRecurrent: true };
      continue;
    }
    addCell(building, module, `${own}_reverse`, `${suffix}_reverse`, end.name, { goBackwards: true, ...within });
    const both = `${own}_both`;
    const spec = {
      kind: 'bidirectional',
      name: both,
      trainable: true,
      within: both,
      mergeMode: 'concat',
      returnSequences: true,
    } as const;
    add(building, spec, [own, `${own}_reverse`]);
    building.wrappers.push({ name: both, className: 'Bidirectional', outputs: [both] });
    end = { name: both, width: 2 * width, isSequence: true, isRecurrent: true, isBoth: true };
  }
  building.ends.push(end);
}

/** One layer of one direction. Returns how many features it gives. */
function addCell(
  building: Building,
  { facts, arrays }: TorchModule,
  name: string,
  suffix: string,
  input: string,
  direction: { readonly goBackwards: boolean; readonly within?: string },
): number {
  const { gates, units, projectionUnits, useBias, given } = cellArrays(arrays, suffix);
  const said = facts?.attributes.get('nonlinearity') ?? facts?.attributes.get('mode');
  const relu = said === 'relu' || said === 'RNN_RELU' || building.options.assume?.includes('relu');
  const common = {
    name,
    trainable: true,
    units,
    useBias,
    returnSequences: true,
    returnState: false,
    stateful: false,
    unroll: false,
    zeroOutputForMask: false,
    maskedStart: 'zeros',
    dropout: 0,
    recurrentDropout: 0,
    ...direction,
  } as const;
  if (gates === 4) {
    const projected = projectionUnits === undefined ? {} : { projectionUnits };
    add(
      building,
      { kind: 'lstm', ...common, activation: 'tanh', recurrentActivation: 'sigmoid', ...projected },
      [input],
      given,
    );
  } else if (gates === 3) {
    add(
      building,
      { kind: 'gru', ...common, activation: 'tanh', recurrentActivation: 'sigmoid', resetAfter: true },
      [input],
      given,
    );
  } else {
    if (!relu && typeof said !== 'string') building.notes.add('nn.RNN is taken to be tanh (--assume relu changes it)');
    add(building, { kind: 'simple_rnn', ...common, activation: relu ? 'relu' : 'tanh' }, [input], given);
  }
  return projectionUnits ?? units;
}
