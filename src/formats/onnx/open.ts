import { LabError } from '../../math/lab-error.ts';
import type { OutputAxes } from '../../model/output-axes.ts';
import type { OpenedFile } from '../opened.ts';
import { settled } from './axes.ts';
import { add, type Building, needed } from './building.ts';
import { externalData } from './external-data.ts';
import { takeApart } from './lower.ts';
import { type NodeProto, readModel } from './model-proto.ts';
import { isWithoutCells } from './own-input.ts';
import { asLive } from './shaping.ts';
import { type Atom, type Live, live } from './value.ts';

/** The operator sets that were tried. */
const [OLDEST, NEWEST] = [6, 22];

/**
 * An ONNX model as a plan. Tensors that stand in other files are read beside `file`. Operators that the lab cannot compute become layers that are left
 * out, named with their reason. Throws a LabError with the place in the file where it is no ONNX model, or damaged.
 */
export function onnxModel(bytes: Uint8Array, file: string): OpenedFile {
  try {
    const model = readModel(bytes);
    const whole = takeApart(model, externalData(file));
    const building = isWithoutCells(whole) ? takeApart(model, externalData(file), true) : whole;
    const outputs = model.graph.outputs.map(({ name }) => outputOf(building, name));
    const layers = needed(
      building,
      outputs.map(({ ref }) => ref),
    );
    const names = new Set(layers.map(({ spec }) => spec.name));
    const opset = model.opsets.get('');
    const { producer, producerVersion } = model;
    return {
      plan: {
        name: model.graph.name || 'model',
        keras: 3,
        seed: 0,
        layers,
        wrappers: building.wrappers.filter(({ name }) => names.has(name)),
        outputs: outputs.map(({ ref }) => ref),
        outputBatchAxes: outputs.map(({ batchAxis }) => batchAxis),
        outputAxes: outputs.map(({ axes }) => axes ?? null),
      },
      notes: [...notesOn(opset), ...precision(model.graph.initializers), ...building.notes],
      format: opset === undefined ? 'ONNX' : `ONNX, opset ${opset}`,
      madeWith: producer === '' ? null : `${producer} ${producerVersion}`.trim(),
      vocabulary: null,
    };
  } catch (error) {
    throw error instanceof LabError ? error.within({ file }) : error;
  }
}

function notesOn(opset: number | undefined): string[] {
  if (opset === undefined) return ['the file does not say which operator set of ONNX it uses.'];
  if (opset >= OLDEST && opset <= NEWEST) return [];
  return [
    `the file uses operator set ${opset} of ONNX; the lab knows ${OLDEST} to ${NEWEST}, and others may mean something else.`,
  ];
}

const HALVES = new Map([
  [10, 'float16'],
  [16, 'bfloat16'],
]);

function precision(initializers: readonly { readonly type: number }[]): string[] {
  const names = new Set(initializers.flatMap(({ type }) => HALVES.get(type) ?? []));
  return [...names].map((name) => `weights are ${name}; the lab computes in float64.`);
}

/** An output in the file's own axes: which tensor it is, and which axis of it counts the samples. */
function outputOf(building: Building, name: string): { ref: string; batchAxis: number; axes?: OutputAxes } {
  const value = building.values.get(name);
  const node: NodeProto = {
    name: `${name}_output`,
    opType: 'Output',
    domain: '',
    inputs: [],
    outputs: [name],
    attributes: new Map(),
  };
  const left = (reason: string) => ({
    ref: add(building, node, { kind: 'unknown', className: 'Output', reason }, []),
    batchAxis: 0,
  });
  if (value === undefined)
    throw new LabError({ path: 'graph.output', problem: 'nothing makes this output.', received: name });
  if (value.kind === 'lost') return { ref: value.ref, batchAxis: 0 };
  if (value.kind !== 'live' && value.kind !== 'stack') return left('it does not depend on the input');
  try {
    const given = asLive(building, node, value);
    const axes = given.axes.flatMap((atoms): (readonly Atom[])[] =>
      atoms.length > 1 && atoms.includes('batch') ? atoms.map((atom) => [atom]) : [atoms],
    );
    if (axes.length > given.axes.length)
      building.notes.add(`the file counts samples and timesteps of ${name} along one axis; the lab keeps them apart.`);
    const whole = settled(building, node, live(given.ref, given.shape, axes));
    const batchAxis = whole.axes.findIndex((atoms) => atoms.includes('batch'));
    const ref = firstOutput(building, whole.ref());
    return batchAxis >= 0 && axes.length === given.axes.length
      ? { ref, batchAxis }
      : { ref, batchAxis: 0, axes: inFile(given.axes, whole.axes) };
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return left(error.fields.problem.replace(/\.$/, ''));
  }
}

/** The file's axes in terms of the lab's, which has axes apart that are one there. */
function inFile(given: Live['axes'], settledAxes: Live['axes']): OutputAxes {
  const own = settledAxes.flat().filter((atom) => atom !== 'stack');
  let at = 0;
  return given.map((atoms) => {
    const count = atoms.includes('batch') ? atoms.length : 1;
    at += count;
    return own.slice(at - count, at);
  });
}

/** A layer that returns its states too is not meant whole. */
function firstOutput({ names }: Building, ref: string): string {
  const spec = names.get(ref)?.spec;
  return spec && 'returnState' in spec && spec.returnState ? `${ref}:0` : ref;
}
