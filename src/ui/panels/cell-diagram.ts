import type { LstmLayer } from '../../layers/layer.ts';
import { row } from '../../math/tensor.ts';
import { type Position, previousState, stageShown } from '../../session/selectors.ts';
import type { OpenSession } from '../../session/session.ts';
import { isUsed } from '../../trace/timeline.ts';
import { type Canvas, createCanvas, type Ink } from '../components/canvas.ts';
import { sparkline } from '../components/sparkline.ts';
import { fit, type Line, widthOfText } from '../line.ts';
import { numberText, symbolTone } from '../notation.ts';
import { glyphs, type Theme, type Tone } from '../theme/theme.ts';

/** Rows of the drawing, and the columns below which it is not drawn. */
export const DIAGRAM = { height: 10, width: 62 };
const WIDEST = 96;

const CELL_ROW = 0;
const OUT_ROW = 8;
const X_ROW = 9;

/**
 * The cell's wiring with the chosen unit's numbers on the wires: c runs along the top, h along the bottom, each gate between them.
 * What the stage has not reached is drawn without numbers.
 */
export function diagramLines(session: OpenSession, at: Position, width: number, theme: Theme): Line[] {
  const columns = Math.min(width, WIDEST);
  const canvas = createCanvas(columns, DIAGRAM.height);
  const wires = wiresOf(session, at, theme);
  const x = placesOf(columns);
  drawInputs(canvas, at, x, wires, theme);
  drawCellState(canvas, x, wires);
  drawGate(canvas, 'f', x.f, wires);
  drawWriting(canvas, x, wires);
  drawOutput(canvas, x, columns, wires);
  return canvas.lines();
}

interface Wires {
  /** False at a masked timestep: h and c pass by. */
  readonly used: boolean;
  readonly squash: string;
  readonly sigma: string;
  /** The wire of a quantity: in its colour once it is computed, else faint. */
  ink(symbol: string): Ink;
  /** Its number for the chosen unit, `·` before it is computed. */
  value(symbol: string): string;
  readonly candidate: string;
  readonly kept: string;
  readonly before: string;
}

function wiresOf(session: OpenSession, at: Position, theme: Theme): Wires {
  const { layer } = at.callTrace.call as { layer: LstmLayer };
  const used = isUsed(at.callTrace, at.timestep);
  const stage = (symbol: string) => at.equations.findIndex((equation) => equation.symbol === symbol);
  const raw = (symbol: string) => row(at.callTrace.quantities[symbol], at.step)[at.unit];
  const shown = (symbol: string) => {
    if (symbol === 'x' || symbol === 'c_prev' || symbol === 'h_prev') return 'computed';
    if (!used) return symbol === 'c' || symbol === 'h' ? stageShown(session, at, stage(symbol)) : 'skipped';
    return stageShown(session, at, stage(symbol));
  };
  const number = (value: number, signed = false) => `${signed && value > 0 ? '+' : ''}${numberText(value, 6, 3)}`;
  const marks = glyphs(theme);
  const written = (symbol: string, value: () => number, signed: boolean) => {
    const state = shown(symbol);
    return state === 'skipped' ? marks.masked : state === 'hidden' ? marks.future : number(value(), signed);
  };
  const before = previousState(at, 'c')[at.unit];
  return {
    used,
    squash: layer.activation.length <= 7 ? layer.activation : 'φ',
    sigma: layer.recurrentActivation === 'sigmoid' ? 'σ' : shortName(layer.recurrentActivation),
    ink(symbol) {
      const state = shown(symbol);
      const tone: Tone = state === 'skipped' ? 'masked' : state === 'hidden' ? 'muted' : symbolTone(symbol);
      return {
        tone,
        dim: state === 'hidden' || state === 'ahead' || state === 'skipped',
        bold: session.overlay === null && at.equations[at.stage]?.symbol === symbol,
      };
    },
    value: (symbol) => written(symbol, () => raw(symbol), /^(z_|g$|tanh_c)/.test(symbol)),
    candidate: used ? written('c', () => raw('i') * raw('g'), true) : marks.masked,
    kept: used ? written('c', () => raw('f') * before, true) : 'carried',
    before: number(before),
  };
}

/** hard_sigmoid fits in the drawing as hard σ. */
function shortName(activation: string): string {
  return activation.includes('sigmoid') ? 'hσ' : activation.length <= 4 ? activation : 'σ';
}

interface Places {
  readonly f: number;
  readonly i: number;
  readonly plus: number;
  readonly g: number;
  readonly squash: number;
  readonly o: number;
  readonly end: number;
}

/** Where wires stand, spread over the width; the left and right margins are labels. */
function placesOf(columns: number): Places {
  const left = 16;
  const right = columns - 12;
  const at = (share: number) => Math.round(left + (right - left) * share);
  return { f: at(0.04), i: at(0.3), plus: at(0.44), g: at(0.58), squash: at(0.78), o: at(0.78), end: right };
}

function drawInputs(canvas: Canvas, at: Position, x: Places, wires: Wires, theme: Theme): void {
  const { input } = at.callTrace;
  const timestep = at.timestep;
  const width = input.data.length / at.steps;
  const features = input.data.subarray(timestep * width, (timestep + 1) * width);
  const small = String(timestep).replace(/\d/g, (digit) => '₀₁₂₃₄₅₆₇₈₉'[Number(digit)]);
  const label = (name: string, values: ArrayLike<number>) => `${fit(name, 4)}${sparkline(values, 8, theme)}`;
  const h = wires.ink('h_prev');
  canvas.text(0, OUT_ROW, label('h₋₁', previousState(at, 'h')), h);
  canvas.text(0, X_ROW, label(`x${small}`, features), { tone: 'accent' });
  const from = (values: ArrayLike<number>) => 5 + Math.min(8, values.length);
  canvas.across(from(previousState(at, 'h')), x.o, OUT_ROW, '─', h);
  canvas.across(from(features), x.f - 1, X_ROW, '─', { tone: 'accent' });
  canvas.text(x.f, X_ROW, '┘', { tone: 'accent' });
  for (const place of [x.f, x.i, x.g]) canvas.text(place, OUT_ROW, '┴', h);
  canvas.text(x.f, OUT_ROW, '┼', h);
}

