import { expect, it } from 'vitest';
import { meter, workText } from '../../src/session/work.ts';

it('says how far something is, and how long it will take as it went so far', () => {
  let now = 0;
  const measure = meter('timesteps', () => now);
  expect(workText({ text: 'computing', progress: null })).toBe('computing …');
  now = 10;
  // Too early to tell.
  expect(workText({ text: 'computing', progress: measure(1, 100_000) })).toBe('computing 1 of 100,000 timesteps');
  now = 2000;
  expect(workText({ text: 'computing', progress: measure(12_500, 100_000) })).toBe(
    'computing 12,500 of 100,000 timesteps · 14 s left',
  );
  expect(workText({ text: 'computing', progress: measure(1600, 100_000) })).toMatch(/ · 2 min 3 s left$/);
  expect(workText({ text: 'computing', progress: measure(50, 100_000) })).toMatch(/ · 1 h 6 min left$/);
  expect(workText({ text: 'computing', progress: measure(99_999, 100_000) })).toMatch(/ · 1 s left$/);
});
