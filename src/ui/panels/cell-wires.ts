import { isRecurrent } from '../../layers/layer.ts';
import { type ActivationRef, activationParts } from '../../math/activations.ts';
import { part, row, widthOf } from '../../math/tensor.ts';
import { type Position, previousState, stageShown } from '../../session/selectors.ts';
import type { OpenSession } from '../../session/session.ts';
import { isUsed } from '../../trace/timeline.ts';
import type { Canvas, Ink } from '../components/canvas.ts';
import { sparkline } from '../components/sparkline.ts';
import { fit, widthOfText } from '../line.ts';
import { numberText, subscript, symbolTone } from '../notation.ts';
import { glyphs, type Theme, type Tone } from '../theme/theme.ts';
import { lettersOf } from './letters.ts';

/** Columns below which a cell's wiring is not drawn, and the most that it takes. */
export const NARROWEST = 62;
export const WIDEST = 96;

/** The wires of a drawing, with the chosen unit's numbers. */
export interface Wires {
  /** False at a masked timestep: the states pass by. */
  readonly used: boolean;
  /** What squashes the candidate, and what opens the gates. */
  readonly squash: string;
  readonly sigma: string;
  /** The wire of a quantity: in its colour once it is computed, else faint. */
  ink(symbol: string): Ink;
  /** Its number for the chosen unit, `·` before it is computed; nothing where the cell has no such quantity. */
  value(symbol: string): string;
  /** A number that belongs to a quantity's equation, shown when that is. */
  part(symbol: string, value: () => number, signed?: boolean): string;
  /** The number of a quantity for the chosen unit. */
  raw(symbol: string): number;
  /** A state of the step before, for the chosen unit. */
  before(symbol: 'h' | 'c'): number;
}

export function wiresOf(session: OpenSession, at: Position, theme: Theme): Wires {
  const { layer } = at.callTrace.call;
  if (!isRecurrent(layer)) throw new Error(`${at.name} is no recurrent layer`);
  const { quantities } = at.callTrace;
  const used = isUsed(at.callTrace, at.timestep);
  const stage = (symbol: string) => at.equations.findIndex((equation) => equation.symbol === symbol);
  const raw = (symbol: string) => row(quantities[symbol], at.step)[Math.min(at.unit, widthOf(quantities[symbol]) - 1)];
  const isState = (symbol: string) => symbol === 'h' || (symbol === 'c' && layer.kind === 'lstm');
  const shown = (symbol: string) => {
    if (symbol === 'x' || symbol === 'c_prev' || symbol === 'h_prev') return 'computed';
    if (stage(symbol) < 0) return 'hidden';
    if (!used) return isState(symbol) ? stageShown(session, at, stage(symbol)) : 'skipped';
    return stageShown(session, at, stage(symbol));
  };
  const number = (value: number, signed = false) => `${signed && value > 0 ? '+' : ''}${numberText(value, 6, 3)}`;
  const marks = glyphs(theme);
  const written = (symbol: string, value: () => number, signed: boolean) => {
    const state = shown(symbol);
    return state === 'skipped' ? marks.masked : state === 'hidden' ? marks.future : number(value(), signed);
  };
  return {
    used,
    squash: squashName(layer.activation),
    sigma:
      layer.kind === 'simple_rnn' || layer.recurrentActivation === 'sigmoid'
        ? 'σ'
        : shortName(layer.recurrentActivation),
    ink(symbol) {
      const state = shown(symbol);
      const tone: Tone =
        state === 'skipped' ? 'masked' : state === 'hidden' ? 'muted' : symbolTone(symbol, lettersOf(at));
      return {
        tone,
        dim: state === 'hidden' || state === 'ahead' || state === 'skipped',
        bold: session.overlay === null && at.equations[at.stage]?.symbol === symbol,
      };
    },
    value: (symbol) =>
      stage(symbol) < 0 ? '' : written(symbol, () => raw(symbol), /^(z_|g$|tanh_c|rec_g)/.test(symbol)),
    part: (symbol, value, signed = false) => (used ? written(symbol, value, signed) : marks.masked),
    raw,
    before: (symbol) => {
      const state = previousState(at, symbol);
      return state[Math.min(at.unit, state.length - 1)];
    },
  };
}

export function squashName(activation: ActivationRef): string {
  const { name } = activationParts(activation);
  return name.length <= 7 ? name : 'φ';
}

/** hard_sigmoid fits in the drawing as hard σ. */
function shortName(activation: ActivationRef): string {
  const { name } = activationParts(activation);
  return name.includes('sigmoid') ? 'hσ' : name.length <= 4 ? name : 'σ';
}

/** The numbers of a state before a step, without a sign. */
export function stateText(value: number): string {
  return numberText(value, 6, 3);
}

/** h₋₁ and x as small columns at the left of two lines; returns where their wires begin. */
export function drawSources(
  canvas: Canvas,
  at: Position,
  wires: Wires,
  [hRow, xRow]: readonly [number, number],
  theme: Theme,
) {
  const { input } = at.callTrace;
  const features = part(input, at.timestep, at.steps);
  const label = (name: string, values: ArrayLike<number>) => `${fit(name, 4)}${sparkline(values, 8, theme)}`;
  const h = previousState(at, 'h');
  canvas.text(0, hRow, label('h₋₁', h), wires.ink('h_prev'));
  canvas.text(0, xRow, label(`x${subscript(at.timestep)}`, features), { tone: 'accent' });
  const from = (values: ArrayLike<number>) => 5 + Math.min(8, values.length);
  return { h: from(h), x: from(features) };
}

/** From a line at the bottom up through the activation, its number on the way: rows `top` to 7. */
export function drawGate(
  canvas: Canvas,
  { symbol, name, activation }: { readonly symbol: string; readonly name: string; readonly activation: string },
  x: number,
  wires: Wires,
  top: number,
): void {
  const z = wires.ink(`z_${symbol}`);
  const value = wires.ink(symbol);
  canvas.down(x, top, 5, '│', value);
  canvas.down(x, 6, 7, '│', z);
  centred(canvas, x, Math.max(top, 3), `${name} ${wires.value(symbol)}`, value);
  centred(canvas, x, 5, activation, value);
  centred(canvas, x, 6, wires.value(`z_${symbol}`), z);
}

export function node(canvas: Canvas, x: number, y: number, sign: string, ink: Ink): void {
  canvas.text(x - 1, y, `(${sign})`, { ...ink, bold: !ink.dim });
}

export function centred(canvas: Canvas, x: number, y: number, text: string, ink: Ink): void {
  canvas.text(x - Math.floor((widthOfText(text) - 1) / 2), y, text, ink);
}