function drawCellState(canvas: Canvas, x: Places, wires: Wires): void {
  const before = wires.ink('c_prev');
  const c = wires.ink('c');
  canvas.text(0, CELL_ROW, `c₋₁ ${wires.before} `, before);
  canvas.across(5 + widthOfText(wires.before), x.f - 2, CELL_ROW, '━', before);
  canvas.across(x.f + 2, x.plus - 2, CELL_ROW, '━', c);
  centred(canvas, Math.round((x.f + x.plus) / 2), CELL_ROW, ` ${wires.kept} `, c);
  canvas.across(x.plus + 2, x.end, CELL_ROW, '━', c);
  canvas.text(x.squash, CELL_ROW, '┳', c);
  canvas.text(x.end, CELL_ROW, `▶ c ${wires.value('c')}`, { ...c, bold: true });
  if (!wires.used) {
    canvas.across(x.f - 1, x.f + 1, CELL_ROW, '━', c);
    canvas.across(x.plus - 1, x.plus + 1, CELL_ROW, '━', c);
    return;
  }
  node(canvas, x.f, CELL_ROW, '×', c);
  node(canvas, x.plus, CELL_ROW, '+', c);
}

/** From the bottom wire up through the activation, its number on the way. */
function drawGate(canvas: Canvas, gate: 'i' | 'f' | 'g' | 'o', x: number, wires: Wires, top = CELL_ROW + 1): void {
  const z = wires.ink(`z_${gate}`);
  const value = wires.ink(gate);
  const name = gate === 'g' ? 'c̃' : gate;
  canvas.down(x, top, 5, '│', value);
  canvas.down(x, 6, 7, '│', z);
  centred(canvas, x, Math.max(top, 3), `${name} ${wires.value(gate)}`, value);
  centred(canvas, x, 5, gate === 'g' ? wires.squash : wires.sigma, value);
  centred(canvas, x, 6, wires.value(`z_${gate}`), z);
}

/** i and c̃ meet, and their product goes up into the cell state. */
function drawWriting(canvas: Canvas, x: Places, wires: Wires): void {
  const c = wires.used ? wires.ink('c') : wires.ink('i');
  drawGate(canvas, 'i', x.i, wires, 3);
  drawGate(canvas, 'g', x.g, wires, 3);
  const [i, g] = [wires.ink('i'), wires.ink('g')];
  canvas.text(x.i, 2, '┌', i);
  canvas.across(x.i + 1, x.plus - 2, 2, '─', i);
  canvas.across(x.plus + 2, x.g - 1, 2, '─', g);
  canvas.text(x.g, 2, '┐', g);
  node(canvas, x.plus, 2, '×', c);
  canvas.down(x.plus, 1, 1, '│', c);
  canvas.text(x.plus + 2, 1, wires.candidate, c);
}

/** c squashed, shown as far as o lets it: h, which leaves and is h₋₁ of the next step. */
function drawOutput(canvas: Canvas, x: Places, columns: number, wires: Wires): void {
  const squashed = wires.ink('tanh_c');
  const h = wires.ink('h');
  centred(canvas, x.squash, 1, wires.squash, squashed);
  canvas.down(x.squash, 2, 2, '┃', squashed);
  canvas.text(x.squash + 2, 2, wires.value('tanh_c'), squashed);
  drawGate(canvas, 'o', x.o, wires, 4);
  centred(canvas, x.o, 4, `o ${wires.value('o')}`, wires.ink('o'));
  if (!wires.used) {
    node(canvas, x.squash, 3, '×', squashed);
    canvas.text(x.o, OUT_ROW, '┴', h);
    canvas.across(x.o + 1, x.end - 1, OUT_ROW, '─', h);
    centred(canvas, Math.round((x.o + x.end) / 2), OUT_ROW, ' carried ', h);
    canvas.text(x.end, OUT_ROW, `▶ h ${wires.value('h')}`, { ...h, bold: true });
    return;
  }
  canvas.text(x.o, OUT_ROW, '┘', wires.ink('h_prev'));
  node(canvas, x.squash, 3, '×', h);
  const out = Math.min(x.end - 2, columns - 14);
  canvas.across(x.squash + 2, out - 1, 3, '─', h);
  canvas.text(out, 3, '┐', h);
  canvas.down(out, 4, OUT_ROW - 1, '│', h);
  canvas.text(out, OUT_ROW, '└', h);
  canvas.across(out + 1, x.end - 1, OUT_ROW, '─', h);
  canvas.text(x.end, OUT_ROW, `▶ h ${wires.value('h')}`, { ...h, bold: true });
}

function node(canvas: Canvas, x: number, y: number, sign: string, ink: Ink): void {
  canvas.text(x - 1, y, `(${sign})`, { ...ink, bold: !ink.dim });
}

function centred(canvas: Canvas, x: number, y: number, text: string, ink: Ink): void {
  canvas.text(x - Math.floor((widthOfText(text) - 1) / 2), y, text, ink);
}
