import { LabError } from '../../math/lab-error.ts';
import { type Tensor, whole } from '../../math/tensor.ts';
import type { OpenedFile } from '../opened.ts';
import { safeName } from '../safe-name.ts';
import type { TorchArrays } from './arrays.ts';
import { add, addInput, type Building, type End, type TorchOptions } from './building.ts';
import { type TorchModule, torchModules } from './modules.ts';
import { assumedOrder, givenOrder } from './order.ts';
import { otherLayer, zerosAround } from './other-layers.ts';
import { addRecurrent } from './recurrent-layers.ts';
import { residualNote } from './residual.ts';
import { notFinite, notRun, widened, wiringNotes } from './said.ts';
import { lastTimestep, taken } from './taken.ts';
import type { Following } from './weightless.ts';
import { cellArrays } from './weights.ts';

/**
 * What a state dict of PyTorch is taken for. It holds arrays and no forward(): modules run in an order found by `order.ts`, batches come first, and a
 * Linear after a recurrent module reads y[:, -1]; `notes` say so. Sources: torch/nn/modules/rnn.py, linear.py, sparse.py, normalization.py, conv.py.
 */
export function torchModel(found: TorchArrays, options: TorchOptions = {}): OpenedFile {
  const { modules, unplaced, notes } = torchModules(found);
  if (modules.length === 0)
    throw new LabError({
      problem: 'there are no weights of any module.',
      received: [...found.arrays.keys()].join(', ').slice(0, 200),
    });
  const { modules: ordered, note } = options.layers ? givenOrder(modules, options.layers) : assumedOrder(modules);
  const building: Building = {
    plans: [],
    wrappers: [],
    notes: new Set(note === '' ? [] : [note]),
    chained: new Set(),
    options,
    hasTime: modules.some(({ kind }) => kind === 'recurrent' || kind === 'conv1d' || kind === 'embedding'),
    inputs: 0,
    ends: [],
    used: [],
  };
  for (const [at, module] of ordered.entries()) {
    try {
      addModule(building, module, ordered.slice(at + 1));
    } catch (error) {
      throw error instanceof LabError ? error.within({ path: module.name }) : error;
    }
  }
  dropTwins(building);
  const last = building.plans[building.plans.length - 1];
  if (modules.some(({ kind }) => kind === 'recurrent'))
    building.notes.add('batches come first, gates are sigmoid and tanh, as nn.LSTM and nn.GRU have them');
  if (unplaced.length > 0) building.notes.add(notRun(unplaced));
  const residual = residualNote(ordered);
  if (residual !== null) building.notes.add(residual);
  return {
    plan: {
      name: 'torch',
      keras: 3,
      seed: options.seed ?? 1,
      layers: building.plans,
      wrappers: building.wrappers,
      outputs: building.ends.length > 0 ? building.ends.map(({ name }) => name) : [last.spec.name],
    },
    notes: [
      ...found.notes,
      ...notes,
      ...widened(found),
      ...notFinite(found),
      ...building.notes,
      ...wiringNotes(building),
    ],
    format: found.format,
    madeWith: found.metadata.get('made_with') ?? null,
    vocabulary: null,
  };
}

/** As many tables as are compared with each other. */
const MAX_TABLES = 16;

/** A table that nothing reads, and that another module has too, is that module under a second name: fastai's encoder_dp, a checkpoint's embedding. */
function dropTwins(building: Building): void {
  const tables = building.plans.filter(({ spec }) => spec.kind === 'embedding');
  if (tables.length > MAX_TABLES) return;
  const numbers = (name: string) => tables.find(({ spec }) => spec.name === name)?.weights.given?.embeddings;
  building.ends = building.ends.filter(({ name }) => {
    const own = numbers(name);
    if (own === undefined) return true;
    const twin = tables.find(({ spec }) => {
      const other = numbers(spec.name);
      return spec.name !== name && other !== undefined && sameNumbers(whole(own), whole(other));
    });
    if (twin === undefined) return true;
    building.notes.add(`${name} holds the numbers of ${twin.spec.name}, and nothing reads it: it is not run`);
    tables.splice(
      tables.findIndex(({ spec }) => spec.name === name),
      1,
    );
    building.plans = building.plans.filter(({ spec }) => spec.name !== name);
    return false;
  });
}

function sameNumbers(a: Tensor, b: Tensor): boolean {
  return a.shape.join() === b.shape.join() && a.data.every((value, at) => value === b.data[at]);
}

function addModule(building: Building, module: TorchModule, later: readonly TorchModule[]): void {
  const name = safeName(module.name || module.facts?.className.split('.').pop()?.toLowerCase() || bareName(module));
  switch (module.kind) {
    case 'embedding':
      addEmbedding(building, module, name);
      break;
    case 'recurrent':
      addRecurrent(building, module, name);
      break;
    case 'unknown':
      leaveOut(building, module, name, module.reason ?? '');
      break;
    default:
      addOther(building, module, name, later);
  }
  for (const following of module.following) addActivation(building, following);
}

