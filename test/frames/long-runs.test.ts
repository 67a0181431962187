import { expect, it } from 'vitest';
import { recordingSize } from '../../src/engines/choose.ts';
import { record } from '../../src/engines/record.ts';
import { openPreset } from '../../src/formats/preset/open.ts';
import { walkText } from '../../src/formats/walk.ts';
import { explainAt } from '../../src/session/explain.ts';
import { opened, reduce } from '../../src/session/reduce.ts';
import { type OpenSession, type Subject, VIEWS } from '../../src/session/session.ts';
import type { Recording } from '../../src/trace/trace.ts';
import { renderFrame } from '../../src/ui/frame.tsx';
import { themeFor } from '../../src/ui/theme/theme.ts';

/* Panels do not know whether a run is in memory: what is drawn of one that is not is what is drawn of one that is. */

const theme = themeFor({ env: { COLORTERM: 'truecolor' }, name: 'dark' });

function subjectOf(recording: Recording): Subject {
  return { recording, about: null, words: null, notes: [] };
}

/** Every view of every call at a few steps, and the walk. */
function* seen(recording: Recording): Generator<[where: string, text: string]> {
  const subject = subjectOf(recording);
  const start = opened(subject, []);
  const { calls } = recording.runs[0][0];
  for (const call of calls.keys()) {
    for (const timestep of [0, 2, 1000]) {
      for (const view of VIEWS) {
        const moved: OpenSession = { ...start, view, wholeRun: true, cursor: { ...start.cursor, call } };
        const session = reduce(moved, { type: 'timestep-chosen', timestep });
        yield [`call ${call}, t ${timestep}, ${view}`, renderFrame(session, { columns: 100, rows: 30, theme })];
      }
    }
  }
  const explain = explainAt.bind(null, subject);
  yield ['walk', [...walkText(recording, { explain })].join('')];
}

it.each(['stacked', 'bidirectional', 'masking', 'go-backwards', 'sentiment', 'gru'])('%s', async (preset) => {
  const { model, batches } = await openPreset(`presets/${preset}.json`);
  const memory = 4 * recordingSize(model, batches) - 1;
  const kept = await record(model, batches, 'simd');
  const windowed = await record(model, batches, 'simd', { memory });
  expect(windowed.runs[0][0].calls.some(({ returns }) => !('data' in returns[0]))).toBe(true);
  const expected = [...seen(kept)];
  const actual = [...seen(windowed)];
  for (const [at, [where, text]] of expected.entries()) expect(actual[at], where).toEqual([where, text]);
});
