import type { RecurrentLayer } from '../../layers/layer.ts';
import type { Position } from '../../session/selectors.ts';
import { fitLine, type Line, type Span, span, widthOfLine, widthOfText } from '../line.ts';
import { glyphs } from '../theme/theme.ts';
import { kerasLines, python } from './keras-line.ts';
import { type Returned, returnedSoFar } from './returned.ts';
import { boxWidth, longestBox, returnsBoxes } from './returns-boxes.ts';
import type { ViewProps } from './view.ts';

/** From here on four boxes stand in one row. */
const FOUR_ACROSS = 92;

export function recurrentReturnsLines(props: ViewProps, at: Position): Line[] {
  const { width, height, theme } = props;
  const layer = at.callTrace.call.layer as RecurrentLayer;
  const returned = returnedSoFar(at, layer, glyphs(theme).masked);
  const across = acrossFor(width, height, returned);
  const headline = height < 12 ? [lowHeadLine(props, layer, returned)] : headLines(props, layer, returned);
  const keras = kerasLines(at.callTrace.call, width, height);
  const bands = 4 / across;
  const fixed = headline.length + keras.length + bands + 1;
  const notes = noteLines(at, layer).slice(0, Math.max(0, height - fixed - 3 * bands));
  const rows = Math.max(1, Math.min(longestBox(returned), Math.floor((height - fixed - notes.length) / bands)));
  const text = (lines: readonly Line[]) => lines.map((line) => fitLine(line, width));
  return [...text(headline), ...returnsBoxes(props, layer, returned, across, rows), ...text([...notes, ...keras])];
}

/** Four in a row where there is room, unless the units fit only in wider boxes and there is height for two rows of them. */
function acrossFor(width: number, height: number, { units }: Returned): 2 | 4 {
  if (width < FOUR_ACROSS) return 2;
  const fits = (across: number) => units * 7 + 6 <= boxWidth(width, across);
  return !fits(4) && fits(2) && height >= 22 ? 2 : 4;
}

/** Title line of the view: this layer's own flags, what it returns, its shape with the batch axis. */
function headLines({ width }: Pick<ViewProps, 'width'>, layer: RecurrentLayer, returned: Returned): Line[] {
  const flags = `return_sequences=${python(layer.returnSequences)}, return_state=${python(layer.returnState)}`;
  const shapes = shapesText(layer.returnSequences, layer.returnState, returned);
  const what = [
    layer.returnSequences ? 'h of every timestep' : 'h_T',
    ...(layer.returnState ? returned.states.map(({ name }) => name) : []),
  ].join(', ');
  const state: Span = returned.finished
    ? span('', 'good')
    : span(layer.returnSequences ? ', so far' : ', not yet', 'warning');
  const text = ` This layer: ${flags}`;
  const tail = `  →  ${what}`;
  if (widthOfText(text + tail) + widthOfText(shapes) + 14 <= width) return [[text, tail, state, `   ${shapes}`]];
  const second: Line = [` ${tail.trim()}`, state, `   ${shapes}`];
  if (widthOfLine(second) <= width) return [[widthOfText(text) <= width ? text : ` ${flags}`], second];
  return [[widthOfText(text) <= width ? text : ` ${flags}`], [` ${tail.trim()}`, state], [`   ${shapes}`]];
}

/** In one line where there is little height; the shapes stand in the boxes. */
function lowHeadLine({ width }: ViewProps, layer: RecurrentLayer, returned: Returned): Line {
  const lines = headLines({ width: 1000 }, layer, returned)[0].slice(0, 3);
  const whole = widthOfLine(lines) <= width;
  return whole ? lines : [` ${lines[1]}`.replace('  →  ', 'returns '), lines[2]];
}

function shapesText(sequences: boolean, state: boolean, { steps, units, states }: Returned): string {
  const output = sequences ? `(1, ${steps}, ${units})` : `(1, ${units})`;
  return state ? [output, ...states.map(({ values }) => `(1, ${values.length})`)].join(' ') : output;
}

/** What makes this layer's returns differ from what one expects. */
function noteLines({ callTrace }: Position, layer: RecurrentLayer): Line[] {
  const { mask, call, initialState } = callTrace;
  const notes: string[] = [];
  const both = layer.kind === 'lstm' ? 'the states h and c are' : 'the state h is';
  const last = layer.kind === 'lstm' ? 'h_T and c_T are' : 'h_T is';
  if (layer.goBackwards) notes.push('go_backwards: the rows run from the last timestep back to 0, which is T.');
  if (mask?.includes(0)) {
    notes.push(
      layer.zeroOutputForMask
        ? `masked timesteps return 0 (zero_output_for_mask); ${both} carried all the same.`
        : `masked timesteps repeat the output before them; ${both.replace(/the states? /, '')} carried.`,
    );
    if (layer.returnSequences) notes.push('the mask goes on with the sequence.');
  }
  if (layer.stateful) notes.push(`stateful: ${last} where the next batch starts, until the states are reset.`);
  if (initialState && (call.states.length > 0 || call.initialState))
    notes.push('it starts from a given initial_state, not from zeros.');
  return notes.map((note): Line => [span(` ${note}`, 'muted')]);
}
