import type { GruLayer } from '../../layers/layer.ts';
import type { Position } from '../../session/selectors.ts';
import type { OpenSession } from '../../session/session.ts';
import { createCanvas } from '../components/canvas.ts';
import { type Line, widthOfText } from '../line.ts';
import type { Theme } from '../theme/theme.ts';
import { centred, drawGate, drawSources, node, stateText, WIDEST, wiresOf } from './cell-wires.ts';

/** Rows of the drawing. */
export const GRU_HEIGHT = 10;

const STATE_ROW = 0;
const JOIN_ROW = 2;
const RESET_ROW = 7;
const BOTTOM = 8;

/**
 * A GRU's wiring with the chosen unit's numbers: h runs along the top, where z keeps a share of it and 1 − z lets the candidate in; r goes to where the
 * candidate sees the old h, before or after the matrix product.
 */
export function gruDiagram(session: OpenSession, at: Position, width: number, theme: Theme): Line[] {
  const { resetAfter } = at.callTrace.call.layer as GruLayer;
  const columns = Math.min(width, WIDEST);
  const canvas = createCanvas(columns, GRU_HEIGHT);
  const wires = wiresOf(session, at, theme);
  const [left, right] = [16, columns - 12];
  const place = (share: number) => Math.round(left + (right - left) * share);
  const x = { r: place(0.04), z: place(0.3), plus: place(0.52), g: place(0.8), end: right };
  const [h, before, r, z, g] = ['h', 'h_prev', 'r', 'z', 'g'].map(wires.ink);

  const from = drawSources(canvas, at, wires, [BOTTOM, BOTTOM + 1], theme);
  canvas.across(from.h, x.g, BOTTOM, '─', before);
  canvas.across(from.x, x.r - 1, BOTTOM + 1, '─', { tone: 'accent' });
  canvas.text(x.r, BOTTOM + 1, '┘', { tone: 'accent' });
  canvas.text(x.r, BOTTOM, '┼', before);
  canvas.text(x.z, BOTTOM, '┴', before);
  canvas.text(x.g, BOTTOM, '┘', before);

  const old = stateText(wires.before('h'));
  canvas.text(0, STATE_ROW, `h₋₁ ${old} `, before);
  canvas.across(5 + widthOfText(old), x.z - 2, STATE_ROW, '━', before);
  canvas.across(x.z - 1, x.end, STATE_ROW, '━', h);
  const kept = wires.used ? wires.part('h', () => wires.raw('z') * wires.before('h'), true) : 'carried';
  centred(canvas, Math.round((x.z + x.plus) / 2), STATE_ROW, ` ${kept} `, h);
  canvas.text(x.end, STATE_ROW, `▶ h ${wires.value('h')}`, { ...h, bold: true });

  drawGate(canvas, { symbol: 'z', name: 'z', activation: wires.sigma }, x.z, wires, STATE_ROW + 1);
  drawGate(canvas, { symbol: 'g', name: 'h̃', activation: wires.squash }, x.g, wires, JOIN_ROW);
  drawGate(canvas, { symbol: 'r', name: 'r', activation: wires.sigma }, x.r, wires, 4);

  // r goes over to the candidate: up, across z, and down into what it multiplies.
  const down = x.g - Math.max(6, Math.round((x.g - x.plus) / 2));
  canvas.text(x.r, 3, '┌', r);
  canvas.across(x.r + 1, down - 1, 3, '─', r);
  canvas.text(down, 3, '┐', r);
  canvas.down(down, 4, RESET_ROW - 1, '│', r);
  canvas.text(down, RESET_ROW, '└', r);
  canvas.across(down + 1, x.g - 2, RESET_ROW, '─', r);
  node(canvas, x.g, RESET_ROW, '×', wires.ink(resetAfter ? 'z_g' : 'r'));
  centred(canvas, x.r, 4, `r ${wires.value('r')}`, r);
  canvas.down(x.z, 3, 3, '┼', z);
  centred(canvas, x.z, 4, `z ${wires.value('z')}`, z);
  const seen = resetAfter ? `h₋₁·U ${wires.value('rec_g')}` : `h₋₁, then ·U`;
  canvas.text(x.g + 3, RESET_ROW, seen, wires.ink(resetAfter ? 'rec_g' : 'z_g'));

  canvas.text(x.z, JOIN_ROW, '├', z);
  canvas.across(x.z + 1, x.plus - 2, JOIN_ROW, '─', z);
  centred(canvas, Math.round((x.z + x.plus) / 2), JOIN_ROW, ` 1−z ${wires.part('z', () => 1 - wires.raw('z'))} `, z);
  canvas.across(x.plus + 2, x.g - 1, JOIN_ROW, '─', g);
  canvas.text(x.g, JOIN_ROW, '┐', g);
  node(canvas, x.plus, JOIN_ROW, '×', h);
  canvas.down(x.plus, 1, 1, '│', h);
  canvas.text(
    x.plus + 2,
    1,
    wires.part('h', () => (1 - wires.raw('z')) * wires.raw('g'), true),
    h,
  );
  if (wires.used) {
    node(canvas, x.z, STATE_ROW, '×', h);
    node(canvas, x.plus, STATE_ROW, '+', h);
  }
  return canvas.lines();
}
