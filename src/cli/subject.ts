import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chooseEngine, type EngineChoice, engineSeconds } from '../engines/choose.ts';
import { record } from '../engines/record.ts';
import type { InitialStates } from '../formats/input/initial-state.ts';
import { MADE_UP } from '../formats/input/made-up.ts';
import { type OpenedModel, type OpenModelOptions, openModel } from '../formats/open.ts';
import type { PresetDocument } from '../formats/preset/schema.ts';
import { STANDARD_INPUT } from '../formats/read-file.ts';
import { textBatch } from '../formats/text-input.ts';
import { readVocabulary } from '../formats/vocabulary.ts';
import { LabError } from '../math/lab-error.ts';
import { moveAxis, type Tensor, tensor } from '../math/tensor.ts';
import type { Model } from '../model/graph.ts';
import { nearest } from '../model/nearest.ts';
import { checkBatchSize, samplesOf } from '../model/samples.ts';
import type { About, PresetEntry, Subject } from '../session/session.ts';
import { meter } from '../session/work.ts';
import { interruptible } from './interrupt.ts';
import { openingSeconds, type Telling, tellingPerson } from './progress.ts';

/** How a model's file is opened, as a person says it. */
export interface OpeningOptions extends OpenModelOptions {
  /** The preset, by name or file, whose layers a file of weights only is of. */
  readonly preset?: string;
}

/** What a person may say about how a model is opened and run, on the command line. */
export interface OpenOptions extends OpeningOptions {
  readonly input?: string;
  /** Numbers or a file: what recurrent layers start from. */
  readonly initialState?: string;
  readonly text?: string;
  /** A file with the words that --text is read with. */
  readonly vocabulary?: string;
  /** Counted from 1. */
  readonly sample?: number;
  readonly engine?: EngineChoice;
  /** The numbers are shown as the lab shows them, to be read beside their equations; not written out as data. */
  readonly shown?: boolean;
  /** Samples run when they are first looked at, so that the first is seen sooner. */
  readonly lazily?: boolean;
  /** A long run is handed out at once, and computed while it is looked at. */
  readonly whileComputing?: boolean;
  /** What a trace may take, in MB. */
  readonly memory?: number;
  /** Where it is said what takes long. */
  readonly telling?: Telling;
}

/** The presets that came with the package: beside dist/ in the package and in a checkout. */
const presetsFolder = fileURLToPath(new URL('../presets/', import.meta.url));

/** In the order in which a person learns: embeddings, what an LSTM returns, whole models, what people get wrong. */
const ORDER = [
  'embedding-lookup',
  'embedding-random',
  'embedding-pretrained',
  'return-sequences',
  'return-state',
  'return-sequences-and-state',
  'return-neither',
  'stacked',
  'sentiment',
  'masking',
  'stateful',
  'go-backwards',
  'initial-state',
  'bidirectional',
  'simple-rnn',
  'gru',
  'attention',
  'conv-lstm',
];

