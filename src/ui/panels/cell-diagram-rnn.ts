import { dotParts } from '../../session/dot-parts.ts';
import type { Position } from '../../session/selectors.ts';
import type { OpenSession } from '../../session/session.ts';
import { createCanvas } from '../components/canvas.ts';
import type { Line } from '../line.ts';
import type { Theme } from '../theme/theme.ts';
import { centred, drawSources, node, WIDEST, wiresOf } from './cell-wires.ts';

/** Rows of the drawing. */
export const RNN_HEIGHT = 5;

/** A SimpleRNN's wiring with the chosen unit's numbers: what the old h and x add, their sum, squashed. */
export function rnnDiagram(session: OpenSession, at: Position, width: number, theme: Theme): Line[] {
  const columns = Math.min(width, WIDEST);
  const canvas = createCanvas(columns, RNN_HEIGHT);
  const wires = wiresOf(session, at, theme);
  const end = columns - 12;
  const place = (share: number) => Math.round(16 + (end - 16) * share);
  const [product, plus, squash] = [place(0.18), place(0.44), place(0.74)];
  const [z, h, before] = ['z_h', 'h', 'h_prev'].map(wires.ink);
  const sum = dotParts(at, null);

  const from = drawSources(canvas, at, wires, [0, 4], theme);
  canvas.across(from.h, plus, 0, '─', before);
  centred(canvas, product, 0, ` ·U ${wires.part('z_h', () => sum.fromState, true)} `, z);
  canvas.text(plus, 0, '┐', z);
  canvas.down(plus, 1, 1, '│', z);
  canvas.across(from.x, plus, 4, '─', { tone: 'accent' });
  centred(canvas, product, 4, ` ·W ${wires.part('z_h', () => sum.fromInput, true)} `, z);
  canvas.text(plus, 4, '┘', z);
  canvas.down(plus, 3, 3, '│', z);
  if (sum.bias !== null) {
    const bias = `b ${wires.part('z_h', () => sum.bias as number, true)} `;
    canvas.text(Math.max(0, plus - 4 - bias.length), 2, `${bias}──`, z);
  }
  node(canvas, plus, 2, '+', z);
  canvas.across(plus + 2, squash - 1, 2, '─', z);
  centred(canvas, Math.round((plus + squash) / 2), 2, ` z_h ${wires.value('z_h')} `, z);
  canvas.across(squash, end - 1, 2, '─', h);
  centred(canvas, squash + 3, 2, ` ${wires.squash} `, h);
  canvas.text(end, 2, `▶ h ${wires.value('h')}`, { ...h, bold: true });
  if (!wires.used) centred(canvas, Math.round((squash + end) / 2) + 3, 3, 'carried', h);
  return canvas.lines();
}
