import { LabError } from '../../math/lab-error.ts';
import type { LayerPlan } from '../../model/plan.ts';
import type { Node } from './parse.ts';

type Length = number | null;

interface Shaped {
  shape?: Length[];
  batch_shape?: Length[];
  input_shape?: Length[];
  batch_input_shape?: Length[];
  input_length?: Length | Length[];
  input_dim?: number | null;
  batch_size?: number | null;
}

/** What Keras makes of input_shape, batch_input_shape, input_length and input_dim on a first layer, or on the first one inside it. */
export function implicitInput(node: Node, name: string, path: string): LayerPlan {
  const found = shapeOf(node);
  if (found === undefined) {
    throw new LabError({
      path,
      problem: 'the first layer must say what goes in.',
      hint: 'give input_shape=[timesteps, features], or put {"class_name": "Input", "shape": […]} before it.',
    });
  }
  return {
    spec: { kind: 'input', name, trainable: true, ...found },
    weights: { initializers: {} },
    calls: [{ inputs: [] }],
    path,
  };
}

function shapeOf(node: Node): { shape: Length[]; batch: number | null } | undefined {
  const { parsed, inner } = node;
  const args = parsed.args as Shaped;
  const whole = args.batch_input_shape ?? args.batch_shape;
  const shape = args.input_shape ?? args.shape ?? whole?.slice(1) ?? shorthand(parsed.class, args);
  if (shape !== undefined) return { shape, batch: whole?.[0] ?? args.batch_size ?? null };
  const around = ['Bidirectional', 'Sequential', 'Functional'].includes(parsed.class);
  return around ? shapeOf(inner[0]) : undefined;
}

function shorthand(
  className: string,
  { input_length: given = null, input_dim: width = null }: Shaped,
): Length[] | undefined {
  const lengths = [given].flat();
  if (className === 'Embedding') return lengths;
  if (width === null) return undefined;
  const sequence = ['LSTM', 'GRU', 'SimpleRNN', 'RNN', 'Bidirectional', 'TimeDistributed', 'Conv1D'];
  return sequence.includes(className) ? [...lengths, width] : [width];
}
