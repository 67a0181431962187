import { beforeAll, describe, expect, it } from 'vitest';
import { whole } from '../../../src/math/tensor.ts';
import { explain } from '../../../src/session/explain.ts';
import { position } from '../../../src/session/selectors.ts';
import type { OpenSession } from '../../../src/session/session.ts';
import { type Arithmetic, arithmeticOf } from '../../../src/ui/panels/arithmetic.ts';
import { at, EVERY_KIND, sessionsOfEveryKind } from './models.ts';

let sessions: Record<string, OpenSession>;
beforeAll(async () => {
  sessions = await sessionsOfEveryKind();
});

/** What the numbers on screen add up to; null where the screen writes the result alone. */
function written(arithmetic: Arithmetic): number | null {
  switch (arithmetic.form) {
    case 'sum': {
      const sum = arithmetic.parts.reduce((total, { value }) => total + value, 0);
      const limit = arithmetic.clip ?? Number.POSITIVE_INFINITY;
      return Math.max(-limit, Math.min(limit, sum));
    }
    case 'place':
      return arithmetic.from?.value ?? 0;
    case 'largest':
      return Math.max(...arithmetic.candidates.map(({ value }) => value));
    case 'formula': {
      // What is written in numbers, rounded to four decimals, calculated by JavaScript.
      const text = arithmetic.numbers
        .replaceAll('−', '-')
        .replaceAll('×', '*')
        .replaceAll('²', '**2')
        .replaceAll('√', 'Math.sqrt')
        .replace(/\b(max|min)\(/g, 'Math.$1(');
      return /^[\d\s.+*/(),e-]*$/.test(text.replace(/Math\.\w+/g, ''))
        ? Number(new Function(`return ${text}`)())
        : null;
    }
    default:
      return null;
  }
}

describe.each(EVERY_KIND)('the arithmetic of %s', (name) => {
  it('gives what the layer computed, for every layer, stage, step and unit', () => {
    const start = sessions[name];
    const { calls } = start.subject.recording.model;
    let checked = 0;
    calls.forEach((_, call) => {
      const { steps, units, equations } = position(at(start, { call }));
      for (let step = 0; step < steps; step++)
        for (let stage = 0; stage < equations.length; stage++)
          for (let unit = 0; unit < units; unit++) {
            const here = position(at(start, { call, step, unit, stagesLeft: equations.length - 1 - stage }));
            const arithmetic = arithmeticOf(here, here.stage);
            if (arithmetic.form === 'formula')
              expect(arithmetic.numbers).not.toMatch(
                /\(\([−\d.]+\)\)|^\(−[\d.e−]+\)( |$)|[+×/−] −|[(,] ?\(−[\d.e−]+\)[,)]/,
              );
            const value = written(arithmetic);
            if (value === null || Number.isNaN(arithmetic.result.value)) continue;
            const places = arithmetic.form === 'formula' ? 1 : 9;
            expect(value, `${here.name} ${equations[stage].expression} ${step} ${unit}`).toBeCloseTo(
              arithmetic.result.value,
              places,
            );
            checked++;
          }
    });
    expect(checked).toBeGreaterThan(0);
  });

  it('is told in one sentence at every step and stage', () => {
    const start = sessions[name];
    start.subject.recording.model.calls.forEach((_, call) => {
      const { steps, equations } = position(at(start, { call }));
      for (let step = 0; step < steps; step++)
        for (let stagesLeft = 0; stagesLeft < Math.max(1, equations.length); stagesLeft++)
          expect(explain(at(start, { call, step, stagesLeft }))).toMatch(/^\S.{10,}\.$/);
    });
  });
});

it('of a pooled maximum names the timestep that won', async () => {
  const session = at(sessions.convolution, { call: 2, step: 0, unit: 0 });
  const here = position(session);
  const found = arithmeticOf(here, here.stage);
  expect(found.form).toBe('largest');
  if (found.form !== 'largest') return;
  const { input } = here.callTrace;
  const [first, second] = [whole(input).data[0], whole(input).data[2]];
  expect(found.candidates).toEqual([
    { label: 'x[0,0]', value: first },
    { label: 'x[1,0]', value: second },
  ]);
});

it('of concatenated directions names where each number stood', () => {
  const here = position(at(sessions['bidirectional concat'], { step: 1, unit: 3 }));
  const found = arithmeticOf(here, 0);
  const backward = here.callTrace.inputs[1];
  // At timestep 1 of 6 the backward layer is at its step 4; unit 3 is its unit 1.
  expect(found).toMatchObject({
    form: 'place',
    input: 1,
    places: [4, 1],
    from: { value: whole(backward).data[4 * 2 + 1] },
  });
});
