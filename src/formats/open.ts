import { basename, extname } from 'node:path';
import { LabError } from '../math/lab-error.ts';
import type { Tensor } from '../math/tensor.ts';
import { buildModel } from '../model/build.ts';
import type { Model } from '../model/graph.ts';
import { fileSource } from './file-source.ts';
import { MADE_UP, madeUpInputs } from './input/made-up.ts';
import { kerasFile } from './keras/open.ts';
import { readConfiguration } from './keras/text.ts';
import type { OpenedFile } from './opened.ts';
import { openPreset } from './preset/open.ts';
import type { PresetDocument } from './preset/schema.ts';
import { readBounded } from './read-file.ts';
import { type Reading, readInBlocks } from './read-in-blocks.ts';
import type { FileKind } from './recognise/file-kind.ts';
import { recogniseFile } from './recognise.ts';
import type { Vocabulary } from './vocabulary/vocabulary.ts';

/** As large as a model file may be: what Node can hold as one buffer. */
const MAX_BYTES = 2 ** 32;

export interface OpenModelOptions {
  /** It is known to be a preset, and need not be recognised. */
  readonly isPreset?: boolean;
  /** Seeds what a file does not say: weights that are drawn, an input that is made up. */
  readonly seed?: number;
  /** A file with the architecture, for a file that holds weights only: Keras's JSON or YAML, or a preset. */
  readonly config?: string;
  /** PyTorch: the modules in the order in which they run. */
  readonly layers?: readonly string[];
  /** PyTorch: what a state dict does not say, where it is not what is assumed. */
  readonly assume?: readonly Assumption[];
  /** Who is told how far a large file of ONNX or PyTorch is read, and what gives it up. */
  readonly reading?: Reading;
}

/** `relu`: nn.RNN with nonlinearity="relu". `every-timestep`: a Linear after a recurrent module reads every timestep, not the last. */
type Assumption = 'relu' | 'every-timestep';

/** A model, whatever file it came from, with what is to be said about it. */
export interface OpenedModel {
  readonly model: Model;
  readonly name: string;
  /** "Keras 3 .keras", "preset", … */
  readonly format: string;
  /** "Keras 3.15.0"; null where the file does not say. */
  readonly madeWith: string | null;
  /** Batches to run one after the other: a preset's own, or one that is made up. One tensor [batch, …] for each input of the model. */
  readonly batches: readonly (readonly Tensor[])[];
  /** How text becomes indices, where the file holds a vocabulary. */
  readonly vocabulary: Vocabulary | null;
  /** What a preset says about itself. */
  readonly document: PresetDocument | null;
  readonly notes: readonly string[];
}

/** Opens any file that the lab reads, recognised by its content. Throws a LabError with the file, the place inside it and what can be done. */
export async function openModel(file: string, options: OpenModelOptions = {}): Promise<OpenedModel> {
  const kind = options.isPreset ? 'preset' : recogniseFile(file);
  refuseForOthers(kind, file, options);
  if (kind === 'preset') {
    const opened = await openPreset(file, { seed: options.seed });
    return { ...opened, format: 'preset', madeWith: null };
  }
  try {
    const { plan, notes, ...opened } = await read(kind, file, options);
    const name = basename(file, extname(file));
    const model = buildModel({ ...plan, seed: options.seed ?? plan.seed });
    if (model.calls.every(({ layer }) => layer.kind === 'input')) throw nothingToRun(model, kind);
    const batches = [madeUpInputs(model, options.seed ?? plan.seed)];
    return { ...opened, model, name, batches, document: null, notes: [...notes, ...incompleteNotes(model), MADE_UP] };
  } catch (error) {
    throw error instanceof LabError ? ofAnotherModel(error, file, options).within({ file }) : error;
  }
}

/** Where the model was given apart from its arrays and they do not fit, the one may not be that of the others. */
function ofAnotherModel(error: LabError, file: string, { config }: OpenModelOptions): LabError {
  const { path = '', problem, hint } = error.fields;
  if (config === undefined || !(/(^|\.)weights\.\w+$/.test(path) || /\barrays\b/.test(problem))) return error;
  const another = `are these the weights of another model than ${basename(config)}? "lstm-lab inspect ${file}" lists them.`;
  return new LabError({
    ...error.fields,
    hint: hint === undefined ? another : `${hint.replace(/\.$/, '')}; ${another}`,
  });
}

