import type { RecurrentLayer } from '../../layers/layer.ts';
import { stateNames } from '../../layers/recurrent.ts';
import { numberAt, row, sizeOf } from '../../math/tensor.ts';
import { type Position, tokenAt } from '../../session/selectors.ts';
import type { OpenSession } from '../../session/session.ts';
import { isWhole } from '../../trace/statistics.ts';
import { isUsed } from '../../trace/timeline.ts';
import { isBackward } from '../../trace/trace.ts';
import { type Line, span } from '../line.ts';
import { elementText, equationText, kerasName, numberText, writtenNumber } from '../notation.ts';
import type { Theme } from '../theme/theme.ts';
import { activationLines } from './activation-lines.ts';
import { type Arithmetic, arithmeticOf, unitOf } from './arithmetic.ts';
import { formulaLines, largestLines, placeLines } from './arithmetic-lines.ts';
import { brokenLines } from './broken-lines.ts';
import { lettersOf } from './letters.ts';
import { sumLines } from './sum-lines.ts';

/** What the cursor's stage does: its arithmetic in at most `rows` lines. */
export function detailLines(session: OpenSession, at: Position, width: number, rows: number, theme: Theme): Line[] {
  if (rows <= 0) return [];
  if (at.stage < 0) return inputLines(session, at).slice(0, rows);
  const { symbol, meaning } = at.equations[at.stage];
  const alias = kerasName(symbol, lettersOf(at));
  const heading: Line = [
    span(`stage ${at.stage + 1} of ${at.equations.length}   `, 'muted'),
    span(`${meaning}, unit ${unitOf(at, symbol)}`, 'title'),
    ...(alias ? [span(`   (${alias})`, 'muted')] : []),
  ];
  const withHeading = rows >= 4;
  const room = withHeading ? rows - 1 : rows;
  const body = isUsed(at.callTrace, at.timestep) ? bodyLines(session, at, width, room, theme) : skippedLines(at);
  return [...(withHeading ? [heading] : []), ...brokenLines(body, width, room).slice(0, room)];
}

function bodyLines(session: OpenSession, at: Position, width: number, rows: number, theme: Theme): Line[] {
  const arithmetic = arithmeticOf(at, at.stage);
  switch (arithmetic.form) {
    case 'sum':
      return withNotes(at, rows, (room) => sumLines(arithmetic, width, room, theme));
    case 'activation':
      return activationLines(arithmetic, rows);
    case 'row':
      return rowLines(session, at, arithmetic, width);
    case 'differs':
      return differsLines(arithmetic);
    case 'place':
      return placeLines(at, arithmetic);
    case 'largest':
      return largestLines(arithmetic, width, rows, theme);
    case 'formula':
      return formulaLines(arithmetic, width, rows, theme);
    case 'other':
      return [
        [
          `${equationText(at.equations[at.stage].expression, lettersOf(at))}: ${arithmetic.result.label} = `,
          span(writtenNumber(arithmetic.result.value), undefined, { bold: true }),
        ],
      ];
  }
}

function withNotes(at: Position, rows: number, lines: (rows: number) => Line[]): Line[] {
  const after = rows >= 7 ? notes(at) : [];
  return [...lines(rows - after.length), ...(after.length > 0 ? after : notes(at))];
}

/** Where h₋₁ and c₋₁ come from, and what a layer does otherwise in training. */
function notes(at: Position): Line[] {
  const { layer } = at.callTrace.call;
  const { expression } = at.equations[at.stage];
  if (layer.kind === 'dropout')
    return [[span(`in training: 0 with probability ${layer.rate}, else x / (1 − ${layer.rate}).`, 'muted')]];
  const symbol = /\b([hc])_prev\b/.exec(expression)?.[1];
  if (!symbol) return [];
  return [[span(`${symbol}₋₁ is ${previousText(at, symbol)}.`, 'muted')]];
}

function previousText({ callTrace, step, timestep, run }: Position, symbol: string): string {
  const { call, initialState } = callTrace;
  if (step > 0) return `${symbol} at t ${isBackward(call) ? timestep + 1 : timestep - 1}`;
  if (!initialState) return 'zeros: this is the first step';
  const given = call.states.length > 0 || call.initialState !== null;
  return given ? 'the initial state' : `what batch ${run} of this stateful layer left`;
}

