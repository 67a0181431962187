import { describe, expect, it } from 'vitest';
import { tensor, whole } from '../../../src/math/tensor.ts';
import type { OpenSession } from '../../../src/session/session.ts';
import { returnsView } from '../../../src/ui/panels/returns.ts';
import { at, numbers, type Spec, sessionOf, shown } from './models.ts';

const lstm = (spec: Partial<Spec> = {}) =>
  sessionOf(
    [
      { kind: 'input', shape: [4, 2] },
      { ...spec, kind: 'lstm', units: 2 },
    ],
    [numbers(1, 4, 2)],
  );

const number = (value: number) => `${value < 0 ? '−' : ''}${Math.abs(value).toFixed(4)}`;

function quantities(session: OpenSession) {
  return session.subject.recording.runs[0][0].calls[1].quantities;
}

describe('the Returns view of an LSTM', () => {
  it('says what this layer’s own flags return, with the batch axis', async () => {
    const text = shown(returnsView, await lstm());
    expect(text).toContain('This layer: return_sequences=False, return_state=False');
    expect(text).toMatch(/→ {2}h_T.*\(1, 2\)/);
  });

  it('marks this layer’s pair of flags among the four', async () => {
    const text = shown(returnsView, await lstm({ returnState: true }), { width: 140 });
    expect(text.match(/▸seq/g)).toHaveLength(1);
    expect(text).toContain('▸seq False, state True');
  });

  it('has h_T and c_T not yet until the last timestep is whole', async () => {
    const session = await lstm();
    const { h, c } = quantities(session);
    const last = [whole(h).data[6], whole(c).data[6]].map(number);
    for (const cursor of [{ step: 0 }, { step: 2 }, { step: 3, stagesLeft: 1 }]) {
      const text = shown(returnsView, at(session, cursor), { width: 140 });
      expect(text.match(/not yet: /g)?.length).toBe(1 + 3 + 2);
      for (const value of last) expect(text).not.toContain(value);
    }
    const text = shown(returnsView, session, { width: 140 });
    expect(text).not.toContain('not yet');
    // h_T in the sequences, alone, and again as a state: 1 + 1 + 2 + 2 times.
    expect(text.split(last[0])).toHaveLength(7);
    expect(text.split(last[1])).toHaveLength(3);
  });

  it('counts the steps to go', async () => {
    const text = shown(returnsView, at(await lstm(), { step: 1 }), { width: 140 });
    expect(text).toContain('not yet: 2 steps to go');
  });

  it('fills the sequence row by row', async () => {
    const session = await lstm();
    const { h } = quantities(session);
    for (let step = 0; step < 4; step++) {
      const text = shown(returnsView, at(session, { step }), { width: 140 });
      for (let t = 0; t < 4; t++)
        expect(text.includes(`t${t} ${number(whole(h).data[2 * t]).padStart(7)}`)).toBe(t <= step);
    }
  });

  it('writes a returned sequence in processed order under go_backwards, and says so', async () => {
    const session = await lstm({ goBackwards: true });
    const { h } = quantities(session);
    const text = shown(returnsView, session, { width: 140 });
    const rows = [...text.matchAll(/│[ ▸]t(\d) +([−\d.]+).*?│/g)].filter((_, n) => n % 2 === 0);
    expect(rows.map((match) => match[1])).toEqual(['3', '2', '1', '0']);
    expect(rows.map((match) => match[2])).toEqual([0, 1, 2, 3].map((step) => number(whole(h).data[2 * step])));
    expect(text).toContain('the rows run from the last timestep back to 0');
  });

  it('repeats the output at masked timesteps, or gives 0 while the state is carried', async () => {
    for (const zeroOutputForMask of [false, true]) {
      const session = await sessionOf(
        [
          { kind: 'input', shape: [2] },
          { kind: 'embedding', maskZero: true },
          { kind: 'lstm', units: 1, zeroOutputForMask },
        ],
        [tensor([1, 2], [3, 0])],
      );
      const { h } = session.subject.recording.runs[0][0].calls[2].quantities;
      const text = shown(returnsView, session, { width: 140 });
      const output = /h_T +\(1, 1\)[^\n]*\n│ +([−\d.]+)/.exec(text)?.[1];
      expect(output).toBe(zeroOutputForMask ? '0.0000' : number(whole(h).data[0]));
      expect(text).toContain(zeroOutputForMask ? 'zero_output_for_mask' : 'repeat the output before');
      expect(text).toContain('t1░');
      expect(text.split(number(whole(h).data[0])).length).toBeGreaterThan(3);
    }
  });

  it('gives the line of Keras 3 that makes the layer', async () => {
    const text = shown(
      returnsView,
      await lstm({ returnSequences: true, returnState: true, useBias: false, activation: 'relu' }),
    );
    expect(text).toContain("y, state_h, state_c = LSTM(2, activation='relu', use_bias=False, return_sequences=True,");
    expect(text).toContain('return_state=True)(x)   # Keras 3');
    expect(shown(returnsView, await lstm())).toContain('y = LSTM(2)(x)   # Keras 3');
  });

  it('stands in two rows where it is narrow and in one where it is wide', async () => {
    const session = await lstm();
    const edges = (width: number) => shown(returnsView, session, { width }).match(/[┌├]─/g)?.length;
    expect(edges(60)).toBe(2);
    expect(edges(140)).toBe(1);
  });
});

describe('the Returns view of other layers', () => {
  it('shows an Embedding’s rows as they come, and the mask that it hands on', async () => {
    const session = await sessionOf(
      [
        { kind: 'input', shape: [3] },
        { kind: 'embedding', outputDim: 2, maskZero: true },
      ],
      [tensor([1, 3], [1, 2, 0])],
      { words: { 1: 'good', 2: 'film' } },
    );
    const text = shown(returnsView, at(session, { step: 1 }));
    expect(text).toContain('Embedding returns one tensor:  y   (1, 3, 2)');
    expect(text).toMatch(/t0 good +[−\d]/);
    expect(text).toMatch(/▸t1 film +[−\d]/);
    expect(text).toMatch(/t2 ░░ +·/);
    expect(text).toContain('mask it hands on: ✓✓░');
    expect(text).toContain('y = Embedding(6, 2, mask_zero=True)(x)');
  });

  it('shows a vector with the index of each line’s first number', async () => {
    const session = await sessionOf([{ kind: 'input', shape: [5, 5] }, { kind: 'flatten' }], [numbers(1, 5, 5)]);
    const text = shown(returnsView, session);
    expect(text).toContain('(1, 25)');
    expect(text).toMatch(/\[10\] +−?\d/);
    expect(text).toContain('y = Flatten()(x)');
  });

  it.each<[Spec, string]>([
    [
      { kind: 'dense', units: 3, activation: 'softmax', useBias: false },
      "Dense(3, activation='softmax', use_bias=False)",
    ],
    [{ kind: 'dense', units: 3, timeDistributed: true }, 'TimeDistributed(Dense(3))'],
    [{ kind: 'dropout', rate: 0.2 }, 'Dropout(0.2)'],
    [{ kind: 'activation', activation: 'hard_sigmoid' }, "Activation('hard_sigmoid')"],
    [{ kind: 'masking', maskValue: -1 }, 'Masking(mask_value=-1)'],
  ])('gives the Keras line of %o', async (spec, line) => {
    const session = await sessionOf([{ kind: 'input', shape: [2, 2] }, spec], [numbers(1, 2, 2)]);
    expect(shown(returnsView, session)).toContain(`y = ${line}(x)`);
    expect(shown(returnsView, at(session, { call: 0 }))).toContain('x = Input(shape=(2, 2))');
  });
});
