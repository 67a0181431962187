import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topLevelKeys } from '../../../src/formats/recognise/json-keys.ts';
import { recognise, recogniseFile } from '../../../src/formats/recognise.ts';
import { LabError } from '../../../src/math/lab-error.ts';

const zip = (...names: readonly string[]) =>
  zipSync(Object.fromEntries(names.map((name) => [name, strToU8('content')])), { level: 0 });
const bytes = (...parts: readonly (string | readonly number[])[]) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...strToU8(part)] : part)));
const json = (value: unknown) => strToU8(JSON.stringify(value));
const TORCH = [0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
const HDF5 = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const zeros = (length: number) => new Array<number>(length).fill(0);
const tar = (name: string) => bytes(name, zeros(257 - name.length), 'ustar', zeros(250));

describe('a model is recognised by what it holds, whatever it is called', () => {
  it.each([
    ['keras-zip', 'a .keras file', zip('metadata.json', 'config.json', 'model.weights.h5')],
    ['hdf5', 'an HDF5 file', bytes(HDF5, zeros(100))],
    ['hdf5', 'an HDF5 file after a block of the user’s own', bytes(zeros(1024), HDF5, zeros(10))],
    ['safetensors', 'a safetensors file', bytes([20, 0, 0, 0, 0, 0, 0, 0], '{"a":{"dtype":"F32"}}')],
    ['torch-zip', 'what torch.save writes', zip('archive/data.pkl', 'archive/byteorder', 'archive/data/0')],
    ['torch-legacy', 'what torch.save wrote before 1.6', bytes(TORCH, zeros(30))],
    ['torch-tar', 'what torch.save wrote before 0.1.10', tar('sys_info')],
    ['onnx', 'an ONNX model', bytes([8, 8, 0x12, 7], 'pytorch', [0x3a, 200, 1], zeros(50))],
    ['onnx', 'an ONNX model without a producer', bytes([8, 8, 0x3a, 2, 0x12, 0, 0x42, 2, 0x10, 17])],
    ['tfjs', 'a TensorFlow.js model', json({ format: 'layers-model', modelTopology: {}, weightsManifest: [] })],
    [
      'tfjs',
      'a TensorFlow.js graph-model, for its reader to refuse',
      json({ format: 'graph-model', generatedBy: '2.3' }),
    ],
    ['keras-config', 'a configuration of Keras', json({ class_name: 'Sequential', config: { layers: [] } })],
    [
      'keras-config',
      'a configuration of Keras 1',
      json({ config: [], class_name: 'Sequential', keras_version: '1.2.2' }),
    ],
    [
      'keras-yaml',
      'a configuration of Keras 1 as YAML',
      bytes('backend: theano\nclass_name: Sequential\nconfig:\n- class_name: LSTM\n'),
    ],
    ['preset', 'a preset', json({ title: 'x', layers: [{ class_name: 'LSTM' }] })],
    ['preset', 'JSON that is nothing else, for the preset’s reader to say what is wrong', bytes('[1, 2,')],
  ])('%s: %s', (kind, _, head) => {
    expect(recognise(head as Uint8Array, 'file.bin')).toBe(kind);
  });

  it.each([
    ['an empty file', bytes(), /the file is empty/],
    [
      'a git-LFS pointer',
      bytes('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 88123456\n'),
      /git-LFS pointer.*88123456 bytes.*git lfs pull --include "model.h5"/,
    ],
    [
      'a web page',
      bytes('\n<!DOCTYPE html>\n<html><head><title>Sign in · GitHub</title>'),
      /web page.*Received: "Sign in · GitHub"/,
    ],
    ['an error of a file server', bytes('<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code>'), /web page/],
    ['an error of the Hub', bytes('Entry not found'), /message of a server.*Received: "Entry not found"/],
    ['a SavedModel', bytes([8, 1, 0x12, 0x90, 1], zeros(144)), /SavedModel.*save it as .keras or .h5/],
    ['a TensorFlow Lite model', bytes([28, 0, 0, 0], 'TFL3', zeros(20)), /TensorFlow Lite/],
    ['a CoreML model', bytes([8, 4, 0x12, 3, 0x0a, 1, 0x78, 0xa2, 0x1f, 4], zeros(4)), /CoreML/],
    ['a GGUF file', bytes('GGUF', [3, 0, 0, 0]), /GGUF/],
    ['a NumPy array', bytes([0x93], 'NUMPY', [1, 0, 118, 0], "{'descr'"), /NumPy array.*--input/],
    ['NumPy arrays', zip('x.npy', 'y.npy'), /NumPy arrays.*--input/],
    ['gzip', bytes([0x1f, 0x8b, 8, 0]), /packed with gzip.*gunzip/],
    ['a tar of files', tar('model/weights.h5'), /tar archive.*"model\/weights.h5".*tar xf/],
    [
      'a zip of a model',
      zip('readme.txt', 'models/best.h5'),
      /ZIP archive with a model inside. Received: "models\/best.h5".*unzip/,
    ],
    ['a zip of something else', zip('word/document.xml'), /ZIP archive, and no model.*"word\/document.xml"/],
    ['a pickle of protocol 0, a dict', bytes("(dp0\nS'lstm'\np1\nI0\ns."), /Python pickle.*would run.*state_dict/],
    [
      'a pickle of protocol 0, an object',
      bytes('ccopy_reg\n_reconstructor\np0\n(c__main__\nA\np1\n'),
      /Python pickle.*would run/,
    ],
    ['a pickle', bytes([0x80, 4, 0x95, 1, 2, 3, 4]), /Python pickle.*would run.*state_dict/],
    [
      'a checkpoint of TensorFlow',
      bytes('model_checkpoint_path: "model.ckpt-1000"\n'),
      /TensorFlow checkpoint.*load_weights/,
    ],
    [
      'a manifest of ml5',
      json({ Variable: { filename: 'Variable', shape: [] } }),
      /manifest of a checkpoint.*BasicLSTMCell/,
    ],
    ['an index of shards', json({ metadata: { total_size: 1 }, weight_map: {} }), /index of weights that are cut/],
    [
      'a configuration of Hugging Face',
      json({ architectures: ['BertModel'], model_type: 'bert' }),
      /Hugging Face.*no layers/,
    ],
    ['a Tokenizer', json({ class_name: 'Tokenizer', config: { num_words: null } }), /vocabulary.*--vocabulary/],
    ['a vocabulary', json({ the: 1, a: 2, '"': 3, of: 4 }), /vocabulary.*--vocabulary/],
    ['a trace', json({ format: 'lstm-lab-trace', version: 1, model: {}, engine: 'kernel' }), /trace.*--input/],
    ['UTF-16', bytes([0xff, 0xfe, 0x7b, 0]), /UTF-16/],
    ['other text', bytes('import keras\nmodel = keras.Sequential()'), /text, and no model.*"import keras/],
    ['other bytes', bytes([1, 2, 3, 250, 251]), /no model that the lab knows.*begins with 01 02 03 fa fb/],
  ])('%s is refused with what can be done', (_, head, message) => {
    const error = refusal(() => recognise(head as Uint8Array, '/models/model.h5'));
    expect(error.message).toMatch(message as RegExp);
    expect(error.fields.file).toBe('/models/model.h5');
    expect(error.kind).toBe('data');
  });
});

it('a shard of TensorFlow.js is told from which file to open it', () => {
  const shard = bytes([0x5b, 0x9d, 0xf9, 0x3e]);
  expect(refusal(() => recognise(shard, 'group1-shard1of2.bin')).message).toMatch(/open the model.json beside/);
});

describe('files on disk', () => {
  let place = '';
  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), 'lstm-lab-recognise-'));
  });
  afterAll(() => rmSync(place, { recursive: true }));
  const file = (name: string, content: Uint8Array) => {
    writeFileSync(join(place, name), content);
    return join(place, name);
  };

  it('a .keras file whose weights come first is recognised by the list at its end', () => {
    const members = { 'weights.bin': new Uint8Array(3 * 2 ** 20), 'config.json': strToU8('{}') };
    expect(recogniseFile(file('late.zip', zipSync(members, { level: 0 })))).toBe('keras-zip');
  });

  it('models that the frameworks wrote', () => {
    const fixtures = join(import.meta.dirname, '../../fixtures');
    expect(recogniseFile(join(fixtures, 'keras3/stateful/model.json'))).toBe('keras-config');
    expect(recogniseFile(join(import.meta.dirname, '../../../presets/stateful.json'))).toBe('preset');
  });

  it('a folder is told which file of it to open, and a missing file is missing', () => {
    mkdirSync(join(place, 'saved'));
    file('saved/saved_model.pb', bytes([8, 1]));
    expect(refusal(() => recogniseFile(join(place, 'saved'))).message).toMatch(/SavedModel.*load_model/);
    mkdirSync(join(place, 'web'));
    file('web/model.json', bytes('{}'));
    const web = refusal(() => recogniseFile(join(place, 'web')));
    expect([web.kind, web.message]).toEqual([
      'missing',
      expect.stringContaining(`open ${join(place, 'web/model.json')}`),
    ]);
    mkdirSync(join(place, 'nothing'));
    expect(refusal(() => recogniseFile(join(place, 'nothing'))).kind).toBe('missing');
    expect(refusal(() => recogniseFile(join(place, 'none.h5'))).kind).toBe('missing');
  });

  it('a folder that holds a model further down is told where, and no more of it is looked at than is quickly done', () => {
    const hint = (name: string) => refusal(() => recogniseFile(join(place, name))).fields.hint;
    mkdirSync(join(place, 'project/runs/best/deep'), { recursive: true });
    file('project/runs/best/deep/too-far.keras', bytes('PK'));
    expect(hint('project')).toBeUndefined();
    file('project/runs/best/my.keras', bytes('PK'));
    expect(hint('project')).toBe(`open ${join(place, 'project/runs/best/my.keras')}.`);
    file('project/last.h5', bytes('HDF'));
    expect(hint('project')).toBe(
      `open ${join(place, 'project/last.h5')}, or ${join(place, 'project/runs/best/my.keras')}.`,
    );
    mkdirSync(join(place, 'export/1'), { recursive: true });
    file('export/1/saved_model.pb', bytes([8, 1]));
    expect(hint('export')).toMatch(/1.saved_model\.pb is a TensorFlow SavedModel: load its folder in Python/);
    mkdirSync(join(place, 'home/z'), { recursive: true });
    for (let at = 0; at < 1_001; at++) file(`home/${at}`, bytes(''));
    file('home/z/model.json', bytes('{}'));
    expect(hint('home')).toBeUndefined();
  });

  it('any bytes are a kind or a LabError', () => {
    const start = fc.constantFrom(
      zip('a/data.pkl'),
      bytes([8, 8, 0x12]),
      bytes('{"a": {'),
      bytes(HDF5),
      bytes([0x80, 2]),
      bytes(),
      readFileSync(join(import.meta.dirname, '../../../presets/stateful.json')),
    );
    fc.assert(
      fc.property(start, fc.nat(), fc.uint8Array({ maxLength: 300 }), (head, cut, more) => {
        const content = Uint8Array.from([...head.subarray(0, cut % (head.length + 1)), ...more]);
        try {
          recognise(content, 'x', content);
        } catch (error) {
          expect(error).toBeInstanceOf(LabError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the keys of a JSON object', () => {
  it('are the outermost ones, in text that is cut off too', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z"\\ ]{1,5}$/), fc.jsonValue(), { maxKeys: 8 }), (value) => {
        const text = JSON.stringify(value, null, 1);
        expect(topLevelKeys(text)?.map((key) => JSON.parse(`"${key}"`))).toEqual(Object.keys(value));
        const half = topLevelKeys(text.slice(0, text.length / 2)) ?? [];
        expect(half).toEqual(topLevelKeys(text)?.slice(0, half.length));
      }),
    );
    expect(topLevelKeys('[{"a": 1}]')).toBeNull();
  });
});

function refusal(work: () => unknown): LabError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(LabError);
    return error as LabError;
  }
  throw new Error('it was accepted');
}
