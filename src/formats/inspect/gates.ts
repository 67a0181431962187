/** One block of an array: `length` columns or rows from `from` on. */
export interface GateBlock {
  /** i f c o of an LSTM (c is the candidate), z r h of a GRU, as the file's own framework calls them. */
  readonly gate: string;
  readonly from: number;
  readonly length: number;
}

/** How an array is divided among the gates of a recurrent layer. */
export interface Gates {
  /** "LSTM kernel", "GRU bias" */
  readonly of: string;
  /** Along which axis the blocks lie, counted from 0. */
  readonly axis: number;
  readonly blocks: readonly GateBlock[];
}

interface Named {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Orders of gates, each framework's own. Sources: keras/src/layers/rnn, torch.nn.LSTM and GRU, onnx/docs/Operators.md. */
const KERAS = { 4: ['i', 'f', 'c', 'o'], 3: ['z', 'r', 'h'] } as const;
const TORCH = { 4: ['i', 'f', 'g', 'o'], 3: ['r', 'z', 'n'] } as const;
export const ONNX = { LSTM: ['i', 'o', 'f', 'c'], GRU: ['z', 'r', 'h'] } as const;

const CELLS = { 4: 'LSTM', 3: 'GRU' } as const;

/** `units` numbers for each gate, along an axis of this length; several rounds where the axis is longer (two biases). */
export function gateBlocks(gates: readonly string[], units: number, length: number): GateBlock[] {
  if (units < 1 || length % units !== 0 || length / units > 64) return [];
  return Array.from({ length: length / units }, (_, at) => ({
    gate: gates[at % gates.length],
    from: at * units,
    length: units,
  }));
}

/** The gates of every array that is a recurrent layer's, by the array's name: what names and shapes of Keras and PyTorch say. */
export function gatesOf(arrays: readonly Named[]): ReadonlyMap<string, Gates> {
  const found = new Map<string, Gates>();
  const groups = new Map<string, Named[]>();
  for (const array of arrays) {
    const single = oneGate(array);
    if (single !== null) found.set(array.name, single);
    const group = torchGroup(array.name) ?? array.name.replace(/[^/]*$/, '');
    groups.set(group, [...(groups.get(group) ?? []), array]);
  }
  for (const group of groups.values()) {
    for (const [name, gates] of torchGates(group) ?? kerasGates(group)) if (!found.has(name)) found.set(name, gates);
  }
  return found;
}

/** Keras 1 kept every gate by itself: lstm_1_W_i, lstm_1_U_f, … */
function oneGate({ name, shape }: Named): Gates | null {
  const match = /(?:^|_|\/)([WUb])_([ifcozrh])(?::\d+)?$/.exec(name);
  if (match === null || shape.length === 0) return null;
  const [, letter, gate] = match;
  const what = letter === 'W' ? 'kernel' : letter === 'U' ? 'recurrent kernel' : 'bias';
  const cell = 'zrh'.includes(gate) ? 'GRU' : 'LSTM';
  const axis = shape.length - 1;
  return { of: `${cell} ${what}`, axis, blocks: [{ gate, from: 0, length: shape[axis] }] };
}

/** What arrays of one cell of PyTorch have in common: `lstm.l0_reverse`, of `lstm.weight_ih_l0_reverse`. */
function torchGroup(name: string): string | null {
  const match = /^(.*?)(?:weight|bias)_(?:ih|hh|hr)(_l\d+(?:_reverse)?)?$/.exec(name);
  return match ? `torch ${match[1]}${match[2] ?? ''}` : null;
}

function torchGates(group: readonly Named[]): [string, Gates][] | null {
  const of = (part: string) => group.find(({ name }) => new RegExp(`(^|\\.)${part}(_l\\d+(_reverse)?)?$`).test(name));
  const recurrent = of('weight_hh');
  if (recurrent === undefined || recurrent.shape.length !== 2) return null;
  const units = of('weight_hr')?.shape[1] ?? recurrent.shape[1];
  const count = recurrent.shape[0] / units;
  if (count !== 4 && count !== 3) return [];
  const whats = { weight_ih: 'kernel', weight_hh: 'recurrent kernel', bias_ih: 'bias', bias_hh: 'recurrent bias' };
  return Object.entries(whats).flatMap(([part, what]): [string, Gates][] => {
    const array = of(part);
    if (array === undefined || array.shape[0] !== count * units) return [];
    return [
      [array.name, { of: `${CELLS[count]} ${what}`, axis: 0, blocks: gateBlocks(TORCH[count], units, count * units) }],
    ];
  });
}

/** kernel, recurrent_kernel and bias, or 0, 1 and 2 in Keras 3's layout, where their shapes are those of a cell. */
function kerasGates(group: readonly Named[]): [string, Gates][] {
  const of = (...leaves: string[]) =>
    group.find(({ name }) => leaves.includes(name.replace(/^.*\//, '').replace(/:\d+$/, '')));
  const isVars = group.some(({ name }) => /(^|\/)vars\/\d+$/.test(name));
  const [kernel, recurrent, bias] = isVars
    ? [of('0'), of('1'), of('2')]
    : [
        of('kernel', kernelOf1(group, 'W')),
        of('recurrent_kernel', kernelOf1(group, 'U')),
        of('bias', kernelOf1(group, 'b')),
      ];
  if (kernel?.shape.length !== 2 || recurrent?.shape.length !== 2) return [];
  const [units, width] = recurrent.shape;
  const count = width / units;
  if ((count !== 4 && count !== 3) || kernel.shape[1] !== width) return [];
  const last = bias?.shape[bias.shape.length - 1] ?? 0;
  const isCudnn = bias?.shape.length === 1 && last === 2 * width;
  const cell = `${isCudnn ? 'CuDNN' : ''}${CELLS[count]}`;
  const gates = (array: Named, what: string): [string, Gates] => {
    const axis = array.shape.length - 1;
    return [array.name, { of: `${cell} ${what}`, axis, blocks: gateBlocks(KERAS[count], units, array.shape[axis]) }];
  };
  const hasBias = bias !== undefined && (last === width || isCudnn);
  return [gates(kernel, 'kernel'), gates(recurrent, 'recurrent kernel'), ...(hasBias ? [gates(bias, 'bias')] : [])];
}

/** Keras 1 with consume_less="gpu": lstm_1_W, lstm_1_U, lstm_1_b. */
function kernelOf1(group: readonly Named[], letter: string): string {
  const found = group.find(({ name }) => new RegExp(`_${letter}(:\\d+)?$`).test(name))?.name ?? '';
  return found.replace(/^.*\//, '').replace(/:\d+$/, '') || '-';
}
