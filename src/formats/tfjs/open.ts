import { LabError, quote } from '../../math/lab-error.ts';
import { isRecord } from '../is-record.ts';
import { own } from '../keras/config/object.ts';
import { configuration } from '../keras/configuration.ts';
import { planModel } from '../keras/plan.ts';
import { type KerasVersion, kerasVersion, madeWith } from '../keras/version.ts';
import type { OpenedFile } from '../opened.ts';
import { parseJson, readBounded } from '../read-file.ts';
import { attachWeights } from './attach.ts';
import { readManifest } from './manifest.ts';
import { readShards } from './shards.ts';
import { groupArrays, type NamedArray } from './weights.ts';

/** A topology may hold an embedding matrix as text. */
const MAX_JSON = 2 ** 28;

/**
 * A TensorFlow.js layers-model: `model.json` and the files of its weights beside it. What TensorFlow.js trained has its behaviour, what was converted
 * has that of the Keras it came from. Throws a LabError; a graph-model is refused. Format: tfjs-core/src/io/types.ts, ModelJSON.
 */
export async function tfjsModel(file: string, { seed = 1 }: { readonly seed?: number } = {}): Promise<OpenedFile> {
  try {
    return open(parseJson(readBounded(file, MAX_JSON), file), file, seed);
  } catch (error) {
    if (error instanceof LabError) throw error.within({ file });
    if (error instanceof RangeError)
      throw new LabError({ file, problem: 'the file is too large or too deep for the lab.', received: error.message });
    throw error;
  }
}

function open(json: unknown, file: string, seed: number): OpenedFile {
  if (!isRecord(json))
    throw new LabError({ problem: 'a model.json of TensorFlow.js is an object.', received: quote(json) });
  refuseGraph(json);
  const topology = topologyOf(json);
  const { model, written } = configuration(topology);
  const version = tfjsVersion(written ?? own(json, 'generatedBy'));
  const notes = new Set<string>();
  const arrays = tfjsArrays(json, file);
  if (arrays.length === 0)
    notes.add(`the file holds no weights: they are drawn from seed ${seed}, and are not those of a trained model`);
  noteQuantized(arrays, notes);
  const weights = arrays.length === 0 ? new Map() : attachWeights(model, arrays, notes);
  const name = (file.split(/[\\/]/).pop() ?? file).replace(/\.[^.]*$/, '');
  const planned = planModel(model, version, { weights, seed, notes, name });
  const converter = own(json, 'convertedBy');
  return {
    ...planned,
    format: typeof converter === 'string' ? 'TensorFlow.js layers-model, converted' : 'TensorFlow.js layers-model',
    madeWith: isTfjs(version) ? `TensorFlow.js ${version.text?.replace(/^[^\d]*/, '')}`.trim() : madeWith(version),
    vocabulary: null,
  };
}

/** The arrays of a model.json that is parsed already, from the files beside `file`. */
export function tfjsArrays(json: unknown, file: string): NamedArray[] {
  const manifest = own(json, 'weightsManifest');
  if (manifest === undefined || manifest === null) return [];
  const arrays = readManifest(manifest).flatMap((group) => groupArrays(group, readShards(group, file)));
  const names = new Set<string>();
  for (const { name } of arrays) {
    if (names.has(name))
      throw new LabError({ path: 'weightsManifest', problem: 'two arrays have one name.', received: quote(name) });
    names.add(name);
  }
  return arrays;
}

function refuseGraph(json: Readonly<Record<string, unknown>>): void {
  const topology = own(json, 'modelTopology');
  if (own(json, 'format') !== 'graph-model' && !Array.isArray(own(topology, 'node'))) return;
  throw new LabError({
    problem: 'this is a graph-model of TensorFlow.js: operations, compiled from a SavedModel, and no layers.',
    received: String(own(json, 'convertedBy') ?? own(json, 'generatedBy') ?? 'a graph-model').slice(0, 80),
    hint: 'convert the Keras model again with --output_format tfjs_layers_model, or open the .keras or .h5 file itself.',
  });
}

/** The configuration; early converters kept it as text. */
function topologyOf(json: Readonly<Record<string, unknown>>): unknown {
  const topology = own(json, 'modelTopology');
  if (!isRecord(topology)) {
    throw new LabError({
      path: 'modelTopology',
      problem: 'the file has no model, only weights.',
      received: quote(Object.keys(json)),
      hint: 'open the model.json that tf.LayersModel.save or the converter wrote.',
    });
  }
  const config = own(topology, 'model_config');
  return typeof config === 'string'
    ? { ...topology, model_config: parseJson(config, 'modelTopology.model_config') }
    : topology;
}

/** Of what TensorFlow.js wrote itself, and of what Keras wrote and was converted. */
function tfjsVersion(written: unknown): KerasVersion {
  const text = typeof written === 'string' ? written : '';
  // It computes as Keras 2.0 did: hard_sigmoid of slope 0.2, masked steps that repeat the state, no reset_after.
  if (/tfjs|tensorflow\.js/i.test(text)) return { major: 2, minor: 0, standalone: true, text: text.slice(0, 60) };
  return kerasVersion(text.replace(/^keras /i, ''), 2);
}

function isTfjs({ text }: KerasVersion): boolean {
  return text !== null && /tfjs|tensorflow\.js/i.test(text);
}

function noteQuantized(arrays: readonly NamedArray[], notes: Set<string>): void {
  const types = new Set(
    arrays.map(({ dtype }) => dtype).filter((dtype) => ['uint8', 'uint16', 'float16'].includes(dtype)),
  );
  if (types.size > 0)
    notes.add(`the weights are quantised to ${[...types].join(' and ')}; the lab computes with what they stand for`);
}
