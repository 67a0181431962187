import { LabError, quote } from '../../math/lab-error.ts';
import type { FileKind } from './file-kind.ts';
import { topLevelKeys } from './json-keys.ts';
import { isTextPickle, pickleError } from './pickle.ts';
import { refuseSaved } from './saved.ts';

/** The kind of a file that is text. Null: it is none of these. Throws a LabError for what is known and not opened. */
export function textKind(head: Uint8Array, file: string): FileKind | null {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff))
    throw new LabError({ problem: 'this is text in UTF-16.', hint: 'save it as UTF-8.' });
  const text = textOf(head);
  if (text === null) return null;
  const start = text.slice(0, 2_000).trimStart();
  refuseSaved(start, file);
  if (isTextPickle(start)) throw pickleError();
  // Not UTF-8, so not JSON either.
  if (text.slice(0, 4_000).includes('\ufffd')) return null;
  if (/^[[{]/.test(start) || start === '') return jsonKind(text);
  if (/^(backend|class_name|config|keras_version):( |$)/m.test(start) && /^class_name: *\w/m.test(text))
    return 'keras-yaml';
  throw new LabError({
    problem: 'this is text, and no model.',
    received: quote(start.slice(0, 60)),
    hint: 'a preset or a configuration is JSON and begins with {.',
  });
}

function jsonKind(text: string): FileKind {
  const keys = new Set(topLevelKeys(text));
  const has = (...names: readonly string[]) => names.every((name) => keys.has(name));
  if (has('modelTopology') || has('weightsManifest')) return 'tfjs';
  if (/"format"\s*:\s*"(layers|graph)-model"/.test(text.slice(0, 1_000)) && has('format')) return 'tfjs';
  if (/^\s*\{\s*"[^"]{1,200}"\s*:\s*\{\s*("filename"|"shape")\s*:/.test(text) && !has('layers')) {
    throw new LabError({
      problem:
        'this is the manifest of a checkpoint of TensorFlow variables (deeplearn.js, ml5): arrays without a model.',
      hint: 'build the model in Keras, give it these arrays (BasicLSTMCell has one kernel for [x, h], columns i, j, f, o, and adds 1 to f when it runs), and save it as .keras.',
    });
  }
  refuseJson(has);
  if (keys.size > 2 && !has('layers') && /^\s*\{(\s*"(?:[^"\\]|\\.){0,100}"\s*:\s*\d{1,8}\s*,){3}/.test(text))
    throw vocabulary();
  if (has('class_name', 'config') && /"class_name"\s*:\s*"Tokenizer"/.test(text)) throw vocabulary();
  if (has('class_name', 'config')) return 'keras-config';
  return 'preset';
}

function refuseJson(has: (...names: readonly string[]) => boolean): void {
  if (has('weight_map')) {
    throw new LabError({
      problem: 'this is the index of weights that are cut into several files, which the lab does not join.',
      hint: 'load the model in its framework and save it in one file.',
    });
  }
  if (has('architectures') || has('model_type')) {
    throw new LabError({
      problem: 'this is the configuration of a Hugging Face model: it names a class, and no layers.',
      hint: 'open the weights beside it (model.safetensors), if they are those of an LSTM.',
    });
  }
  if (has('format', 'engine') && has('model')) {
    throw new LabError({
      problem: 'this is a trace, and no model.',
      hint: 'its inputs can be given to a model with --input.',
    });
  }
}

function vocabulary(): LabError {
  return new LabError({
    problem: 'this is a vocabulary, words and their indices, and no model.',
    hint: 'give it with --vocabulary, for the --text of a model.',
  });
}

/** The head as text, perhaps cut inside a character. Null where control characters say that it is none. */
function textOf(head: Uint8Array): string | null {
  const isBinary = head.subarray(0, 4_096).some((byte) => byte < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d].includes(byte));
  return isBinary ? null : new TextDecoder('utf-8').decode(head);
}
