import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { keysTable, presetsTable, replaceBetween } from './tools/readme-parts.ts';

describe.each(['README.md', 'README.zh-CN.md'])('%s tells the truth', (file) => {
  const text = readFileSync(file, 'utf8');

  it('about keys and presets (npm run readme writes them)', () => {
    expect(replaceBetween(text, 'keys', keysTable())).toBe(text);
    expect(replaceBetween(text, 'presets', presetsTable())).toBe(text);
  });
});

describe('the script in README.md', () => {
  it('uses what the library exports', async () => {
    const text = readFileSync('README.md', 'utf8');
    const script = /```js\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
    const names = /import \{ ([^}]*) \} from 'lstm-lab'/.exec(script)?.[1].split(', ') ?? [];
    const library = (await import('../src/index.ts')) as Record<string, unknown>;
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(library[name], name).toBeTypeOf('function');
    const lines: string[] = [];
    const run = new Function(
      'library',
      'console',
      `return (async () => { const { ${names.join(', ')} } = library; ${script.replace(/^import.*$/m, '').replace('mine.json', 'presets/return-state.json')} })()`,
    );
    await run(library, { log: (line: string) => lines.push(line) });
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(/^lstm_1 t=0 f=0\.\d+,0\.\d+ c=/);
  });
});
