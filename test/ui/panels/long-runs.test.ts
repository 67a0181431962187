import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Rows, rows, sizeOf, tensor, widthOf } from '../../../src/math/tensor.ts';
import type { Action } from '../../../src/session/action.ts';
import { reduce } from '../../../src/session/reduce.ts';
import { currentAddress, currentValue, position } from '../../../src/session/selectors.ts';
import { type OpenSession, VIEWS } from '../../../src/session/session.ts';
import type { CallTrace, Trace } from '../../../src/trace/trace.ts';
import { commandsFor } from '../../../src/ui/commands.ts';
import { frameLines } from '../../../src/ui/layouts/frame.ts';
import { textOf, widthOfLine } from '../../../src/ui/line.ts';
import { heatCell } from '../../../src/ui/theme/heat.ts';
import { colourTheme, plainTheme, sessionOf } from './models.ts';

/* A run of 100,000 timesteps: all of it is seen at once, and whatever happens in one timestep of them is seen. */

const STEPS = 100_000;
const UNITS = 40;
const SIZES = [
  { columns: 120, rows: 36 },
  { columns: 80, rows: 24 },
  { columns: 60, rows: 20 },
];

let quiet: OpenSession;

/** A small model's session whose trace is made up: calm all the time. */
beforeAll(async () => {
  const session = await sessionOf(
    [
      { kind: 'input', shape: [2, 1] },
      { kind: 'lstm', units: UNITS, returnSequences: true },
    ],
    [tensor([1, 2, 1], [0, 0])],
  );
  const wave = (t: Rows, lowest: number, highest: number): Rows => {
    const width = widthOf(t);
    const shape = [STEPS, width];
    const data = new Float32Array(sizeOf(shape));
    for (let n = 0; n < data.length; n++) data[n] = lowest + (highest - lowest) * (0.5 + 0.5 * Math.sin(n));
    return tensor(shape, data);
  };
  const [{ calls, ...trace }] = session.subject.recording.runs[0];
  const input = wave(calls[0].input, -0.5, 0.5);
  const lstm: CallTrace = {
    ...calls[1],
    inputs: [input],
    input,
    quantities: Object.fromEntries(
      Object.entries(calls[1].quantities).map(([symbol, t]) => [
        symbol,
        'ifo'.includes(symbol) ? wave(t, 0.4, 0.6) : wave(t, -0.1, 0.1),
      ]),
    ),
  };
  const first: CallTrace = { ...calls[0], input, returns: [input] };
  quiet = within(session, { ...trace, inputs: [input], calls: [first, lstm] });
});

function within(session: OpenSession, trace: Trace): OpenSession {
  const recording = { ...session.subject.recording, runs: [[trace]] };
  return { ...session, view: 'gates', wholeRun: true, subject: { ...session.subject, recording } };
}

/** The same run with another number at one place. */
function withSpike(symbol: string, step: number, unit: number, value: number): OpenSession {
  const [trace] = quiet.subject.recording.runs[0];
  const [input, lstm] = trace.calls;
  const t = lstm.quantities[symbol];
  if (!('data' in t)) throw new Error('in memory');
  const data = t.data.slice();
  data[step * UNITS + unit] = value;
  const quantities = { ...lstm.quantities, [symbol]: tensor(t.shape, data) };
  return within(quiet, { ...trace, calls: [input, { ...lstm, quantities }] });
}

const place = fc.record({ step: fc.nat(STEPS - 1), unit: fc.nat(UNITS - 1), cursor: fc.nat(STEPS - 1) });
const size = fc.constantFrom(...SIZES);
const theme = fc.constantFrom(plainTheme, colourTheme);
const few = { numRuns: 12 };

/** The cells of heat in the lines after the one that begins a quantity. */
function heatOf(lines: readonly string[], title: string): string {
  const from = lines.findIndex((line) => line.includes(title));
  return lines.slice(from + 1, from + 4).join('');
}

