import { weightsOf } from '../layers/kinds.ts';
import { LabError } from '../math/lab-error.ts';
import { fileSource } from './file-source.ts';
import { type FoundArray, type Inspection, measured } from './inspect/array.ts';
import { type Gates, gatesOf } from './inspect/gates.ts';
import { inspectionLines } from './inspect/lines.ts';
import { isNpy, readNpy, readNpz } from './npy.ts';
import { openPreset } from './preset/open.ts';
import { parseJson, readBounded } from './read-file.ts';
import { recogniseFile } from './recognise.ts';
import type { Source } from './source.ts';
import { isZip } from './zip.ts';

export type { Inspection } from './inspect/array.ts';
export { inspectionLines };

/** As large as a file may be: what Node holds as one buffer. */
const MAX_BYTES = 2 ** 32;

interface Found {
  readonly format: string;
  readonly madeWith?: string | null;
  readonly metadata?: readonly (readonly [string, string])[];
  readonly notes?: readonly string[];
  readonly arrays: readonly FoundArray[];
  /** Where names alone do not say which gates an array holds. */
  readonly gates?: ReadonlyMap<string, Gates>;
}

/**
 * Every array of a file that the lab reads, with shape, type, statistics and, of a recurrent layer, which gate each block is. Files of weights alone,
 * and NumPy arrays, are read too. Throws a LabError.
 */
export async function inspectFile(file: string): Promise<Inspection> {
  try {
    const { format, madeWith = null, metadata = [], notes = [], arrays, gates = gatesOf(arrays) } = await read(file);
    return {
      file,
      format,
      madeWith,
      metadata: metadata.map(([name, value]) => [name, value.slice(0, 300)] as const),
      notes,
      arrays: arrays.map((array) => measured(array, gates.get(array.name) ?? null)),
    };
  } catch (error) {
    throw error instanceof LabError ? error.within({ file }) : error;
  }
}

async function read(file: string): Promise<Found> {
  const numpy = numpyArrays(file);
  if (numpy !== null) return numpy;
  const kind = recogniseFile(file);
  switch (kind) {
    case 'preset':
      return presetArrays(file);
    case 'keras-config':
    case 'keras-yaml':
      return { format: 'Keras configuration', arrays: [], notes: ['a configuration holds no arrays'] };
    case 'tfjs':
      return tfjsFound(file);
    case 'onnx': {
      const { onnxArrays } = await import('./inspect/onnx-arrays.ts');
      const { model, arrays, gates } = onnxArrays(readBounded(file, MAX_BYTES), file);
      const opsets = [...model.opsets].map(
        ([domain, version]) => [`opset${domain ? ` of ${domain}` : ''}`, `${version}`] as const,
      );
      const madeWith = `${model.producer} ${model.producerVersion}`.trim() || null;
      return { format: 'ONNX', madeWith, metadata: [['ir_version', `${model.irVersion}`], ...opsets], arrays, gates };
    }
    case 'safetensors':
    case 'torch-zip':
    case 'torch-legacy':
    case 'torch-tar':
      return torchFound(readBounded(file, MAX_BYTES), file, kind === 'safetensors');
    case 'hdf5':
      return hdf5Found(fileSource(file), 'Keras .h5');
    case 'keras-zip':
      return archiveFound(fileSource(file));
  }
}

/** NumPy's own files are no models, and all arrays. Null: it is another file. */
function numpyArrays(file: string): Found | null {
  if (!/\.np[yz]$/i.test(file)) return null;
  const bytes = readBounded(file, MAX_BYTES);
  if (isNpy(bytes)) {
    const { tensor, type } = readNpy(bytes);
    return { format: 'NumPy array', arrays: [{ name: 'array', shape: tensor.shape, dtype: type, tensor }] };
  }
  if (!isZip(bytes)) return null;
  const arrays = [...readNpz(bytes)].map(([name, { tensor, type }]) => ({
    name,
    shape: tensor.shape,
    dtype: type,
    tensor,
  }));
  return { format: 'NumPy archive', arrays };
}

async function presetArrays(file: string): Promise<Found> {
  const { model } = await openPreset(file);
  const arrays = model.layers.flatMap((layer) =>
    weightsOf(layer).flatMap(([name, tensor]): FoundArray[] =>
      tensor ? [{ name: `${layer.name}/${name}`, shape: tensor.shape, dtype: 'float64', tensor }] : [],
    ),
  );
  return { format: 'preset', arrays, notes: ['arrays that the preset does not give are drawn from its seed'] };
}

async function tfjsFound(file: string): Promise<Found> {
  const { tfjsArrays } = await import('./tfjs/open.ts');
  const json = parseJson(readBounded(file, 2 ** 28), file) as Readonly<Record<string, unknown>>;
  const said = ['format', 'generatedBy', 'convertedBy'].flatMap((name): [string, string][] =>
    Object.hasOwn(json, name) && typeof json[name] === 'string' ? [[name, json[name] as string]] : [],
  );
  const generated = json.generatedBy;
  return {
    format: 'TensorFlow.js model',
    madeWith: typeof generated === 'string' ? generated : null,
    metadata: said,
    arrays: tfjsArrays(json, file),
  };
}

async function torchFound(bytes: Uint8Array, file: string, isSafetensors: boolean): Promise<Found> {
  const found = isSafetensors
    ? (await import('./torch/safetensors.ts')).readSafetensors(bytes, file)
    : (await import('./torch/read.ts')).readTorch(bytes, file);
  const arrays = [...found.arrays].map(([name, { tensor, type }]) => ({
    name,
    shape: tensor.shape,
    dtype: type,
    tensor,
  }));
  return { format: found.format, metadata: [...found.metadata], notes: found.notes, arrays };
}

async function hdf5Found(source: Source, format: string): Promise<Found> {
  const { withHdf5 } = await import('./hdf5/open.ts');
  const { hdf5Arrays, hdf5Metadata } = await import('./inspect/keras-arrays.ts');
  return withHdf5(source, (h5) => {
    const metadata = hdf5Metadata(h5);
    const version = metadata.find(([name]) => name === 'keras_version')?.[1];
    return { format, madeWith: version === undefined ? null : `Keras ${version}`, metadata, arrays: hdf5Arrays(h5) };
  });
}

async function archiveFound(source: Source): Promise<Found> {
  const { openZip } = await import('./zip.ts');
  const members = openZip(source);
  const text = members.get('metadata.json')?.read(2 ** 20);
  const said =
    text === undefined
      ? {}
      : (parseJson(new TextDecoder().decode(text), 'metadata.json') as Record<string, unknown> | null);
  const metadata = Object.entries(said ?? {}).map(([name, value]): [string, string] => [name, String(value)]);
  const listed: [string, string] = ['members', [...members.keys()].join(', ')];
  const stored = members.get('model.weights.h5');
  const found =
    stored === undefined
      ? { arrays: [], notes: ['the archive has no model.weights.h5'] }
      : await hdf5Found(stored.source(), '');
  const version = metadata.find(([name]) => name === 'keras_version')?.[1];
  return {
    ...found,
    format: 'Keras .keras',
    madeWith: version === undefined ? null : `Keras ${version}`,
    metadata: [...metadata, listed],
  };
}
