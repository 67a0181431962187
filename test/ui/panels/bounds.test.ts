import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { tensor } from '../../../src/math/tensor.ts';
import type { OpenSession } from '../../../src/session/session.ts';
import { textOf, widthOfLine } from '../../../src/ui/line.ts';
import { equationsView } from '../../../src/ui/panels/equations.ts';
import { gatesView } from '../../../src/ui/panels/gates.ts';
import { returnsView } from '../../../src/ui/panels/returns.ts';
import { weightsView } from '../../../src/ui/panels/weights.ts';
import { at, colourTheme, numbers, plainTheme, sessionOf } from './models.ts';

const views = { gatesView, equationsView, returnsView, weightsView };

/** Chains that have every kind of layer in the situations in which views differ. */
const chains = {
  'tokens with padding, then everything': () =>
    sessionOf(
      [
        { kind: 'input', shape: [6] },
        { kind: 'embedding', maskZero: true },
        { kind: 'lstm', returnSequences: true, returnState: true, zeroOutputForMask: true },
        { kind: 'dense', units: 4, activation: 'softmax', timeDistributed: true },
        { kind: 'lstm', units: 2, goBackwards: true, returnSequences: true },
        { kind: 'dropout' },
        { kind: 'activation', activation: 'log_softmax' },
        { kind: 'lstm', units: 7, activation: 'relu', recurrentActivation: 'hard_sigmoid_keras2', useBias: false },
        { kind: 'dense', activation: 'sparsemax', useBias: false },
      ],
      [tensor([1, 6], [0, 3, 1, 0, 5, 0])],
      { words: { 1: '好', 3: 'not', 5: 'a-rather-long-word' } },
    ),
  'features, masked and flattened': () =>
    sessionOf(
      [
        { kind: 'input', shape: [4, 3] },
        { kind: 'masking' },
        { kind: 'lstm', units: 1, stateful: true, unroll: true, returnSequences: true },
        { kind: 'flatten', dataFormat: 'channels_first' },
        { kind: 'activation', activation: 'softmax' },
      ],
      [tensor([1, 4, 3], [0, 0, 0, 1, -2, 3, 0, 0, 0, 4, 5, -6])],
    ),
  'many units over many timesteps': () =>
    sessionOf(
      [
        { kind: 'input', shape: [130, 40] },
        { kind: 'lstm', units: 150, returnSequences: true },
        { kind: 'dense', units: 90 },
      ],
      [numbers(1, 130, 40)],
    ),
  'one timestep, one unit, a number that is not one': () =>
    sessionOf(
      [
        { kind: 'input', shape: [1, 1] },
        { kind: 'lstm', units: 1 },
      ],
      [tensor([1, 1, 1], [Number.NaN])],
    ),
  'an input of three axes': () =>
    sessionOf(
      [{ kind: 'input', shape: [2, 3, 4] }, { kind: 'dense', units: 2 }, { kind: 'flatten' }],
      [numbers(1, 2, 3, 4)],
    ),
  'huge and tiny numbers': () =>
    sessionOf(
      [
        { kind: 'input', shape: [3, 2] },
        { kind: 'lstm', activation: 'exponential', recurrentActivation: 'linear' },
      ],
      [tensor([1, 3, 2], [1e30, -1e-30, 1e300, 5, -7e12, 0])],
    ),
};

const opened: Record<string, OpenSession> = {};

beforeAll(async () => {
  for (const [name, make] of Object.entries(chains)) opened[name] = await make();
});

const places = fc.record({
  call: fc.integer({ min: 0, max: 9 }),
  step: fc.integer({ min: 0, max: 140 }),
  stagesLeft: fc.integer({ min: 0, max: 11 }),
  unit: fc.integer({ min: 0, max: 160 }),
});
const looks = fc.record({
  width: fc.integer({ min: 1, max: 200 }),
  height: fc.integer({ min: 1, max: 60 }),
  theme: fc.constantFrom(colourTheme, plainTheme),
});
const zooms = fc.constantFrom(null, 'i', 'z_g', 'tanh_c', 'h', 'x', 'y', 'nothing');

describe.each(Object.keys(chains))('with %s,', (name) => {
  it.each(Object.entries(views))('the %s never draws beyond its width and height', (_, view) => {
    fc.assert(
      fc.property(places, looks, zooms, fc.boolean(), (place, look, zoom, wholeRun) => {
        const session = at(opened[name], place, { zoom, wholeRun });
        const lines = view({ session, ...look });
        expect(lines.length).toBeLessThanOrEqual(look.height);
        for (const line of lines) {
          expect(widthOfLine(line), textOf(line)).toBeLessThanOrEqual(look.width);
          expect(textOf(line)).not.toMatch(/undefined|null|\n/);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe.each(Object.entries(views))('the %s', (_, view) => {
  it('says something about every layer in 56 by 10', () => {
    for (const session of Object.values(opened)) {
      const { calls } = session.subject.recording.model;
      for (let call = 0; call < calls.length; call++) {
        const lines = view({ session: at(session, { call }), width: 56, height: 10, theme: plainTheme });
        expect(lines.map(textOf).join('').trim()).not.toBe('');
      }
    }
  });

  it('gives back the same lines when one steps forward and back', () => {
    const session = at(opened['tokens with padding, then everything'], { call: 2, step: 2 });
    const draw = (step: number) =>
      view({ session: at(session, { step }), width: 90, height: 24, theme: plainTheme }).map(textOf);
    const before = draw(2);
    draw(3);
    expect(draw(2)).toEqual(before);
  });
});
