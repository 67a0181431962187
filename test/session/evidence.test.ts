import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepareCheck, type StepCheck, toleranceOf } from '../../src/engines/check/check-step.ts';
import { record } from '../../src/engines/record.ts';
import { openPreset } from '../../src/formats/preset/open.ts';
import { tensor } from '../../src/math/tensor.ts';
import { buildModel } from '../../src/model/build.ts';
import { callName } from '../../src/model/graph.ts';
import { checkCount, evidenceOf } from '../../src/session/evidence.ts';
import type { EngineName, Recording } from '../../src/trace/trace.ts';
import { randomKinds } from '../engines/random-kinds.ts';

const ENGINES = ['reference', 'kernel', 'simd'] as const;

/** Every check of every call, by its place. */
function checks({ runs, engine }: Recording, said: EngineName = engine): [place: string, check: StepCheck][] {
  return runs.flat().flatMap((trace) =>
    trace.calls.flatMap((callTrace) =>
      Array.from({ length: checkCount(trace, callTrace) }, (_, at): [string, StepCheck] => {
        const found = evidenceOf(trace, callTrace, at);
        if (!found) throw new Error(`${callName(callTrace.call)} is not checked`);
        return [`${callName(callTrace.call)} ${at}`, prepareCheck(found.layer)(found.evidence, said)];
      }),
    ),
  );
}

const presets = readdirSync('presets').filter((file) => file.endsWith('.json') && !file.endsWith('.schema.json'));

describe.each(ENGINES)('what the %s engine computes is what the equations say', (engine) => {
  it.each(presets)('%s, every layer and timestep', async (file) => {
    const { model, batches } = await openPreset(`presets/${file}`);
    const found = checks(await record(model, batches, engine));
    expect(found.length).toBeGreaterThan(0);
    for (const [place, { difference, differs }] of found) {
      expect(differs, place).toEqual([]);
      expect(difference, place).toBeLessThanOrEqual(toleranceOf(engine));
    }
    // Not compared with itself: only the reference engine gives every bit again.
    if (engine === 'reference') expect(Math.max(...found.map(([, { difference }]) => difference))).toBe(0);
  });
});

describe('on random models of all kinds of layers', () => {
  it.each(ENGINES)('what %s computes is what the equations say', async (engine) => {
    const kinds = new Set<string>();
    await fc.assert(
      fc.asyncProperty(randomKinds, async ({ plan, numbers }) => {
        const model = buildModel(plan);
        const shape = model.calls[0].outputShapes[0] as number[];
        const half = numbers.length / 2;
        const batches = [numbers.slice(0, half), numbers.slice(half)].map((part) => [tensor([1, ...shape], part)]);
        for (const { kind } of model.layers) kinds.add(kind);
        for (const [place, { differs }] of checks(await record(model, batches, engine)))
          expect(differs, place).toEqual([]);
      }),
      { numRuns: 300 },
    );
    expect(kinds.size).toBeGreaterThanOrEqual(29);
  });
});
