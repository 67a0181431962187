import { LabError } from '../../math/lab-error.ts';
import type { OpenedFile } from '../opened.ts';
import { parseJson } from '../read-file.ts';
import { configuration } from './configuration.ts';
import { opened } from './h5.ts';
import type { KerasOptions } from './options.ts';
import { kerasVersion } from './version.ts';

const MAX_TEXT = 2 ** 28;

/** A configuration alone: the arrays are drawn from the seed, and said not to be the model's. */
export async function openConfig(bytes: Uint8Array, file: string, options: KerasOptions): Promise<OpenedFile> {
  const { value, isJson, text } = await readConfiguration(bytes, file);
  const { model, written, outputs } = configuration(value);
  const version = kerasVersion(written, looksLikeKeras3(text) ? 3 : 2);
  const notes = new Set([
    `the file holds no weights: they are drawn from seed ${options.seed ?? 1}, and are not those of a trained model`,
  ]);
  return opened(model, version, isJson ? 'Keras configuration' : 'Keras configuration (YAML)', {
    ...options,
    file,
    outputs,
    weights: new Map(),
    notes,
  });
}

/** JSON or YAML as a value. */
export async function readConfiguration(
  bytes: Uint8Array,
  file: string,
): Promise<{ value: unknown; isJson: boolean; text: string }> {
  if (bytes.length > MAX_TEXT)
    throw new LabError({ problem: 'a configuration is text of at most 256 MB.', received: `${bytes.length} bytes` });
  const text = new TextDecoder().decode(bytes);
  const isJson = /^\s*[{["]/.test(text.slice(0, 1000).replace(/^\uFEFF/, ''));
  return { value: isJson ? fromJson(text, file) : (await import('./yaml.ts')).parseYaml(text), isJson, text };
}

/** Some keep the text itself as a JSON string. */
function fromJson(text: string, file: string): unknown {
  const value = parseJson(text, file);
  return typeof value === 'string' ? parseJson(value, file) : value;
}

/** Keras 3 writes no version into to_json(), but how it names types and tensors is its own. */
function looksLikeKeras3(text: string): boolean {
  return /"registered_name"|"DTypePolicy"|"__keras_tensor__"|"batch_shape"/.test(text);
}