/** What stands behind a module in an nn.Sequential. */
function addActivation(building: Building, { name, activation, dim }: Following): void {
  const end = building.ends.pop();
  if (end === undefined) return;
  // Of a Softmax the lab has the one over the features; null is the older PyTorch's choice, for matrices that axis.
  const isLast =
    dim === undefined || dim === -1 || dim === (end.isSequence ? 2 : 1) || (dim === null && !end.isSequence);
  if (!isLast) building.notes.add(notRun([`${name} (over axis ${dim})`]));
  else add(building, { kind: 'activation', name: safeName(name), trainable: true, activation }, [end.name]);
  building.ends.push(isLast ? { ...end, name: safeName(name), linear: undefined } : end);
}

/** A module that was saved by itself is named as what it is. */
function bareName({ kind, arrays }: TorchModule): string {
  if (kind === 'unknown') return 'parameters';
  if (kind !== 'recurrent') return kind;
  const { gates } = cellArrays(arrays, arrays.has('weight_ih') ? '' : '_l0');
  return { 4: 'lstm', 3: 'gru', 1: 'rnn' }[gates];
}

function addEmbedding(building: Building, { arrays }: TorchModule, name: string): void {
  const embeddings = arrays.get('weight') as Tensor;
  const [inputDim, outputDim] = embeddings.shape;
  const input = addInput(building, [null]);
  add(building, { kind: 'embedding', name, trainable: true, inputDim, outputDim, maskZero: false }, [input], {
    embeddings,
  });
  building.ends.push({ name, width: outputDim, isSequence: true, isRecurrent: false });
}

/** A Linear, a norm or a convolution. */
function addOther(building: Building, module: TorchModule, name: string, later: readonly TorchModule[]): void {
  const found = taken(building, module);
  if (found === undefined) {
    leaveOut(building, module, name, `it takes ${module.takes} features, and no module before it gives as many`);
    return;
  }
  const end = readBy(building, module, found, later);
  const isLinear = module.kind === 'linear';
  const before = end.linear;
  if (isLinear && before && (before.sequential === null || before.sequential !== module.sequential)) {
    building.chained.add(before.name);
    building.chained.add(name);
  }
  const { spec, given } = otherLayer(building.notes, module, name);
  const zeros = zerosAround(module);
  if (zeros > 0)
    add(building, { kind: 'zero_padding1d', name: `${name}_padding`, trainable: true, padding: [zeros, zeros] }, [
      end.name,
    ]);
  add(building, spec, [zeros > 0 ? `${name}_padding` : end.name], given);
  building.ends.push({
    name,
    width: module.gives,
    isSequence: end.isSequence,
    isRecurrent: module.kind === 'layer_norm' && end.isRecurrent,
    ...(isLinear && { linear: { name, sequential: module.sequential } }),
    // A norm between two Linears leaves open what activates them.
    ...(!isLinear && module.kind !== 'conv1d' && before && { linear: before }),
    ...(end.isUnknown && { isUnknown: true }),
  });
}

/** After a recurrent module a Linear and a BatchNorm1d read y[:, -1], unless a person says otherwise or what steps along time comes after them. */
function readBy(building: Building, module: TorchModule, found: End, later: readonly TorchModule[]): End {
  const { kind, name } = module;
  const readsLast =
    kind === 'batch_norm' || (kind === 'linear' && !building.options.assume?.includes('every-timestep'));
  if (!found.isRecurrent || !readsLast) return found;
  if (found.isSequence) {
    const reader = readerOfSteps(module, later);
    if (reader !== undefined) {
      building.notes.add(`${name} is taken to run at every timestep, as ${reader} steps along time after it`);
      return found;
    }
    const [what, otherwise] =
      kind === 'linear' ? ['Linear', ' (--assume every-timestep changes it)'] : ['BatchNorm1d', ''];
    building.notes.add(
      `a ${what} after a recurrent module reads its output at the last timestep, y[:, -1]${otherwise}`,
    );
    if (found.isBoth)
      building.notes.add('of a bidirectional module y[:, -1] has the backward direction after one step, unlike h_n');
  }
  return lastTimestep(building, found);
}

/** What steps along time and reads what a module gives, through Linears and norms in between. */
function readerOfSteps({ gives }: TorchModule, later: readonly TorchModule[]): string | undefined {
  let width = gives;
  for (const { kind, takes, gives: next, name } of later) {
    if (kind === 'embedding' || kind === 'unknown') return undefined;
    if (kind === 'recurrent' || kind === 'conv1d') return takes === width ? name : undefined;
    if (takes === width) width = next;
  }
  return undefined;
}

/** What comes after a module that the lab does not know needs what it returns, unless it steps along time of its own. */
function leaveOut(building: Building, { arrays, facts, name: own }: TorchModule, name: string, reason: string): void {
  const before = building.ends.at(-1);
  const className = facts?.className.split('.').pop() ?? 'module';
  const why = `${reason} (${[...arrays.keys()].slice(0, 3).join(', ')})`;
  add(building, { kind: 'unknown', name, trainable: true, className, reason: why }, before ? [before.name] : []);
  // Parameters of the network itself (a CRF's transitions) may be used anywhere.
  if (own === '') return;
  building.ends.pop();
  building.ends.push({ name, width: 0, isSequence: false, isRecurrent: false, isUnknown: true });
}