/** What a person says about files of PyTorch or of Keras would be ignored for others. */
function refuseForOthers(kind: FileKind, file: string, { layers, assume, config }: OpenModelOptions): void {
  const isKeras = kind === 'hdf5' || kind.startsWith('keras');
  const forTorch = isTorch(kind) ? undefined : layers ? '--layers' : assume ? '--assume' : undefined;
  const forKeras = isKeras || config === undefined ? undefined : '--config';
  if (forTorch === undefined && forKeras === undefined) return;
  throw new LabError({
    kind: 'usage',
    file,
    path: forTorch ?? forKeras,
    problem: `it is for ${forTorch ? 'files of PyTorch' : 'files of Keras that hold weights only'}, and this is none.`,
    received: RECEIVED[kind],
  });
}

function isTorch(kind: FileKind): boolean {
  return kind === 'safetensors' || kind.startsWith('torch');
}

const RECEIVED: Readonly<Record<FileKind, string>> = {
  'keras-zip': 'a .keras file',
  hdf5: 'an HDF5 file',
  safetensors: 'a .safetensors file',
  'torch-zip': 'a PyTorch file',
  'torch-legacy': 'a PyTorch file',
  'torch-tar': 'a PyTorch file',
  onnx: 'an ONNX file',
  tfjs: 'a TensorFlow.js model',
  'keras-config': 'a Keras configuration',
  'keras-yaml': 'a Keras configuration',
  preset: 'a preset',
};

/** The importers of other formats than Keras's are loaded when a file needs them. */
async function read(kind: Exclude<FileKind, 'preset'>, file: string, options: OpenModelOptions): Promise<OpenedFile> {
  if (kind === 'tfjs') return (await import('./tfjs/open.ts')).tfjsModel(file);
  const bytes = () => readInBlocks(file, MAX_BYTES, options.reading);
  switch (kind) {
    case 'onnx':
      return (await import('./onnx/open.ts')).onnxModel(await bytes(), file);
    case 'safetensors':
    case 'torch-zip':
    case 'torch-legacy':
    case 'torch-tar':
      return (await import('./torch/open.ts')).torchFile(await bytes(), kind === 'safetensors', options, file);
    default:
      return kerasFile(fileSource(file), file, { ...options, config: await configOf(options) });
  }
}

/** The architecture that a person gives for a file of weights only. */
async function configOf({ config }: OpenModelOptions): Promise<unknown> {
  if (config === undefined) return undefined;
  try {
    return (await readConfiguration(readBounded(config, MAX_BYTES), config)).value;
  } catch (error) {
    throw error instanceof LabError ? error.within({ file: config }) : error;
  }
}

/** As many layers as one note names. */
const MOST_NAMED = 8;

/** One note about everything that is left out, the cause first. */
function incompleteNotes({ incomplete }: Model): string[] {
  if (incomplete.length === 0) return [];
  const [first, ...rest] = incomplete;
  const names = rest.slice(0, MOST_NAMED).map(({ layer }) => layer);
  const more = rest.length > MOST_NAMED ? ` and ${rest.length - MOST_NAMED} more` : '';
  const others = rest.length === 0 ? '' : `; with it ${rest.length} more: ${names.join(', ')}${more}`;
  return [`incomplete: ${first.layer} (${first.class}) is left out, ${phrase(first.reason)}${others}`];
}

/** A reason inside a sentence: some are sentences of their own. */
function phrase(reason: string): string {
  return reason.replace(/\.$/, '');
}

function nothingToRun({ incomplete }: Model, kind: FileKind): LabError {
  const [first] = incomplete;
  return new LabError({
    path: first?.layer,
    problem: first
      ? `no layer of the model can be run: ${first.class}, ${phrase(first.reason)}.`
      : 'the model has no layers.',
    hint: first
      ? isTorch(kind)
        ? ONLY_MODULES
        : 'what comes after it opens, saved as a model of its own.'
      : undefined,
  });
}

const ONLY_MODULES =
  'the lab runs nn.LSTM, nn.GRU, nn.RNN and their cells, Embedding, Linear, Conv1d and norms by their arrays; what forward() writes out, torch.onnx.export puts into a file.';
