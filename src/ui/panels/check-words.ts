import type { Deviation, StepCheck } from '../../engines/check/check-step.ts';
import type { Position } from '../../session/selectors.ts';
import { fitLine, type Line, span, widthOfLine } from '../line.ts';
import { elementText } from '../notation.ts';
import { lettersOf } from './letters.ts';

/** `checked ✓ 3e-8`: the timestep is what its equations say, but for this much of the larger of 1 and a quantity's largest number; or which number is not. */
export function checkWords({ difference, onJump, differs }: StepCheck, at: Position, isShort = false): Line {
  if (differs.length > 0) return [span(`✗ ${elementOf(differs[0], at)}`, 'error')];
  const much = difference === 0 ? 'exact' : difference.toExponential(0);
  const jump = onJump ? `, ${elementOf(onJump, at)} within rounding of a jump of ${onJump.activation}` : '';
  return [span(isShort ? '✓' : 'checked ✓', 'good'), span(` ${much}${jump}`, 'muted')];
}

/** Which number is not what its equation says, behind where the cursor is, or alone where there is no room for both. */
export function differsLine({ differs }: StepCheck, at: Position, place: Line, width: number): Line {
  const [first] = differs;
  const [recorded, computed] = apart(first.recorded, first.computed);
  const more = differs.length > 1 ? `, and ${differs.length - 1} more` : '';
  const texts = [
    `✗ ${elementOf(first, at)} is ${recorded}, its equation gives ${computed}${more}`,
    `✗ ${elementOf(first, at)} is ${recorded}, not ${computed}${more}`,
  ];
  const lines = texts.flatMap((text): Line[] => [
    [...place, ' · ', span(text, 'error')],
    [' ', span(text, 'error')],
  ]);
  return fitLine(lines.find((line) => widthOfLine(line) <= width) ?? lines[lines.length - 1], width);
}

function elementOf({ symbol, unit }: Deviation, at: Position): string {
  return elementText(symbol, [unit], lettersOf(at));
}

/** Two numbers with as many digits as it takes to tell them apart, and one more. */
function apart(a: number, b: number): [string, string] {
  for (let digits = 3; digits < 16; digits++) {
    if (a.toPrecision(digits) !== b.toPrecision(digits)) return [written(a, digits + 1), written(b, digits + 1)];
  }
  return [written(a, 17), written(b, 17)];
}

function written(value: number, digits: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  return String(Number(value.toPrecision(digits))).replaceAll('-', '−');
}