describe('a spike in one timestep of 100,000', () => {
  it('is seen in the Gates view of the whole run, wherever it is and wherever the cursor', () => {
    const top = heatCell('sequential', 1);
    expect(frameLines(quiet, SIZES[0], plainTheme).map(textOf).join('')).not.toContain(top);
    fc.assert(
      fc.property(place, size, theme, ({ step, unit, cursor }, at, look) => {
        const session = reduce(withSpike('f', step, unit, 1), { type: 'timestep-chosen', timestep: cursor });
        const lines = frameLines(session, at, look);
        const legend = lines.findIndex((line) => textOf(line).includes('largest over smallest'));
        const shown = lines.slice(0, legend < 0 ? -4 : legend).map(textOf);
        expect(shown.join('')).toContain(top);
        for (const line of lines) expect(widthOfLine(line)).toBeLessThanOrEqual(at.columns);
      }),
      few,
    );
  }, 60_000);

  it('is seen where a gate falls, too: the smallest has a row of its own', () => {
    const bottom = heatCell('sequential', 0);
    fc.assert(
      fc.property(place, ({ step, unit }) => {
        const lines = frameLines(withSpike('f', step, unit, 0), SIZES[0], plainTheme).map(textOf);
        expect(heatOf(lines, 'f forget gate')).toContain(bottom);
      }),
      few,
    );
  }, 60_000);

  it('is seen in the timeline in every view', () => {
    const top = heatCell('diverging', 1);
    fc.assert(
      fc.property(place, fc.constantFrom('cell', 'equations', 'returns', 'weights'), ({ step, unit }, view) => {
        const session: OpenSession = { ...withSpike('h', step, unit, 1), view: view as OpenSession['view'] };
        const [maximum] = frameLines(session, SIZES[0], plainTheme)
          .map(textOf)
          .filter((line) => line.includes('h max'));
        expect(maximum.split(top)).toHaveLength(2);
        const columns = maximum.slice(10).trimEnd().length;
        expect(Math.abs(maximum.indexOf(top) - 10 - (step / STEPS) * columns)).toBeLessThan(2);
      }),
      few,
    );
  }, 60_000);

  it('is seen under the zoomed quantity once the cursor has passed it', () => {
    const session = reduce(withSpike('c', 40_000, 0, 1), { type: 'timestep-chosen', timestep: 90_000 });
    const zoomed = { ...session, wholeRun: false, zoom: 'c' } as OpenSession;
    const overview = (from: OpenSession) =>
      frameLines(from, SIZES[0], plainTheme)
        .map(textOf)
        .filter((line) => line.includes('whole run'))[0];
    expect(overview(zoomed)).toContain(heatCell('diverging', 1));
    const before = reduce(zoomed, { type: 'timestep-chosen', timestep: 10_000 }) as OpenSession;
    expect(overview(before)).not.toContain(heatCell('diverging', 1));
  });

  it('is where the cursor is taken to by a command', () => {
    fc.assert(
      fc.property(place, ({ step, unit, cursor }) => {
        for (const [word, value] of [
          ['largest c', 1],
          ['smallest c', -1],
        ] as const) {
          const session = reduce(withSpike('c', step, unit, value), { type: 'timestep-chosen', timestep: cursor });
          const [command] = commandsFor(session, word);
          const there = reduce(session, command.does as Action) as OpenSession;
          expect(currentAddress(position(there))).toBe(`lstm_1.c[${unit}]@${step}`);
          expect(currentValue(position(there))).toBe(value);
        }
      }),
      few,
    );
  }, 60_000);

  it('that is no number at all is seen', () => {
    const lines = frameLines(withSpike('c', 71_234, 3, Number.POSITIVE_INFINITY), SIZES[0], plainTheme).map(textOf);
    expect(heatOf(lines, 'c cell state')).toContain(heatCell('diverging', Number.POSITIVE_INFINITY));
  });
});

it('reads little more than it draws where a run is not in memory and nobody keeps what its parts hold', () => {
  let read = 0;
  const [trace] = quiet.subject.recording.runs[0];
  const [input, lstm] = trace.calls;
  const far = (t: Rows): Rows => ({
    shape: t.shape,
    read(from, to) {
      read += to - from;
      return rows(t, from, to);
    },
  });
  const quantities = Object.fromEntries(Object.entries(lstm.quantities).map(([symbol, t]) => [symbol, far(t)]));
  const session = within(quiet, { ...trace, calls: [input, { ...lstm, quantities, returns: [quantities.h] }] });
  for (const view of VIEWS) {
    for (const change of [{ wholeRun: false }, { wholeRun: true }, { zoom: 'c' }, { zoom: 'c', wholeRun: true }])
      frameLines({ ...session, view, cursor: { ...session.cursor, step: 50_000 }, ...change }, SIZES[0], plainTheme);
  }
  expect(read).toBeLessThan(STEPS);
});
