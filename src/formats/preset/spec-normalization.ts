import { LabError, quote } from '../../math/lab-error.ts';
import { type Tensor, tensor } from '../../math/tensor.ts';
import type { LayerSpec } from '../../model/plan.ts';
import { finiteTensor } from './initializer.ts';
import type { ParsedAs, Version } from './schema.ts';

type Normalizing =
  | ParsedAs<'BatchNormalization'>
  | ParsedAs<'LayerNormalization'>
  | ParsedAs<'GroupNormalization'>
  | ParsedAs<'RMSNormalization'>
  | ParsedAs<'UnitNormalization'>
  | ParsedAs<'Normalization'>
  | ParsedAs<'Rescaling'>;

/** A layer that shifts and scales, without its weights. */
export function normalizationSpec(
  { class: className, args }: Normalizing,
  named: { name: string; trainable: boolean },
  keras: Version,
): LayerSpec {
  switch (className) {
    case 'BatchNormalization':
      if (args.renorm === true || (args.mode ?? 0) !== 0) {
        throw new LabError({
          path: args.renorm ? 'renorm' : 'mode',
          problem: args.renorm
            ? 'batch renormalization is not computed.'
            : 'only mode 0 is computed, which scales by the moving mean and variance.',
          received: String(args.renorm ? args.renorm : args.mode),
        });
      }
      return {
        kind: 'batch_normalization',
        ...named,
        axis: onlyAxis(args.axis),
        epsilon: args.epsilon,
        center: args.center,
        scale: args.scale,
      };
    case 'LayerNormalization':
      if (args.rms_scaling === true)
        throw new LabError({ path: 'rms_scaling', problem: 'RMS scaling is not computed.', received: 'true' });
      return {
        kind: 'layer_normalization',
        ...named,
        axis: ascending(args.axis),
        epsilon: args.epsilon,
        center: args.center,
        scale: args.scale,
      };
    case 'GroupNormalization': {
      const { groups, axis, epsilon, center, scale } = args;
      return { kind: 'group_normalization', ...named, groups, axis, epsilon, center, scale };
    }
    case 'RMSNormalization':
      return { kind: 'rms_normalization', ...named, axis: ascending(args.axis), epsilon: args.epsilon };
    case 'UnitNormalization':
      return { kind: 'unit_normalization', ...named, axis: ascending(args.axis), epsilon: keras === 3 ? 1e-12 : 1e-6 };
    case 'Normalization':
      return { kind: 'normalization', ...named, axis: [args.axis].flat(), invert: args.invert, ...givenMoments(args) };
    case 'Rescaling':
      return { kind: 'rescaling', ...named, scale: [args.scale].flat(), offset: [args.offset].flat() };
  }
}

/** A mean and a variance that are given, not adapted. */
function givenMoments({ mean, variance }: { mean?: unknown; variance?: unknown }) {
  if (mean == null && variance == null) return {};
  if (mean == null || variance == null)
    throw new LabError({
      path: mean == null ? 'mean' : 'variance',
      problem: 'When setting values directly, both `mean` and `variance` must be set.',
    });
  return { given: { mean: constantTensor(mean, 'mean'), variance: constantTensor(variance, 'variance') } };
}

/** A number, or nested lists of them. */
export function constantTensor(value: unknown, path: string): Tensor {
  return typeof value === 'number' ? tensor([], [value]) : finiteTensor(value, path);
}

const ascending = (axes: number | readonly number[]) => [axes].flat().sort((a, b) => a - b);

/** An axis by itself, or in a list of one. */
export function onlyAxis(value: number | readonly number[]): number {
  const axes = [value].flat();
  if (axes.length === 1) return axes[0];
  throw new LabError({ path: 'axis', problem: 'one axis is wanted here.', received: quote(value) });
}
