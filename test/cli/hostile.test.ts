import { spawnSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lstmLab } from './lstm-lab.ts';

const folder = mkdtempSync(join(tmpdir(), 'lstm-lab-hostile-'));
const shell = (script: string) =>
  spawnSync('bash', ['-c', script], { encoding: 'utf8', env: { ...process.env, FOLDER: folder }, timeout: 20_000 });

describe('what is written', () => {
  it('does not replace a link, a named pipe or a device by a file', () => {
    const [target, link] = [join(folder, 'target.json'), join(folder, 'link.json')];
    writeFileSync(target, '');
    symlinkSync(target, link);
    expect(lstmLab(['trace', 'return-state', '-o', link])).toMatchObject({ status: 0, stderr: '' });
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, 'utf8')).toContain('lstm-lab-trace');
    const { stdout } = shell(
      'mkfifo "$FOLDER/out"; cat "$FOLDER/out" & node bin/lstm-lab.js trace return-state -o "$FOLDER/out"; wait',
    );
    expect(stdout).toContain('lstm-lab-trace');
    expect(lstatSync(join(folder, 'out')).isFIFO()).toBe(true);
  });

  it('writes a run that is not kept to whatever -o names, and finds room for temporary files elsewhere', () => {
    const layers = JSON.stringify([{ class_name: 'LSTM', units: 32, input_shape: [2000, 8], return_sequences: true }]);
    const trace = `echo '{"layers": ${layers}}' | node bin/lstm-lab.js trace - --memory 1 --format npz -o /dev/fd/3`;
    const run = shell(`{ ${trace} 3>&1 >&2; } | tail -c 22 | head -c 4`);
    expect(run.stderr).not.toMatch(/temporary/);
    expect(run.stdout).toBe('PK\u0005\u0006');
  });

  it('into a folder, a missing folder or a full disk gets one message and 74', () => {
    expect(lstmLab(['trace', 'return-state', '-o', folder])).toMatchObject({
      status: 74,
      stderr: `lstm-lab: ${folder}: this is a directory, and a file is wanted.\n`,
    });
    expect(lstmLab(['trace', 'return-state', '-o', join(folder, 'no', 'x.json')])).toMatchObject({
      status: 74,
      stderr: `lstm-lab: ${join(folder, 'no', 'x.json')}: there is no such folder.\n`,
    });
    expect(shell('node bin/lstm-lab.js trace return-state > /dev/full')).toMatchObject({
      status: 74,
      stderr: 'lstm-lab: standard output: no space is left for it.\n',
    });
  });
});

describe('what is read', () => {
  it('from a named pipe waits for a writer, but not for ever', () => {
    const { stdout } = shell(
      'mkfifo "$FOLDER/in"; (sleep 0.3; echo "[[[1],[2],[3]]]" > "$FOLDER/in") & node bin/lstm-lab.js trace return-state --input "$FOLDER/in"',
    );
    expect(JSON.parse(stdout).inputs[0].data).toEqual([[[1], [2], [3]]]);
    expect(lstmLab(['trace', 'return-state', '--input', join(folder, 'in')])).toMatchObject({
      status: 65,
      stderr: `lstm-lab: ${join(folder, 'in')}: this is a pipe, and nothing writes into it.\n`,
    });
  });

  it('names a stateful layer as it likes, and steers no terminal', () => {
    const file = join(folder, 'names.json');
    const batch = [[[0.1], [0.2]]];
    for (const name of ['constructor', '__proto__']) {
      const layers = [{ class_name: 'LSTM', units: 2, name, input_shape: [2, 1], stateful: true }];
      writeFileSync(file, JSON.stringify({ name: '\u001b[31mred', layers, batches: [batch, batch] }));
      const { status, stdout } = lstmLab(['trace', file]);
      expect(status).toBe(0);
      const [first, second] = JSON.parse(stdout).runs.map(({ layers }: { layers: object[] }) => layers[0]);
      expect(second.initial_state).toEqual([[first.steps.h[0][1]], [first.steps.c[0][1]]]);
      expect(lstmLab(['summary', file]).stdout).not.toContain('\u001b');
    }
  });

  it('as a command that is misspelt gets a suggestion', () => {
    const { status, stderr } = lstmLab(['sumary', 'stacked']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('did you mean "lstm-lab summary ')]);
  });

  it('as the preset of a token out of range is named', () => {
    const file = join(folder, 'token.json');
    const layers = [{ class_name: 'Embedding', input_dim: 3, output_dim: 2, input_length: 2 }];
    writeFileSync(file, JSON.stringify({ layers, input: [[0, 7]] }));
    const { status, stderr } = lstmLab(['trace', file]);
    expect([status, stderr]).toEqual([65, expect.stringContaining(`${file}: input[1]: embedding has rows 0 to 2`)]);
  });
});
