import { activations, sparsemaxThreshold } from '../../math/activations.ts';
import { type Line, span, widthOfText } from '../line.ts';
import { bracketedNumber, equationText, writtenNumber } from '../notation.ts';
import type { Arithmetic } from './arithmetic.ts';

type Applied = Extract<Arithmetic, { form: 'activation' }>;

/** `i[2] = sigmoid(z_i[2])`, the numbers put into the activation's own expression, and that expression. */
export function activationLines(applied: Applied, rows: number): Line[] {
  const { result, activation, argument, parameters } = applied;
  const { wholeVector, expression, parameters: names = {} } = activations[activation];
  const indent = ' '.repeat(widthOfText(result.label));
  const value = span(writtenNumber(result.value), undefined, { bold: true });
  if (wholeVector) return wholeVectorLines(applied, rows);
  const given = parameters.map((parameter) => `, ${parameter}`).join('');
  const first = `${result.label} = ${activation}(${argument.label}${given})`;
  if (activation === 'linear')
    return [[`${first} = ${argument.label} = `, value], [span('linear: the number itself.', 'muted')]];
  const written = equationText(expression);
  if (written === `${activation}(x)`)
    return [[first], [`${indent} = ${activation}(${writtenNumber(argument.value)}) = `, value]];
  // Negative numbers are bracketed: exp(−(−0.3)).
  const constants = Object.entries(names).map(([name, value], at) => ({ name, value: parameters[at] ?? value }));
  const filled = constants
    .reduce(
      (text, { name, value }) => text.replaceAll(equationText(name), bracketedNumber(value)),
      written.replace(/\bx\b/g, bracketedNumber(argument.value)),
    )
    // An argument stands by itself.
    .replace(/(?<=\(|, )\((−[^()]*)\)(?=\)|, )/g, '$1');
  return [
    [`${first} = ${activation}(${writtenNumber(argument.value)})`],
    [`${indent} = ${filled} = `, value],
    [
      span(
        `where ${activation}(x) = ${written}${constants.map(({ name, value }) => `, ${equationText(name)} = ${writtenNumber(value)}`).join('')}`,
        'muted',
      ),
    ],
    ...versionNote(activation).map((note): Line => [span(note, 'muted')]),
  ];
}

/** Two functions are called hard_sigmoid. */
function versionNote(activation: string): string[] {
  if (activation === 'hard_sigmoid') return ['as in Keras 3; Keras 1 and 2 have 0.2 · x + 0.5 under this name.'];
  return activation === 'hard_sigmoid_keras2'
    ? ['the hard_sigmoid of Keras 1 and 2; Keras 3 has x / 6 + 0.5 under that name.']
    : [];
}

function wholeVectorLines({ result, activation, argument, vector }: Applied, rows: number): Line[] {
  const numbers = Array.from(vector);
  const indent = ' '.repeat(widthOfText(result.label));
  const value = span(writtenNumber(result.value), undefined, { bold: true });
  const name = argument.label.replace(/\[\d+\]$/, '');
  if (activation === 'sparsemax') {
    const threshold = sparsemaxThreshold(numbers);
    return [
      [`${result.label} = max(0, ${argument.label} − τ)`],
      [`${indent} = max(0, ${writtenNumber(argument.value)} − ${bracketedNumber(threshold)}) = `, value],
      [span(`where τ = ${writtenNumber(threshold)} makes all ${numbers.length} units add up to 1`, 'muted')],
    ];
  }
  const largest = Math.max(...numbers);
  const exponentials = numbers.map((z) => Math.exp(z - largest));
  const sum = exponentials.reduce((total, each) => total + each, 0);
  const difference = `${writtenNumber(argument.value)} − ${bracketedNumber(largest)}`;
  const lines: Line[] =
    activation === 'softmax'
      ? [
          [`${result.label} = exp(${argument.label} − max ${name}) / Σ`],
          [`${indent} = exp(${difference}) / ${writtenNumber(sum)}`],
          [`${indent} = ${writtenNumber(Math.exp(argument.value - largest))} / ${writtenNumber(sum)} = `, value],
        ]
      : [
          [`${result.label} = ${argument.label} − max ${name} − log Σ`],
          [`${indent} = ${difference} − ${bracketedNumber(Math.log(sum))} = `, value],
        ];
  const legend = span(
    `where Σ = sum of exp(${name} − max ${name}) over ${numbers.length} units = ${writtenNumber(sum)}`,
    'muted',
  );
  const order = exponentials.map((_, unit) => unit).sort((a, b) => exponentials[b] - exponentials[a]);
  const room = Math.max(0, rows - lines.length - 1);
  const shown = order.slice(0, order.length > room ? Math.max(0, room - 1) : room);
  const others = order.slice(shown.length);
  return [
    ...lines,
    [legend],
    ...shown.map(
      (unit): Line => [
        span(`  exp(${name}[${unit}] − max ${name})`, 'muted'),
        ` = ${writtenNumber(exponentials[unit])}`,
      ],
    ),
    ...(others.length > 0 && room > 0
      ? [
          [
            span(`  the other ${others.length} units`, 'muted'),
            ` = ${writtenNumber(others.reduce((total, unit) => total + exponentials[unit], 0))}`,
          ] satisfies Line,
        ]
      : []),
  ];
}
