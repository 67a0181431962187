import { MADE_UP } from '../../formats/input/made-up.ts';
import { printable } from '../../math/lab-error.ts';
import { shapeText } from '../../math/tensor.ts';
import { type Summary, summarize } from '../../model/summary.ts';
import { widthOfText } from '../../ui/line.ts';
import { print, table } from '../output.ts';
import { modelFile, type OpeningOptions, openModelTelling } from '../subject.ts';

/** `lstm-lab summary PRESET`: what Keras's model.summary() prints. */
export async function summary(name: string, options: OpeningOptions & { json?: boolean }): Promise<void> {
  const { json } = options;
  const { model, notes } = await openModelTelling(modelFile(name), options);
  for (const note of notes.filter((text) => text !== MADE_UP)) process.stderr.write(`lstm-lab: ${printable(note)}\n`);
  const found = summarize(model);
  if (json) return print([`${JSON.stringify(found, null, 2)}\n`]);
  const rows = found.layers.map((row) => [
    `${row.name} (${row.class})`,
    row.output_shape.map(shapeText).join(', '),
    row.parameters.toLocaleString('en-US'),
    row.connected_to.length > 0 ? row.connected_to.join(', ') : '–',
  ]);
  const totals = [
    ['Total params', found.total_parameters],
    ['Trainable params', found.trainable_parameters],
    ['Non-trainable params', found.non_trainable_parameters],
  ] as const;
  await print([
    `Model: "${printable(found.model)}"\n\n`,
    ...table(['Layer (type)', 'Output Shape', 'Param #', 'Connected to'], rows, widthOfText, [2]).map(
      (line) => `${line}\n`,
    ),
    '\n',
    ...totals.map(([label, count]) => `${label}: ${count.toLocaleString('en-US')}\n`),
    ...leftOut(found),
  ]);
}

/** As many layers that are left out as are named. */
const MOST = 8;

function leftOut({ incomplete = [] }: Summary): string[] {
  if (incomplete.length === 0) return [];
  const named = incomplete.slice(0, MOST).map(({ layer, class: className }) => `${layer} (${className})`);
  const more = incomplete.length > MOST ? ` and ${incomplete.length - MOST} more` : '';
  return [`Incomplete: ${printable(named.join(', '))}${more} left out; their parameters are not counted\n`];
}
