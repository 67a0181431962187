import { record } from '../../../src/engines/record.ts';
import type { Layer } from '../../../src/layers/layer.ts';
import { type Tensor, tensor } from '../../../src/math/tensor.ts';
import { buildModel } from '../../../src/model/build.ts';
import type { LayerPlan, LayerSpec } from '../../../src/model/plan.ts';
import { opened } from '../../../src/session/reduce.ts';
import type { Cursor, OpenSession } from '../../../src/session/session.ts';
import type { EngineName } from '../../../src/trace/trace.ts';
import { type Line, textOf } from '../../../src/ui/line.ts';
import type { ViewLines, ViewProps } from '../../../src/ui/panels/view.ts';
import { decodeFrame, gridToText } from '../../../src/ui/terminal/cells.ts';
import { themeFor } from '../../../src/ui/theme/theme.ts';

/* Small models of every kind of layer, recorded, and what a person reads of a view of them. */

export const plainTheme = themeFor({ env: {}, color: false });
export const colourTheme = themeFor({ env: { COLORTERM: 'truecolor' }, name: 'dark' });

type Partial<L> = { kind: L; name?: string; weights?: Record<string, Tensor> } & Record<string, unknown>;
export type Spec = Partial<Layer['kind']>;

const defaults: Record<string, object> = {
  lstm: {
    units: 3,
    activation: 'tanh',
    recurrentActivation: 'sigmoid',
    useBias: true,
    returnSequences: false,
    returnState: false,
    goBackwards: false,
    stateful: false,
    unroll: false,
    zeroOutputForMask: false,
    maskedStart: 'zeros',
    dropout: 0,
    recurrentDropout: 0,
  },
  input: { batch: null },
  embedding: { inputDim: 6, outputDim: 4, maskZero: false },
  dense: { units: 2, activation: 'linear', useBias: true, timeDistributed: false },
  dropout: { rate: 0.5 },
  activation: { activation: 'sigmoid' },
  flatten: { dataFormat: 'channels_last' },
  masking: { maskValue: 0 },
};

const initializers = {
  kernel: { kind: 'uniform', minval: -1, maxval: 1 },
  recurrent_kernel: { kind: 'uniform', minval: -1, maxval: 1 },
  bias: { kind: 'uniform', minval: -0.5, maxval: 0.5 },
  embeddings: { kind: 'uniform', minval: -1, maxval: 1 },
} as const;

/** A session on a chain of layers, at the last layer and the last timestep unless the cursor says otherwise. */
export async function sessionOf(
  specs: readonly Spec[],
  inputs: readonly Tensor[],
  options: { words?: Record<number, string>; engine?: EngineName; keras?: 1 | 2 | 3 } = {},
): Promise<OpenSession> {
  const layers = specs.map(
    ({ weights: given, ...spec }, at): LayerPlan => ({
      spec: { name: `${spec.kind}_${at}`, trainable: true, ...defaults[spec.kind], ...spec } as LayerSpec,
      weights: { given, initializers },
      calls: [{ inputs: at === 0 ? [] : [specs[at - 1].name ?? `${specs[at - 1].kind}_${at - 1}`] }],
      path: `layers[${at}]`,
    }),
  );
  const { name } = layers[layers.length - 1].spec;
  const model = buildModel({ name: 'test', keras: options.keras ?? 3, seed: 4, layers, outputs: [name] });
  const recording = await record(model, [inputs], options.engine ?? 'kernel');
  const session = opened({ recording, about: null, words: options.words ?? null, notes: [] }, []);
  return at(session, { call: model.calls.length - 1, step: 1e9 });
}

export function at(
  session: OpenSession,
  cursor: globalThis.Partial<Cursor>,
  change: globalThis.Partial<OpenSession> = {},
): OpenSession {
  return { ...session, ...change, cursor: { ...session.cursor, ...cursor } };
}

/** Numbers between −1 and 1 that repeat from run to run. */
export function numbers(...shape: number[]): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return tensor(
    shape,
    Float64Array.from({ length: size }, (_, n) => Math.sin(7 * n + 1)),
  );
}

/** What a person reads without colours. */
export function shown(view: ViewLines, session: OpenSession, size: globalThis.Partial<ViewProps> = {}): string {
  const props = { session, width: 100, height: 30, theme: plainTheme, ...size };
  return textShown(view(props), props.width, props.height);
}

function textShown(lines: readonly Line[], columns = 200, rows = 60): string {
  const frame = lines.map(textOf).join('\n');
  return gridToText(decodeFrame(frame, { columns, rows, palette: plainTheme }));
}
