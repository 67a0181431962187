import { dirname } from 'node:path';
import { widthOfText } from '../../ui/line.ts';
import { print, table } from '../output.ts';
import { modelFile, presetEntries } from '../subject.ts';

/** `lstm-lab presets`: a line each, and where their files are. */
export async function presets({ json }: { json?: boolean }): Promise<void> {
  const entries = presetEntries();
  if (json) {
    const list = entries.map(({ name, about, layers }) => ({
      name,
      title: about.title,
      shows: about.shows,
      look_for: about.lookFor,
      try: about.try,
      layers,
      file: modelFile(name),
    }));
    return print([`${JSON.stringify(list, null, 2)}\n`]);
  }
  const rows = table(
    ['preset', 'what it shows'],
    entries.map(({ name, about }) => [name, about.title]),
    widthOfText,
  );
  const where = `Their files are in ${dirname(modelFile(entries[0].name))}: lstm-lab opens a changed copy as well.`;
  await print([...rows, '', where].map((line) => `${line}\n`));
}