function presetNames(): string[] {
  const names = readdirSync(presetsFolder)
    .filter((file) => file.endsWith('.json') && !file.endsWith('.schema.json'))
    .map((file) => file.replace(/\.json$/, ''));
  const rank = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return names.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** The file that a person means: a preset's name, a path, or - for standard input. */
export function modelFile(name: string, commands: readonly string[] = []): string {
  if (name === '-') return STANDARD_INPUT;
  const names = presetNames();
  if (names.includes(name)) return join(presetsFolder, `${name}.json`);
  if (/[/\\.]/.test(name) || existsSync(name)) return name;
  const near = nearest(name, [...names, ...commands]);
  throw new LabError({
    kind: 'missing',
    problem: `there is no preset and no file called ${JSON.stringify(name)}.`,
    hint: near ? `did you mean "${near}"?` : `"lstm-lab presets" lists the presets: ${names.join(', ')}.`,
  });
}

/** A model, opened and run, ready to be looked at. Ctrl-C gives it up, unless `options.telling` says who else does. */
export function openSubject(name: string, options: OpenOptions, commands: readonly string[] = []): Promise<Subject> {
  const { telling } = options;
  if (telling) return openTelling(name, options, commands, telling);
  return interruptible((signal) => openTelling(name, options, commands, tellingPerson(signal)));
}

async function openTelling(
  name: string,
  options: OpenOptions,
  commands: readonly string[],
  telling: Telling,
): Promise<Subject> {
  const file = modelFile(name, commands);
  const found = await openModelTelling(file, options, telling);
  const vocabulary = options.vocabulary === undefined ? found.vocabulary : readVocabulary(options.vocabulary);
  const opened = { ...found, vocabulary };
  const { batches, notes } = await batchesOf(opened, options);
  const initialStates = await initialStatesOf(opened.model, options, batches);
  const run = async () => {
    const engine = chooseEngine(options.engine ?? 'auto', opened.model, batches, options.shown ?? false);
    const { lazily, whileComputing, memory } = options;
    const text = 'computing';
    return telling(text, engineSeconds(engine, opened.model, batches), ({ signal, onWork }) => {
      const progress = meter('timesteps', () => performance.now());
      return record(opened.model, batches, engine, {
        lazily,
        whileComputing,
        initialStates,
        ...(memory !== undefined && { memory: memory * 2 ** 20 }),
        signal,
        onProgress: (done, total) => onWork({ text, progress: progress(done, total) }),
      });
    });
  };
  const recording = await run().catch((error) => {
    // The preset's own input is in its file.
    const own = options.input === undefined && options.text === undefined;
    throw own && error instanceof LabError ? error.within({ file }) : error;
  });
  return {
    recording,
    about: opened.document ? aboutOf(opened.name, opened.document) : null,
    origin: { file: name, format: opened.format, madeWith: opened.madeWith, remarks: remarksOf(notes) },
    words: vocabulary
      ? Object.fromEntries(Object.entries(vocabulary.words).map(([word, index]) => [index, word]))
      : null,
    notes,
  };
}

/** What notes say, in a few words for the title. */
const REMARKS: readonly (readonly [RegExp, string])[] = [
  [/holds no weights/, 'weights drawn'],
  [/assumed to run/, 'order assumed'],
  [/y\[:, -1\]/, 'y[:, -1] assumed'],
  [/policy is/, 'own precision'],
  [/made up from the seed/, 'input made up'],
];

function remarksOf(notes: readonly string[]): string[] {
  return REMARKS.flatMap(([pattern, remark]) => (notes.some((note) => pattern.test(note)) ? [remark] : []));
}

/** Opens a model; where that takes long, it is said on a terminal. */
export function openModelTelling(
  file: string,
  options: OpeningOptions,
  telling: Telling = tellingPerson(),
): Promise<OpenedModel> {
  const text = `opening ${basename(file)}`;
  return telling(text, openingSeconds(file), ({ signal, onWork }) => {
    const progress = meter('MB', () => performance.now());
    const megabytes = (bytes: number) => Math.ceil(bytes / 2 ** 20);
    const onRead = (done: number, total: number) =>
      onWork({ text, progress: progress(megabytes(done), megabytes(total)) });
    const reading = { signal, onRead };
    const isPreset = file.startsWith(presetsFolder);
    return openModel(file, { ...options, ...givenConfig(options), isPreset, reading }).catch((error) => {
      const isOfPreset = options.preset !== undefined && error instanceof LabError && error.fields.path === '--config';
      throw isOfPreset ? new LabError({ ...error.fields, path: '--preset' }) : error;
    });
  });
}

/** The architecture of a file of weights only, where it is a preset's. */
function givenConfig({ config, preset }: OpeningOptions): Pick<OpenModelOptions, 'config'> {
  if (preset === undefined) return {};
  if (config === undefined) return { config: modelFile(preset) };
  throw new LabError({ kind: 'usage', problem: 'give --config or --preset, not both.' });
}

/** What a person says that recurrent layers start from, or what the input's file says. One entry for all samples, or one for each. */
async function initialStatesOf(
  model: Model,
  { initialState, input, sample }: OpenOptions,
  batches: readonly (readonly Tensor[])[],
): Promise<InitialStates> {
  if (initialState === undefined && input === undefined) return [];
  const { inputInitialState, readInitialState } = await import('../formats/input/initial-state.ts');
  const states = initialState !== undefined ? readInitialState(initialState, model) : inputInitialState(input, model);
  if (states.length < 2) return states;
  if (sample !== undefined) return states.slice(sample - 1, sample);
  const samples = samplesOf(model, batches[0]).length;
  if (states.length === samples) return states;
  throw new LabError({
    kind: 'usage',
    path: '--initial-state',
    problem: `there ${samples === 1 ? 'is 1 sample' : `are ${samples} samples`}: one state for all of them or one for each is wanted.`,
    received: `${states.length}`,
  });
}

async function batchesOf(
  opened: OpenedModel,
  { input, text, sample }: OpenOptions,
): Promise<{ batches: readonly (readonly Tensor[])[]; notes: string[] }> {
  if (input !== undefined && text !== undefined)
    throw new LabError({ kind: 'usage', problem: 'give --input or --text, not both.' });
  let { batches } = opened;
  const notes = opened.notes.filter((note) => note !== MADE_UP || (input === undefined && text === undefined));
  if (input !== undefined) batches = (await import('../formats/input.ts')).readInput(input, opened.model);
  if (text !== undefined) {
    const made = textBatch([text], opened.model, opened.vocabulary, opened.document?.truncating);
    batches = [[made.batch]];
    notes.push(...made.notes);
  }
  checkBatchSize(opened.model, batches);
  return { batches: sample === undefined ? batches : chosen(opened.model, batches, sample), notes };
}

/** Only sample number `sample` (from 1) of each batch: a stateful layer's state goes from sample to the same sample. */
function chosen(model: Model, batches: readonly (readonly Tensor[])[], sample: number): Tensor[][] {
  return batches.map((batch) =>
    batch.map((given, at) => {
      const { layer } = model.calls[model.inputs[at]];
      const axis = (layer.kind === 'input' && layer.batchAxis) || 0;
      const { shape, data } = moveAxis(given, axis, 0);
      const size = data.length / shape[0];
      if (sample > shape[0]) {
        throw new LabError({
          kind: 'usage',
          problem: `there ${shape[0] === 1 ? 'is 1 sample' : `are ${shape[0]} samples`}.`,
          path: '--sample',
          received: String(sample),
        });
      }
      return moveAxis(tensor([1, ...shape.slice(1)], data.subarray((sample - 1) * size, sample * size)), 0, axis);
    }),
  );
}

function aboutOf(name: string, document: PresetDocument): About {
  return {
    name,
    title: document.title ?? name,
    shows: document.shows ?? '',
    lookFor: document.look_for ?? [],
    try: document.try ?? [],
  };
}

/** The shipped presets with what each says about itself, for lists and previews. Builds no model, and checks nothing: tests have. */
export function presetEntries(): PresetEntry[] {
  return presetNames().map((name) => {
    const document: PresetDocument = JSON.parse(readFileSync(join(presetsFolder, `${name}.json`), 'utf8'));
    return { name, about: aboutOf(name, document), layers: document.layers.map(layerLine) };
  });
}

/** `LSTM(units=2, return_sequences=True)`: a layer as its preset writes it, without weights and wiring. */
function layerLine({ class_name: className, ...args }: Readonly<Record<string, unknown>>): string {
  const hidden = ['weights', 'name', 'inputs', 'calls', 'initial_state', 'dtype', 'embeddings_initializer'];
  const shown = Object.entries(args).flatMap(([name, value]) => {
    if (hidden.includes(name)) return [];
    if (name === 'layer') return [layerLine(value as { class_name: string })];
    return [`${name}=${python(value)}`];
  });
  return `${className}(${shown.join(', ')})`;
}

function python(value: unknown): string {
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value === null) return 'None';
  if (Array.isArray(value)) return `(${value.map(python).join(', ')}${value.length === 1 ? ',' : ''})`;
  return JSON.stringify(value);
}
