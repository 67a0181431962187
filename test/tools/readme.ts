import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { keysTable, presetsTable, replaceBetween } from './readme-parts.ts';

// Writes what the READMEs take from the code: keys, presets, the architecture picture, pictures of the screen. Run: npm run readme
const depcruise = [
  'src',
  '--config',
  '.dependency-cruiser.cjs',
  '--include-only',
  '^src/[^/]+/',
  '--collapse',
  '^src/[^/]+',
  '--output-type',
  'mermaid',
];
const mermaid = execFileSync('node_modules/.bin/depcruise', depcruise, { encoding: 'utf8' }).trim();

for (const file of ['README.md', 'README.zh-CN.md']) {
  let text = readFileSync(file, 'utf8');
  text = replaceBetween(text, 'keys', keysTable());
  text = replaceBetween(text, 'presets', presetsTable());
  text = replaceBetween(text, 'architecture', `\`\`\`mermaid\n${mermaid}\n\`\`\``);
  writeFileSync(file, text);
}

const pictures: [string, string[]][] = [
  ['cell', ['sentiment', '--text', 'the movie was not good', '--step', '8', '--view', 'cell']],
  ['gates', ['masking', '--view', 'gates', '--step', '4', '--sample', '1']],
];
for (const [name, args] of pictures) {
  execFileSync(process.execPath, [
    'bin/lstm-lab.js',
    'show',
    ...args,
    '--size',
    '110x32',
    '--format',
    'svg',
    '-o',
    `test/frames/pictures/${name}.svg`,
  ]);
}
