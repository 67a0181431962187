import { describe, expect, it } from 'vitest';
import { activationNames } from '../../../src/math/activations.ts';
import { row, tensor, whole } from '../../../src/math/tensor.ts';
import { position } from '../../../src/session/selectors.ts';
import type { OpenSession } from '../../../src/session/session.ts';
import { textOf } from '../../../src/ui/line.ts';
import { arithmeticOf } from '../../../src/ui/panels/arithmetic.ts';
import { detailLines } from '../../../src/ui/panels/equation-detail.ts';
import { equationsView } from '../../../src/ui/panels/equations.ts';
import { largestTerms } from '../../../src/ui/panels/sum-lines.ts';
import { themeFor } from '../../../src/ui/theme/theme.ts';
import { at, numbers, sessionOf, shown } from './models.ts';

const SYMBOLS = ['z_i', 'z_f', 'z_g', 'z_o', 'i', 'f', 'g', 'o', 'c', 'tanh_c', 'h'];

const lstm = (spec: object = {}) =>
  sessionOf(
    [
      { kind: 'input', shape: [4, 5] },
      { kind: 'lstm', units: 3, ...spec },
    ],
    [numbers(1, 4, 5)],
  );

/** A session whose cursor is on this symbol. */
function on(session: OpenSession, symbol: string, cursor: object = {}): OpenSession {
  return at(session, { step: 2, unit: 1, stagesLeft: SYMBOLS.length - 1 - SYMBOLS.indexOf(symbol), ...cursor });
}

function lastTrace(session: OpenSession) {
  return session.subject.recording.runs[0][0].calls.at(-1) as NonNullable<
    ReturnType<OpenSession['subject']['recording']['runs'][0][0]['calls']['at']>
  >;
}

