import { readdirSync, readFileSync } from 'node:fs';
import { keymapMarkdown } from '../../src/ui/keymap.ts';

/** The parts of the READMEs that are made from the code. */
export const keysTable = keymapMarkdown;

export function presetsTable(): string {
  const presets = readdirSync('presets')
    .filter((file) => file.endsWith('.json') && !file.endsWith('.schema.json'))
    .map((file) => JSON.parse(readFileSync(`presets/${file}`, 'utf8')) as { name: string; title: string });
  return [
    '| preset | what it shows |',
    '| --- | --- |',
    ...presets.map(({ name, title }) => `| \`${name}\` | ${title} |`),
  ].join('\n');
}

/** The text with what stands between `<!-- name: … -->` and `<!-- /name -->` replaced. */
export function replaceBetween(text: string, name: string, content: string): string {
  const start = text.indexOf('-->', text.indexOf(`<!-- ${name}:`)) + 3;
  const end = text.indexOf(`<!-- /${name} -->`);
  if (start < 3 || end < 0) throw new Error(`no place for ${name}`);
  return `${text.slice(0, start)}\n\n${content}\n\n${text.slice(end)}`;
}
