import { afterEach, expect, it, vi } from 'vitest';
import { writeTrace } from '../../src/cli/write-trace.ts';
import { record } from '../../src/engines/record.ts';
import { openPreset } from '../../src/formats/preset/open.ts';

const { isTTY } = process.stdout;
afterEach(() => {
  process.stdout.isTTY = isTTY;
  vi.restoreAllMocks();
});

it.each([
  ['how far it is is said beside numbers that go elsewhere', false, 'writing'],
  ['nothing is said between the numbers on a terminal', true, undefined],
])('%s', async (_, terminal, text) => {
  const { model, batches } = await openPreset('presets/return-state.json');
  const recording = await record(model, batches, 'kernel');
  let written = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk: unknown, ...rest: unknown[]) => {
    written += chunk;
    const next = rest.find((one): one is () => void => typeof one === 'function');
    next?.();
    return true;
  });
  process.stdout.isTTY = terminal;
  const said = new Set<string>();
  const task = { signal: new AbortController().signal, onWork: (work: { text: string }) => void said.add(work.text) };
  await writeTrace({ recording }, 'csv', {}, undefined, task);
  expect(written).toContain('lstm_1,1,forward,');
  expect([...said]).toEqual(text === undefined ? [] : [text]);
});
