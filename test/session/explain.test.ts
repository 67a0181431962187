import { beforeAll, describe, expect, it } from 'vitest';
import type { LstmLayer } from '../../src/layers/layer.ts';
import { row, whole } from '../../src/math/tensor.ts';
import { callName } from '../../src/model/graph.ts';
import { explain, explainAt } from '../../src/session/explain.ts';
import { reduce } from '../../src/session/reduce.ts';
import { position } from '../../src/session/selectors.ts';
import type { OpenSession } from '../../src/session/session.ts';
import { wrap } from '../../src/ui/components/wrap.ts';
import { PRESETS, sessionOfPreset } from '../frames/presets.ts';

const byName: Record<string, OpenSession> = {};

beforeAll(async () => {
  for (const name of PRESETS) byName[name] = await sessionOfPreset(name);
});

interface Where {
  readonly layer?: string;
  readonly timestep?: number;
  readonly unit?: number;
  readonly sample?: number;
  readonly stage?: string;
}

function at(name: string, { layer, timestep, unit, sample, stage }: Where): OpenSession {
  let session = byName[name];
  const act = (action: Parameters<typeof reduce>[1]) => {
    session = reduce(session, action) as OpenSession;
  };
  if (sample !== undefined) act({ type: 'sample-chosen', sample });
  if (layer !== undefined) act({ type: 'call-chosen', name: layer });
  if (timestep !== undefined) act({ type: 'timestep-chosen', timestep });
  if (unit !== undefined) act({ type: 'unit-chosen', unit });
  const { equations } = position(session);
  if (stage !== undefined)
    act({ type: 'stage-moved', by: equations.findIndex(({ symbol }) => symbol === stage) - equations.length + 1 });
  return session;
}

const say = (name: string, where: Where) => explain(at(name, where));

/** The cell by hand, from the stored arrays, one unit at a time: nothing of the engines is used. */
function byHand(session: OpenSession, upTo: number, unit: number) {
  const { callTrace } = position(session);
  const { units, weights } = callTrace.call.layer as LstmLayer;
  const { kernel, recurrentKernel, bias } = weights;
  const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
  let h = new Float64Array(units);
  let c = new Float64Array(units);
  let last = { i: 0, f: 0, g: 0, o: 0, before: 0, c: 0, h: 0, x: 0, fromState: 0, b: 0 };
  for (let t = 0; t <= upTo; t++) {
    const x = row(callTrace.input, t);
    const nextH = new Float64Array(units);
    const nextC = new Float64Array(units);
    for (let u = 0; u < units; u++) {
      const part = (gate: number) => {
        const column = gate * units + u;
        let fromX = 0;
        let fromState = 0;
        x.forEach((value, k) => {
          fromX += value * row(kernel, k)[column];
        });
        h.forEach((value, k) => {
          fromState += value * row(recurrentKernel, k)[column];
        });
        return { fromX, fromState, b: bias!.data[column], z: fromX + fromState + bias!.data[column] };
      };
      const [i, f, g, o] = [sigmoid(part(0).z), sigmoid(part(1).z), Math.tanh(part(2).z), sigmoid(part(3).z)];
      nextC[u] = f * c[u] + i * g;
      nextH[u] = o * Math.tanh(nextC[u]);
      if (u === unit)
        last = {
          i,
          f,
          g,
          o,
          before: c[u],
          c: nextC[u],
          h: nextH[u],
          x: part(0).fromX,
          fromState: part(0).fromState,
          b: part(0).b,
        };
    }
    [h, c] = [nextH, nextC];
  }
  return last;
}

const signed = (value: number) => {
  const text = String(Number(Math.abs(value).toFixed(3)));
  return value > 0 ? `+${text}` : `−${text}`;
};
const percent = (value: number) => `${Math.round(value * 100)} %`;

describe('a memory', () => {
  it('is about zero where what was kept and what was written cancel, not where it was always small', () => {
    expect(say('attention', { layer: 'lstm_1', timestep: 2, unit: 1 })).toContain('its memory is now about zero');
    expect(say('return-sequences', { layer: 'lstm_2', timestep: 0 })).toContain(
      'wrote +0.002: its memory is now +0.002',
    );
  });
});

