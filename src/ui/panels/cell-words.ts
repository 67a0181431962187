import type { Layer } from '../../layers/layer.ts';
import { activationParts, activations } from '../../math/activations.ts';
import { numberAt, rowsOf, shapeText, widthOf } from '../../math/tensor.ts';
import { counted } from '../../session/explain-words.ts';
import { type Position, tokenAt } from '../../session/selectors.ts';
import { wrap } from '../components/wrap.ts';
import { type Line, span } from '../line.ts';
import { equationText } from '../notation.ts';
import { windowPlaces } from './arithmetic.ts';
import type { ViewProps } from './view.ts';

/** What goes in and what comes out, in words and shapes. */
export function headLines({ session }: ViewProps, at: Position): Line[] {
  const { call, input } = at.callTrace;
  const { layer } = call;
  const word = tokenAt(session, at, at.timestep);
  const quoted = word === null ? '' : ` “${word}”`;
  switch (layer.kind) {
    case 'embedding': {
      const index = numberAt(input, at.timestep);
      return [
        [
          `t ${at.timestep}: x = ${index}`,
          span(quoted, 'accent', { bold: true }),
          span('  →  ', 'muted'),
          span(`row ${index}`, 'accent', { bold: true }),
          ` of the matrix ${shapeText(layer.weights.embeddings.shape)}`,
          span(layer.maskZero && index === 0 ? '   padding: the layers after skip it' : '', 'masked'),
        ],
      ];
    }
    case 'dense':
      return [
        [
          `${counted(widthOf(input), 'number')} in`,
          span('  →  ', 'muted'),
          `${counted(layer.units, 'sum')} z`,
          span(`  →  ${layer.activation}  →  `, 'muted'),
          `y ${shapeText(call.outputShapes[0])}`,
          span(layer.timeDistributed ? '   at every timestep alike' : '', 'muted'),
        ],
      ];
    case 'dropout':
      return [
        [
          `${at.units} of ${counted(at.units, 'number')} kept, 0 dropped: `,
          span('at inference everything is passed on.', 'good'),
        ],
      ];
    case 'activation':
      return [
        [
          equationText(`y = ${layer.activation}(x)`),
          span(
            `   of ${counted(at.units, 'number')}${at.units === 1 ? '' : activations[activationParts(layer.activation).name].wholeVector ? ', which depend on each other' : ', each by itself'}`,
            'muted',
          ),
        ],
      ];
    case 'flatten':
      return [
        [
          `x ${shapeText(input.shape)}`,
          span('  →  ', 'muted'),
          `y ${shapeText(call.outputShapes[0])}`,
          span('   all rows, one after the other', 'muted'),
        ],
      ];
    case 'masking': {
      const skipped = Array.from({ length: at.steps }, (_, t) => t).filter(
        (t) => numberAt(at.callTrace.quantities.m, t) === 0,
      );
      return [
        [`skips a timestep whose features are all ${layer.maskValue}`],
        [
          skipped.length === 0 ? 'skipped: none' : `skipped: ${skipped.map((t) => `t ${t}`).join(', ')}`,
          span(`   of ${at.steps} timesteps`, 'muted'),
        ],
      ];
    }
    case 'input':
      return [
        [
          `${shapeText(input.shape)}`,
          span(input.shape.length < 2 ? '   a sequence of indices' : `   at t ${at.timestep}`, 'muted'),
          span(quoted, 'accent', { bold: true }),
        ],
      ];
    default:
      return generalHead(at);
  }
}

/** Shapes of what goes in and comes out, and what lies between them. */
function generalHead(at: Position): Line[] {
  const { call, inputs } = at.callTrace;
  const { layer } = call;
  const into = inputs.map(({ shape }) => shapeText(shape)).join(' and ');
  const out = call.outputShapes.map((shape) => shapeText(shape)).join(', ');
  const places = windowPlaces(at);
  const window: Line[] =
    places === null
      ? []
      : [
          [
            span(`window at step ${at.step}: `, 'muted'),
            span(places.map((place) => (place < 0 ? 'padding' : `t ${place}`)).join(', '), 'accent'),
            span(`   of timesteps 0–${timestepsOf(at) - 1}`, 'muted'),
          ],
        ];
  return [
    [
      into,
      span('  →  ', 'muted'),
      out,
      span(
        `   ${at.equations.at(-1)?.meaning ?? ''}${layer.kind === 'time_distributed' ? ', at every timestep by itself' : ''}`,
        'muted',
      ),
    ],
    ...window,
    ...directionLines(at),
  ];
}

function timestepsOf({ callTrace: { call, input } }: Position): number {
  const { layer } = call;
  return input.shape['dataFormat' in layer && layer.dataFormat === 'channels_first' ? 1 : 0];
}

/** How far each direction has come at the timestep of the cursor. */
function directionLines({ callTrace, timestep }: Position): Line[] {
  const { layer } = callTrace.call;
  if (layer.kind !== 'bidirectional') return [];
  const [forward, backward] = callTrace.inputs;
  const units = `units 0–${widthOf(forward) - 1} forward, ${widthOf(forward)}–${widthOf(forward) + widthOf(backward) - 1} backward`;
  const text = layer.mergeMode === 'concat' ? units : 'forward and backward, number by number';
  if (!layer.returnSequences) return [[span(text, 'accent')]];
  const last = rowsOf(forward) - 1;
  const seen = (from: number, to: number) => (from === to ? `t ${from}` : `t ${from} to ${to}`);
  return [
    [span(text, 'accent'), span(`   forward has read ${seen(0, timestep)}, backward ${seen(last, timestep)}`, 'muted')],
  ];
}

/** What there is to know besides the numbers: what training would do, what a mask is for. */
export function noteLines(layer: Layer, at: Position, width: number): Line[] {
  const text = noteOf(layer, at);
  return text === null ? [] : wrap(text, width - 2).map((line): Line => [' ', span(line, 'muted')]);
}

function noteOf(layer: Layer, at: Position): string | null {
  switch (layer.kind) {
    case 'dropout': {
      const dropped = Math.round(layer.rate * at.units);
      const scaled =
        layer.rate < 1
          ? `, and multiplies the others by 1 / (1 − ${layer.rate}) = ${Number((1 / (1 - layer.rate)).toFixed(3))}, so that their sum stays the same on average`
          : '';
      return `In training Dropout(${layer.rate}) makes each number 0 with probability ${layer.rate}, here about ${dropped} of ${at.units}${scaled}.`;
    }
    case 'embedding':
      return `An Embedding computes nothing: the same index always gives the same row. Its ${layer.inputDim} rows are ${layer.trainable ? 'learnt' : 'not trained (trainable=False)'}.`;
    case 'masking':
      return 'Skipped timesteps are told to the layers after it by a mask; an LSTM carries h and c over them.';
    case 'input':
      return 'An Input computes nothing: it hands on what the model is given.';
    case 'batch_normalization':
      return 'In training each batch is normalized with its own mean and variance; at inference with the moving ones.';
    case 'layer_normalization':
      return 'In training and at inference alike: mean and variance are those of the numbers themselves.';
    case 'identity':
      return `${layer.className} acts in training only.`;
    case 'activation':
      return rowsOf(at.callTrace.input) > 1 ? 'Every timestep alike; no number knows of another timestep.' : null;
    default:
      return null;
  }
}
