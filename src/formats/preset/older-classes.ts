import type { ClassName } from './schema.ts';

/* Classes of Keras 1 that are others today, with other arguments. */

const mergeModes: Readonly<Record<string, ClassName>> = {
  sum: 'Add',
  mul: 'Multiply',
  ave: 'Average',
  max: 'Maximum',
  concat: 'Concatenate',
  dot: 'Dot',
  cos: 'Dot',
};

/** Keras 1's Merge, which was one class with a mode. */
export function merge({ mode = 'sum', ...args }: Readonly<Record<string, unknown>>) {
  if (typeof mode !== 'string' || !Object.hasOwn(mergeModes, mode) || args.layers !== undefined) return undefined;
  const { concat_axis = -1, dot_axes = -1, ...rest } = args;
  const unused = ['mode_type', 'output_shape', 'output_shape_type', 'output_mask', 'output_mask_type', 'arguments'];
  const kept = Object.fromEntries(Object.entries(rest).filter(([key]) => !unused.includes(key)));
  const own = {
    ...(mode === 'concat' && { axis: concat_axis }),
    ...((mode === 'dot' || mode === 'cos') && { axes: dot_axes }),
    ...(mode === 'cos' && { normalize: true }),
  };
  return { class: mergeModes[mode], args: { ...kept, ...own } };
}

/** Keras 1's TimeDistributedDense is TimeDistributed(Dense). */
export function distributed(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const outer = [
    'name',
    'inputs',
    'calls',
    'input_shape',
    'batch_input_shape',
    'input_length',
    'input_dim',
    'trainable',
  ];
  const entries = Object.entries(args);
  return {
    ...Object.fromEntries(entries.filter(([key]) => outer.includes(key))),
    layer: { class_name: 'Dense', ...Object.fromEntries(entries.filter(([key]) => !outer.includes(key))) },
  };
}
