import type { LstmLayer } from '../../layers/layer.ts';
import type { Position } from '../../session/selectors.ts';
import type { OpenSession } from '../../session/session.ts';
import { type Canvas, createCanvas } from '../components/canvas.ts';
import { type Line, widthOfText } from '../line.ts';
import type { Theme } from '../theme/theme.ts';
import {
  centred,
  drawGate,
  drawSources,
  node,
  squashName,
  stateText,
  WIDEST,
  type Wires,
  wiresOf,
} from './cell-wires.ts';

/** Rows of the drawing. */
export const LSTM_HEIGHT = 10;

const CELL_ROW = 0;
const OUT_ROW = 8;
const X_ROW = 9;

/**
 * The cell's wiring with the chosen unit's numbers on the wires: c runs along the top, h along the bottom, each gate between them.
 * What the stage has not reached is drawn without numbers.
 */
export function lstmDiagram(session: OpenSession, at: Position, width: number, theme: Theme): Line[] {
  const layer = at.callTrace.call.layer as LstmLayer;
  const columns = Math.min(width, WIDEST);
  const canvas = createCanvas(columns, LSTM_HEIGHT);
  const wires = wiresOf(session, at, theme);
  const x = placesOf(columns);
  drawInputs(canvas, at, x, wires, theme);
  drawCellState(canvas, x, wires);
  if (layer.inputForget) gate(canvas, 'f', x.f, wires, CELL_ROW + 1, '1−i');
  else gate(canvas, 'f', x.f, wires);
  drawWriting(canvas, x, wires);
  drawOutput(canvas, x, columns, wires, squashName(layer.outputActivation ?? layer.activation));
  return canvas.lines();
}

function gate(
  canvas: Canvas,
  symbol: 'i' | 'f' | 'g' | 'o',
  x: number,
  wires: Wires,
  top = CELL_ROW + 1,
  activation?: string,
) {
  const name = symbol === 'g' ? 'c̃' : symbol;
  drawGate(
    canvas,
    { symbol, name, activation: activation ?? (symbol === 'g' ? wires.squash : wires.sigma) },
    x,
    wires,
    top,
  );
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
  const h = wires.ink('h_prev');
  const from = drawSources(canvas, at, wires, [OUT_ROW, X_ROW], theme);
  canvas.across(from.h, x.o, OUT_ROW, '─', h);
  canvas.across(from.x, x.f - 1, X_ROW, '─', { tone: 'accent' });
  canvas.text(x.f, X_ROW, '┘', { tone: 'accent' });
  for (const place of [x.f, x.i, x.g]) canvas.text(place, OUT_ROW, '┴', h);
  canvas.text(x.f, OUT_ROW, '┼', h);
}

function drawCellState(canvas: Canvas, x: Places, wires: Wires): void {
  const before = wires.ink('c_prev');
  const c = wires.ink('c');
  const old = stateText(wires.before('c'));
  const kept = wires.used ? wires.part('c', () => wires.raw('f') * wires.before('c'), true) : 'carried';
  canvas.text(0, CELL_ROW, `c₋₁ ${old} `, before);
  canvas.across(5 + widthOfText(old), x.f - 2, CELL_ROW, '━', before);
  canvas.across(x.f + 2, x.plus - 2, CELL_ROW, '━', c);
  centred(canvas, Math.round((x.f + x.plus) / 2), CELL_ROW, ` ${kept} `, c);
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

/** i and c̃ meet, and their product goes up into the cell state. */
function drawWriting(canvas: Canvas, x: Places, wires: Wires): void {
  const c = wires.used ? wires.ink('c') : wires.ink('i');
  gate(canvas, 'i', x.i, wires, 3);
  gate(canvas, 'g', x.g, wires, 3);
  const [i, g] = [wires.ink('i'), wires.ink('g')];
  canvas.text(x.i, 2, '┌', i);
  canvas.across(x.i + 1, x.plus - 2, 2, '─', i);
  canvas.across(x.plus + 2, x.g - 1, 2, '─', g);
  canvas.text(x.g, 2, '┐', g);
  node(canvas, x.plus, 2, '×', c);
  canvas.down(x.plus, 1, 1, '│', c);
  canvas.text(
    x.plus + 2,
    1,
    wires.part('c', () => wires.raw('i') * wires.raw('g'), true),
    c,
  );
}

/** c squashed, shown as far as o lets it: h, which leaves and is h₋₁ of the next step. */
function drawOutput(canvas: Canvas, x: Places, columns: number, wires: Wires, squash: string): void {
  const squashed = wires.ink('tanh_c');
  const h = wires.ink('h');
  centred(canvas, x.squash, 1, squash, squashed);
  canvas.down(x.squash, 2, 2, '┃', squashed);
  canvas.text(x.squash + 2, 2, wires.value('tanh_c'), squashed);
  gate(canvas, 'o', x.o, wires, 4);
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