describe('the arithmetic of an equation', () => {
  it('multiplies x and h₋₁ with this unit’s columns of the stored arrays, and adds the bias', async () => {
    const session = on(await lstm(), 'z_g');
    const { call, quantities, input } = lastTrace(session);
    if (call.layer.kind !== 'lstm') throw new Error('not an LSTM');
    const { kernel, recurrentKernel, bias } = call.layer.weights;
    // Unit 1 of the candidate is column 2·3 + 1 of 12: Keras stores i, f, c, o.
    const column = 7;
    const x = Array.from(row(input, 2), (value, k) => value * kernel.data[k * 12 + column]);
    const h = Array.from(row(quantities.h, 1), (value, k) => value * recurrentKernel.data[k * 12 + column]);

    const arithmetic = arithmeticOf(position(session), 2);
    if (arithmetic.form !== 'sum') throw new Error(arithmetic.form);
    expect(arithmetic.parts[0].terms.map(({ value }) => value)).toEqual(x);
    expect(arithmetic.parts[1].terms.map(({ value }) => value)).toEqual(h);
    expect(arithmetic.parts[2].value).toBe(bias?.data[column]);
    expect(arithmetic.result.value).toBe(whole(quantities.z_g).data[2 * 3 + 1]);
  });

  it.each(SYMBOLS)('adds up to the recorded %s at every timestep of every unit', async (symbol) => {
    for (const spec of [{}, { useBias: false, goBackwards: true, activation: 'relu' }]) {
      const session = on(await lstm(spec), symbol);
      for (let step = 0; step < 4; step++) {
        for (let unit = 0; unit < 3; unit++) {
          const arithmetic = arithmeticOf(position(at(session, { step, unit })), SYMBOLS.indexOf(symbol));
          const recorded = whole(lastTrace(session).quantities[symbol]).data[step * 3 + unit];
          expect(arithmetic.result.value).toBe(recorded);
          if (arithmetic.form === 'sum')
            expect(arithmetic.parts.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(recorded, 12);
        }
      }
    }
  });

  it('lists the largest terms, the bias always, and the rest as one sum: together the recorded value', async () => {
    const session = on(await lstm(), 'z_f');
    const arithmetic = arithmeticOf(position(session), 1);
    if (arithmetic.form !== 'sum') throw new Error(arithmetic.form);
    for (const rows of [2, 3, 5, 50]) {
      const { listed, rest } = largestTerms(arithmetic.parts, rows);
      const sum = listed.reduce((total, { value }) => total + value, 0) + (rest?.value ?? 0);
      expect(sum).toBeCloseTo(arithmetic.result.value, 12);
      expect(listed.length + (rest ? 1 : 0)).toBeLessThanOrEqual(rows);
      expect(listed.length + (rest?.count ?? 0)).toBe(5 + 3 + 1);
      expect(listed.at(-1)?.factors[0].label).toBe('b_f[1]');
    }
  });
});

describe('the Equations view of an LSTM', () => {
  it('lists every stage in order, with its value up to the cursor and a point after it', async () => {
    const session = on(await lstm(), 'f');
    const { f, i } = lastTrace(session).quantities;
    const lines = shown(equationsView, session).split('\n');
    expect(lines[4]).toContain(`i = sigmoid(z_i)`);
    expect(lines[4]).toContain(whole(i).data[7].toFixed(4));
    expect(lines[5]).toMatch(/^ ▸ 6 {2}f = sigmoid\(z_f\)/);
    expect(lines[5]).toContain(whole(f).data[7].toFixed(4));
    for (const later of lines.slice(6, 11)) expect(later).toMatch(/ · /);
  });

  it('writes the cell state out in numbers', async () => {
    const session = on(await lstm(), 'c');
    const { f, i, g, c } = lastTrace(session).quantities;
    const number = (value: number) => `${value < 0 ? '−' : ''}${Math.abs(value).toFixed(4)}`;
    const factor = (value: number) => (value < 0 ? `(${number(value)})` : number(value));
    const text = shown(equationsView, session);
    expect(text).toContain('c[1] = f[1] × c₋₁[1] + i[1] × c̃[1]');
    expect(text).toContain(
      `= ${number(whole(f).data[7])} × ${factor(whole(c).data[4])} + ${number(whole(i).data[7])} × ${factor(whole(g).data[7])}`,
    );
    expect(text).toContain(`= ${number(whole(c).data[7])}`);
    expect(text).toContain('c₋₁ is c at t 1');
  });

  it('brackets a negative number behind another sign, at every stage', async () => {
    let bracketed = 0;
    for (const symbol of SYMBOLS) {
      for (const step of [0, 1, 2]) {
        const lines = shown(equationsView, on(await lstm(), symbol, { step })).split('\n');
        const written = lines.filter((line) => /^ {4,}=/.test(line));
        for (const line of written) expect(line, symbol).not.toMatch(/[+×−] −/);
        bracketed += written.filter((line) => /[+×] \(−/.test(line)).length;
      }
    }
    expect(bracketed).toBeGreaterThan(3);
  });

  it('gives the result also where there is one line for the numbers', async () => {
    const session = on(await lstm(), 'c');
    const [, written] = detailLines(session, position(session), 76, 2, themeFor({ env: {}, color: false })).map(textOf);
    const { c } = lastTrace(session).quantities;
    expect(written).toMatch(/^ +=.* × .* \+ .* × .* = /);
    expect(Number(written.replaceAll('−', '-').split('= ').at(-1))).toBeCloseTo(whole(c).data[7], 4);
  });

  it('breaks a line that is too long before an equals sign: the result is there at any width', async () => {
    const spec = { recurrentActivation: 'hard_sigmoid_keras2' };
    for (const width of [30, 36, 44, 58]) {
      for (const symbol of ['i', 'c', 'h']) {
        const session = on(await lstm(spec), symbol);
        const result = arithmeticOf(position(session), SYMBOLS.indexOf(symbol))
          .result.value.toFixed(4)
          .replace('-', '−');
        const lines = shown(equationsView, session, { width, height: 16 }).split('\n');
        const arithmetic = lines.slice(lines.findIndex((line) => line.startsWith('─')) + 1);
        expect(arithmetic.join('\n'), `${symbol} at ${width}`).toContain(`= ${result}`);
        const signs = arithmetic.filter((line) => /^ {4,}=/.test(line)).map((line) => line.indexOf('='));
        expect(new Set(signs)).toEqual(new Set([`  ${symbol}[1] =`.indexOf('=')]));
      }
    }
  });

  it('says where the first step’s h and c come from', async () => {
    expect(shown(equationsView, on(await lstm(), 'c', { step: 0 }))).toContain('c₋₁ is zeros');
  });

  it('puts the number into the activation’s own expression', async () => {
    const session = on(await lstm({ recurrentActivation: 'hard_sigmoid_keras2' }), 'i');
    const text = shown(equationsView, session);
    expect(text).toContain('where hard_sigmoid_keras2(x) = max(0, min(1, 0.2 · x + 0.5))');
    expect(text).toContain('Keras 3 has x / 6 + 0.5');
    expect(shown(equationsView, on(await lstm(), 'o'))).toContain('where sigmoid(x) = 1 / (1 + exp(−x))');
  });

  it('says once that Keras calls the candidate c', async () => {
    expect(shown(equationsView, on(await lstm(), 'g'))).toContain('Keras calls it c');
  });

  it('says at a masked timestep that it is skipped, and what is carried', async () => {
    const session = await sessionOf(
      [
        { kind: 'input', shape: [2] },
        { kind: 'embedding', maskZero: true },
        { kind: 'lstm', units: 1 },
      ],
      [tensor([1, 2], [3, 0])],
    );
    const { h } = lastTrace(session).quantities;
    const text = shown(equationsView, session);
    expect(text).toContain('the mask is False at t 1, so this timestep is skipped');
    expect(text).toContain(
      `h[0] = h₋₁[0] = ${whole(h).data[0] < 0 ? '−' : ''}${Math.abs(whole(h).data[0]).toFixed(4)}   carried`,
    );
    expect(text).not.toContain('NaN');
  });

  it('puts the arithmetic beside the equations where the screen is wide', async () => {
    const lines = shown(equationsView, on(await lstm(), 'z_i'), { width: 150 }).split('\n');
    expect(lines[0]).toMatch(/z_i = x · W_i \+ h₋₁ · U_i \+ b_i.*│ stage 1 of 11/);
  });
});

describe('the Equations view of other layers', () => {
  it('looks up an Embedding’s row', async () => {
    const session = await sessionOf(
      [
        { kind: 'input', shape: [2] },
        {
          kind: 'embedding',
          outputDim: 2,
          weights: { embeddings: tensor([6, 2], [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) },
        },
      ],
      [tensor([1, 2], [3, 0])],
      { words: { 3: 'not' } },
    );
    const text = shown(equationsView, at(session, { step: 0, unit: 1 }));
    expect(text).toContain('x = 3 "not"');
    expect(text).toContain('y[1] = E[3,1] = 6.0000');
  });

  it('shows a softmax’s sum', async () => {
    const session = await sessionOf(
      [
        { kind: 'input', shape: [2] },
        {
          kind: 'dense',
          units: 2,
          activation: 'softmax',
          weights: { kernel: tensor([2, 2], [1, 0, 0, 1]), bias: tensor([2], [0, 0]) },
        },
      ],
      [tensor([1, 2], [1, 3])],
    );
    // exp(1 − 3) + exp(0) = 1.1353
    const text = shown(equationsView, at(session, { unit: 0 }));
    expect(text).toContain('= 0.1353 / 1.1353 = 0.1192');
    expect(text).toContain('over 2 units = 1.1353');
  });

  it('compares Masking’s features with mask_value', async () => {
    const session = await sessionOf(
      [{ kind: 'input', shape: [2, 2] }, { kind: 'masking' }],
      [tensor([1, 2, 2], [0, 0, 0, 5])],
    );
    expect(shown(equationsView, at(session, { step: 0, stagesLeft: 1 }))).toContain('all 2 features are 0.0000');
    expect(shown(equationsView, at(session, { step: 1, stagesLeft: 1 }))).toContain('x[1] = 5.0000 differs');
    expect(shown(equationsView, at(session, { step: 1, unit: 1 }))).toContain('y[1] = m × x[1]');
  });

  it.each(['channels_last', 'channels_first'])('says where Flatten takes a number from, %s', async (dataFormat) => {
    const input = tensor([1, 2, 3], [0, 1, 2, 3, 4, 5]);
    const session = await sessionOf(
      [
        { kind: 'input', shape: [2, 3] },
        { kind: 'flatten', dataFormat },
      ],
      [input],
    );
    // Row by row the fifth number is 4; column by column it is x[0,2] = 2.
    const wanted = dataFormat === 'channels_last' ? 'y[4] = x[1,1] = 4.0000' : 'y[4] = x[0,2] = 2.0000';
    expect(shown(equationsView, at(session, { unit: 4 }))).toContain(wanted);
  });

  it('hands on Input and Dropout as they are', async () => {
    const session = await sessionOf([{ kind: 'input', shape: [2] }, { kind: 'dropout' }], [tensor([1, 2], [0.5, 2])]);
    expect(shown(equationsView, at(session, { unit: 1 }))).toContain('y[1] = x[1] = 2.0000');
    expect(shown(equationsView, at(session, { unit: 1 }))).toContain('in training: 0 with probability 0.5');
    expect(shown(equationsView, at(session, { call: 0, unit: 1 }))).toContain('x[1] = 2.0000');
  });

  it.each(activationNames)('explains the activation %s', async (activation) => {
    if (['swish', 'hard_swish', 'softmax_v2'].includes(activation)) return;
    const layers: Parameters<typeof sessionOf>[0] = [
      { kind: 'input', shape: [3] },
      { kind: 'activation', activation },
    ];
    const session = await sessionOf(layers, [numbers(1, 3)]);
    const { y } = lastTrace(session).quantities;
    const number = `${whole(y).data[1] < 0 ? '−' : ''}${Math.abs(whole(y).data[1]).toFixed(4)}`;
    expect(shown(equationsView, at(session, { unit: 1 }))).toMatch(new RegExp(`= ${number}(\\n|$)`));
    // A number that is an argument needs no brackets of its own.
    const negative = await sessionOf(layers, [tensor([1, 3], [-1.5, -0.25, -4])]);
    expect(shown(equationsView, at(negative, { unit: 0 }))).not.toMatch(/[(,] ?\(−[\d.e−]+\)[,)]/);
  });
});