describe('the sentence about an LSTM', () => {
  it.each([
    [3, 0],
    [2, 3],
    [4, 7],
  ])('says what was kept and written at timestep %i in unit %i, in numbers computed by hand', (timestep, unit) => {
    const numbers = byHand(at('stacked', { layer: 'lstm_1' }), timestep, unit);
    const text = say('stacked', { layer: 'lstm_1', timestep, unit });
    expect(text).toContain(`unit ${unit} kept ${percent(numbers.f)} of ${signed(numbers.before)}`);
    expect(text).toContain(`wrote ${signed(numbers.i * numbers.g)}`);
    expect(text).toContain(`its memory is now ${signed(numbers.c)}`);
    expect(text).toContain(`it shows ${percent(numbers.o)} of tanh c, h = ${signed(numbers.h)}.`);
  });

  it('says at each gate what it lets through', () => {
    const numbers = byHand(at('stacked', { layer: 'lstm_1' }), 3, 2);
    const where = { layer: 'lstm_1', timestep: 3, unit: 2 };
    expect(say('stacked', { ...where, stage: 'i' })).toContain(percent(numbers.i));
    expect(say('stacked', { ...where, stage: 'f' })).toBe(
      `unit 2 keeps ${percent(numbers.f)} of its memory, ${signed(numbers.before)}.`,
    );
    expect(say('stacked', { ...where, stage: 'g' })).toContain(`could write ${signed(numbers.g)}`);
    expect(say('stacked', { ...where, stage: 'o' })).toContain(percent(numbers.o));
  });

  it('takes a gate’s sum apart into input, state and bias', () => {
    const numbers = byHand(at('stacked', { layer: 'lstm_1' }), 3, 2);
    expect(say('stacked', { layer: 'lstm_1', timestep: 3, unit: 2, stage: 'z_i' })).toContain(
      `x adds ${signed(numbers.x)}, h₋₁ ${signed(numbers.fromState)}`,
    );
  });

  it('says that a masked step is skipped, and what the output is where that is not the state', () => {
    expect(say('masking', { layer: 'lstm_1', timestep: 4 })).toBe('padding: timestep 4 is skipped, h and c stay.');
  });

  it('says after the last step who gets what, and what is thrown away', () => {
    const text = say('sentiment', { layer: 'lstm_1', timestep: 9 });
    expect(text).toContain('h (128 numbers) goes to dropout_1; c is thrown away (return_state=False).');
    expect(say('masking', { layer: 'lstm_2', timestep: 5 })).toContain(
      'h (3 numbers) goes to dense_1; c is thrown away',
    );
    expect(say('sentiment', { layer: 'lstm_1', timestep: 8 })).not.toContain('thrown away');
  });

  it('fits into the two lines that a screen of 80 columns has for it, at every timestep of every preset, and counts one as one', () => {
    for (const name of PRESETS) {
      for (const call of byName[name].subject.recording.model.calls) {
        const { steps } = position(at(name, { layer: callName(call) }));
        for (let timestep = 0; timestep < steps; timestep++) {
          const text = say(name, { layer: callName(call), timestep });
          expect(wrap(text, 78).length, `${name} ${callName(call)} ${timestep}: ${text}`).toBeLessThanOrEqual(2);
          expect(text).not.toMatch(/\b1 (numbers|products|units|features)\b/);
        }
      }
    }
  });

  it('says where wired states go and where they arrive', () => {
    expect(say('initial-state', { layer: 'encoder', timestep: 3 })).toContain(
      'h (4 numbers) goes nowhere; the states h and c go to decoder.',
    );
    expect(say('initial-state', { layer: 'decoder', timestep: 0 })).toMatch(
      /^starting from the h and c that are wired in, /,
    );
  });

  it('says that a stateful layer carries its state from batch to batch', () => {
    const { recording } = byName.stateful.subject;
    const { steps } = position(byName.stateful);
    const samples = recording.runs[0].length;
    expect(say('stateful', { timestep: steps - 1 })).toContain('h and c start batch 2, because stateful is True.');
    expect(say('stateful', { sample: samples, timestep: 0 })).toContain('starting from the h and c of batch 1');
    const last = say('stateful', { sample: samples * recording.runs.length - 1, timestep: steps - 1 });
    expect(last).not.toContain('start batch');
  });

  it('says that go_backwards reads from the end and returns the last timestep first', () => {
    expect(say('go-backwards', { timestep: 5 })).toMatch(/^the input is read from its end: unit 0 had nothing to keep/);
    expect(say('go-backwards', { timestep: 0 })).toContain('(6, 3), last first,');
  });
});

describe('the sentence about other layers', () => {
  it('names the word and its row', () => {
    const session = at('embedding-pretrained', { layer: 'embedding_1', timestep: 3 });
    const index = whole(position(session).callTrace.input).data[3];
    expect(explain(session)).toContain(
      `word ${index} “${session.subject.words![index]}” is row ${index} of the matrix`,
    );
  });

  it('sums a Dense by hand', () => {
    const session = at('stacked', { layer: 'dense_1' });
    const { callTrace } = position(session);
    const layer = callTrace.call.layer as Extract<typeof callTrace.call.layer, { kind: 'dense' }>;
    let z = layer.weights.bias!.data[0];
    whole(callTrace.input).data.forEach((value, k) => {
      z += value * layer.weights.kernel.data[k];
    });
    expect(explain(session)).toContain(`sums 100 products and its bias to ${signed(z)}; tanh makes it`);
  });

  it('says that Dropout passes everything on', () => {
    expect(say('sentiment', { layer: 'dropout_1' })).toBe(
      'all 128 numbers are passed on: dropout_1 drops 50 % of them only while training.',
    );
  });

  it('is one sentence or two for every layer, timestep and stage of every preset, and never undefined', () => {
    for (const name of PRESETS) {
      const { calls } = byName[name].subject.recording.model;
      for (let call = 0; call < calls.length; call++) {
        let session = { ...byName[name], cursor: { ...byName[name].cursor, call } };
        const { steps, equations } = position(session);
        for (let n = 0; n < Math.min(60, steps * Math.max(1, equations.length)); n++) {
          expect(explain(session)).toMatch(/^\S.*[.]$/s);
          expect(explain(session)).not.toMatch(/undefined|null|NaN|\n/);
          session = reduce(session, { type: 'stage-moved', by: 1 }) as OpenSession;
        }
      }
    }
  });

  it('is the same for the walk as text as on screen, unit 0 of the whole timestep', () => {
    const session = at('initial-state', { layer: 'decoder', timestep: 2 });
    const { callIndex } = position(session);
    expect(explainAt(session.subject, 0, 0, callIndex, 2)).toBe(explain(session));
  });
});
