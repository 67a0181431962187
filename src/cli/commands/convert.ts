import { extname } from 'node:path';
import { MADE_UP } from '../../formats/input/made-up.ts';
import { LabError, printable, quote } from '../../math/lab-error.ts';
import type { Model } from '../../model/graph.ts';
import { interruptible } from '../interrupt.ts';
import { writeFile } from '../output.ts';
import { modelFile, type OpeningOptions, openModelTelling } from '../subject.ts';

/** Each writer is loaded when its ending is asked for. */
const WRITERS: Readonly<Record<string, (model: Model) => Promise<Iterable<string | Uint8Array>>>> = {
  '.keras': async (model) => [await (await import('../../formats/keras/write/archive.ts')).kerasArchive(model)],
  '.h5': async (model) => [await (await import('../../formats/keras/write/h5.ts')).kerasH5(model)],
  '.json': async (model) => (await import('../../formats/preset/write.ts')).presetJson(model),
  '.safetensors': async (model) => {
    const { torchArrays, torchNotes } = await import('../../formats/torch/from-model.ts');
    const { writeSafetensors } = await import('../../formats/torch/safetensors.ts');
    const written = writeSafetensors(torchArrays(model));
    for (const note of torchNotes(model)) process.stderr.write(`lstm-lab: ${printable(note)}\n`);
    return [written];
  },
};

/** `lstm-lab convert MODEL -o FILE`: the model as another kind of file. Writes the whole file or none. */
export async function convert(name: string, options: OpeningOptions & { readonly output: string }): Promise<void> {
  const { output } = options;
  const ending = extname(output).toLowerCase();
  if (!Object.hasOwn(WRITERS, ending)) {
    throw new LabError({
      kind: 'usage',
      path: '--output',
      problem: 'the ending says what is written, and the lab writes .keras, .h5, .safetensors and .json (a preset).',
      received: quote(output),
    });
  }
  const { model, notes } = await openModelTelling(modelFile(name), options);
  for (const note of notes.filter((text) => text !== MADE_UP)) process.stderr.write(`lstm-lab: ${printable(note)}\n`);
  const [first] = model.incomplete;
  if (first !== undefined) {
    throw new LabError({
      path: first.layer,
      problem: `the model cannot be written: this ${first.class} is left out, ${first.reason.replace(/\.$/, '')}.`,
      hint: 'a file without it would be another model.',
    });
  }
  await interruptible(async (signal) => writeFile(output, await WRITERS[ending](model), signal));
}
