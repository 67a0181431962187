import { widthOfText } from '../../ui/line.ts';
import { print, table } from '../output.ts';
import { presetEntries } from '../subject.ts';

/** `lstm-lab presets`: a line each. */
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
    }));
    return print([`${JSON.stringify(list, null, 2)}\n`]);
  }
  await print(
    table(
      ['preset', 'what it shows'],
      entries.map(({ name, about }) => [name, about.title]),
      widthOfText,
    ).map((line) => `${line}\n`),
  );
}