function skippedLines(at: Position): Line[] {
  const { call, quantities } = at.callTrace;
  const layer = call.layer as RecurrentLayer;
  const carried = (symbol: 'h' | 'c'): Line => {
    const width = quantities[symbol].shape[1];
    const unit = Math.min(at.unit, width - 1);
    return [
      `${elementText(symbol, [unit])} = ${elementText(`${symbol}_prev`, [unit])} = `,
      span(writtenNumber(numberAt(quantities[symbol], at.step * width + unit)), undefined, { bold: true }),
      span('   carried', 'masked'),
    ];
  };
  return [
    [span(`padding: the mask is False at t ${at.timestep}, so this timestep is skipped.`, 'masked')],
    ...[...stateNames(layer)].reverse().map(carried),
    [span(`the output here ${outputText(at, layer)}.`, 'muted')],
  ];
}

function outputText({ step, callTrace }: Position, layer: RecurrentLayer): string {
  if (layer.zeroOutputForMask) return 'is 0 (zero_output_for_mask)';
  if (step > 0) return 'repeats the one before';
  return layer.maskedStart === 'state' && callTrace.initialState
    ? 'is the h it started from'
    : 'is 0: there is none before';
}

function rowLines(
  session: OpenSession,
  at: Position,
  { result, index, table }: Extract<Arithmetic, { form: 'row' }>,
  width: number,
): Line[] {
  const word = tokenAt(session, at, at.timestep);
  const count = Math.max(1, Math.floor((width - 6) / 9));
  const values = Array.from(row(at.callTrace.quantities.y, at.step));
  const { layer } = at.callTrace.call;
  const padding = layer.kind === 'embedding' && layer.maskZero && index === 0;
  return [
    [
      `x = ${index}`,
      span(word ? ` "${word}"` : '', 'accent'),
      `   →   row ${index} of E, of rows 0 to ${table.shape[0] - 1}`,
    ],
    [
      `${result.label} = ${elementText('E', [index, Math.min(at.unit, table.shape[1] - 1)])} = `,
      span(writtenNumber(result.value), undefined, { bold: true }),
    ],
    [
      `y = ${values
        .slice(0, count)
        .map((value) => writtenNumber(value).padStart(8))
        .join(' ')}${values.length > count ? ' …' : ''}`,
    ],
    ...(padding
      ? [[span('index 0 is padding (mask_zero): its row is looked up all the same, later layers skip it.', 'masked')]]
      : []),
  ];
}

function differsLines({ result, maskValue, features }: Extract<Arithmetic, { form: 'differs' }>): Line[] {
  const first = Array.from(features).findIndex((value) => value !== maskValue);
  const answer = span(String(result.value), undefined, { bold: true });
  if (first < 0) {
    return [
      [`all ${features.length} features are ${numberText(maskValue)} = mask_value:  m = `, answer],
      [span('padding: later layers skip this timestep.', 'masked')],
    ];
  }
  return [
    [
      `x[${first}] = ${writtenNumber(features[first])} differs from mask_value = ${numberText(maskValue)}:  m = `,
      answer,
    ],
    [span('one feature that differs is enough for the timestep to be used.', 'muted')],
  ];
}

function inputLines(session: OpenSession, at: Position): Line[] {
  const { input } = at.callTrace;
  const width = Math.max(1, Math.floor(sizeOf(input.shape) / at.steps));
  const unit = Math.min(at.unit, width - 1);
  const value = numberAt(input, at.step * width + unit);
  const word = input.shape.length === 1 ? session.subject.words?.[value] : undefined;
  const places = at.steps > 1 ? [at.timestep, unit] : [unit];
  return [
    [span('An Input computes nothing: it hands x on.', 'muted')],
    [
      `${elementText('x', places)} = `,
      span(isWhole(input) ? String(value) : writtenNumber(value), undefined, { bold: true }),
      span(word ? `  "${word}"` : '', 'accent'),
    ],
  ];
}
