import { describe, expect, it } from 'vitest';
import { kindOf, weightKey, weightName } from '../../src/layers/kinds.ts';
import type { Layer, Shape } from '../../src/layers/layer.ts';
import { tensor } from '../../src/math/tensor.ts';
import type { LayerSpec } from '../../src/model/plan.ts';

const shapes = (spec: object, ...inputs: Shape[]) => {
  const layer = { name: 'layer', trainable: true, ...spec } as LayerSpec as Layer;
  return kindOf(layer).outputShapes(layer, ...inputs);
};

const conv = {
  kind: 'conv1d',
  filters: 4,
  kernelSize: 3,
  strides: 1,
  padding: 'valid',
  dilationRate: 1,
  groups: 1,
  dataFormat: 'channels_last',
  activation: 'linear',
  useBias: true,
};

const einsum = (equation: string, outputShape: (number | null)[]) => ({
  kind: 'einsum_dense',
  equation,
  outputShape,
  biasAxes: null,
  activation: 'linear',
});

describe('what does not fit is refused in Keras’s words', () => {
  const refused: [string, object, Shape[], RegExp][] = [
    [
      'shapes that do not broadcast',
      { kind: 'merge', operation: 'add' },
      [
        [5, 3],
        [5, 2],
      ],
      /incompatible shapes.*\(None, 5, 3\) and \(None, 5, 2\)/,
    ],
    [
      'three inputs to subtract',
      { kind: 'merge', operation: 'subtract' },
      [[3], [3], [3]],
      /exactly 2 inputs. Received: 3/,
    ],
    [
      'Concatenate of other lengths',
      { kind: 'merge', operation: 'concatenate', axes: [-1] },
      [
        [5, 3],
        [4, 3],
      ],
      /matching shapes except for the concatenation axis/,
    ],
    [
      'Dot of other lengths',
      { kind: 'merge', operation: 'dot', axes: [1, 1] },
      [
        [5, 3],
        [4, 3],
      ],
      /axis values 5 \(at axis 1\) != 4/,
    ],
    [
      'Reshape to another size',
      { kind: 'reshape', targetShape: [4, 4] },
      [[5, 3]],
      /total size of the tensor must be unchanged/,
    ],
    [
      'Reshape with two open lengths',
      { kind: 'reshape', targetShape: [-1, -1] },
      [[5, 3]],
      /at most one unknown dimension/,
    ],
    ['Permute of an axis twice', { kind: 'permute', dims: [1, 1] }, [[5, 3]], /Invalid permutation argument/],
    ['Permute of other axes', { kind: 'permute', dims: [2, 1] }, [[5]], /expected ndim=3, found ndim=2/],
    ['RepeatVector of a sequence', { kind: 'repeat_vector', n: 2 }, [[5, 3]], /expected ndim=2, found ndim=3/],
    ['RepeatVector no time', { kind: 'repeat_vector', n: 0 }, [[3]], /`n` should be a positive integer/],
    [
      'RepeatVector without end',
      { kind: 'repeat_vector', n: 1e9 },
      [[3]],
      /^n: .*at most 67108864 numbers.*3000000000/,
    ],
    ['Cropping1D of everything', { kind: 'cropping1d', cropping: [3, 2] }, [[5, 3]], /smaller than the input length/],
    [
      'an index outside',
      { kind: 'slice', axis: 1, index: 5 },
      [[5, 3]],
      /index 5 is out of bounds for axis 1 with size 5/,
    ],
    ['an axis outside', { kind: 'softmax', axis: 3 }, [[5, 3]], /Axis 3 is out of bounds/],
    ['the batch axis', { kind: 'batch_normalization', axis: 0 }, [[5, 3]], /axis 0 is the batch/],
    ['Conv1D over a vector', conv, [[3]], /Conv1D wants \(timesteps, features\): expected ndim=3, found ndim=2/],
    ['a window longer than the sequence', conv, [[2, 3]], /output size would be negative.*2 timesteps, a window of 3/],
    ['groups that do not divide', { ...conv, groups: 2 }, [[5, 3]], /evenly divisible by the number of groups/],
    ['strides of 0', { ...conv, strides: 0 }, [[5, 3]], /strides and dilation over 0/],
    [
      'a GRU over a vector',
      { kind: 'gru', units: 2 },
      [[3]],
      /GRU wants \(timesteps, features\).*return_sequences=True/,
    ],
    [
      'TimeDistributed over a vector',
      { kind: 'time_distributed', inner: { kind: 'flatten' } },
      [[3]],
      /TimeDistributed wants/,
    ],
    [
      'GroupNormalization of features that do not divide',
      { kind: 'group_normalization', groups: 2, axis: -1 },
      [[5, 3]],
      /^groups: .*must divide the number of channels.*groups=2, input \(None, 5, 3\)/,
    ],
    [
      'RMSNormalization whose scale would meet another axis',
      { kind: 'rms_normalization', axis: [1] },
      [[5, 3]],
      /incompatible shapes|meets the last axes/,
    ],
    ['UnitNormalization of an axis outside', { kind: 'unit_normalization', axis: [3] }, [[5, 3]], /Axis 3 is out/],
    [
      'adaptive pooling without end',
      { kind: 'adaptive_pooling1d', operation: 'max', outputSize: 1e6, dataFormat: 'channels_last' },
      [[5, 300]],
      /^output_size: .*at most 67108864 numbers.*300000000/,
    ],
    [
      'an equation in another form',
      einsum('abc->abd', [null, 4]),
      [[5, 3]],
      /Equations must be in the form \[X\],\[Y\]/,
    ],
    ['an equation of other axes', einsum('abcd,de->abce', [null, null, 4]), [[5, 3]], /other axes than the input has/],
    [
      'an equation with the batch elsewhere',
      einsum('abc,cd->bad', [null, 4]),
      [[5, 3]],
      /the first axis .* is the batch/,
    ],
    [
      'a kernel with an axis of its own',
      einsum('abc,cde->abd', [null, 4]),
      [[5, 3]],
      /axis e of the equation has no match/,
    ],
    ['an output of other lengths', einsum('abc,cd->abd', [6, 4]), [[5, 3]], /do not match at shared dimension 'b'/],
    ['an output_shape too short', einsum('abc,cd->abd', [4]), [[5, 3]], /output_shape must have 2 lengths, it has 1/],
    [
      'a softmax over what is not the last axis',
      { ...einsum('abc,bd->adc', [2, null]), activation: 'softmax' },
      [[5, 3]],
      /^activation: .*only where the kernel makes the last axis/,
    ],
    [
      'constants with a row for each sample',
      { kind: 'constant', value: tensor([2, 5, 3]) },
      [[5, 3]],
      /row for each sample.*\(2, 5, 3\) beside \(None, 5, 3\)/,
    ],
    [
      'value and key of other lengths',
      { kind: 'attention', score: 'dot' },
      [
        [4, 3],
        [5, 3],
        [6, 3],
      ],
      /`value` and `key`, except the last one, must be equal/,
    ],
    [
      'query and key of other features',
      { kind: 'attention', score: 'dot' },
      [
        [4, 3],
        [5, 2],
      ],
      /same number of features/,
    ],
  ];

  it.each(refused)('%s', (_, spec, inputs, message) => {
    expect(() => shapes(spec, ...inputs)).toThrow(message);
  });
});

describe('lengths that are not known yet', () => {
  it('stay open, and the others are known', () => {
    expect(shapes({ ...conv, padding: 'same', strides: 2 }, [null, 3])).toEqual([[null, 4]]);
    expect(shapes({ kind: 'merge', operation: 'add' }, [null, 3], [1, 3])).toEqual([[null, 3]]);
    expect(shapes({ kind: 'merge', operation: 'concatenate', axes: [1] }, [null, 3], [5, 3])).toEqual([[null, 3]]);
    expect(shapes({ kind: 'up_sampling1d', size: 2 }, [null, 3])).toEqual([[null, 3]]);
    expect(shapes({ kind: 'reshape', targetShape: [-1, 6] }, [null, 3])).toEqual([[null, 6]]);
    expect(shapes({ kind: 'slice', axis: 1, start: 1 }, [null, 3])).toEqual([[null, 3]]);
  });
});

describe('names of weights', () => {
  it('are Keras’s in files and ours in layers, and go both ways', () => {
    for (const name of [
      'kernel',
      'recurrent_kernel',
      'moving_mean',
      'moving_variance',
      'query_kernel',
      'concept_weight',
    ])
      expect(weightName(weightKey(name))).toBe(name);
    expect(weightKey('recurrent_kernel')).toBe('recurrentKernel');
    expect(weightName('movingVariance')).toBe('moving_variance');
  });

  it('stand in the order in which Keras stores them', () => {
    const of = (spec: object, ...inputs: Shape[]) => {
      const layer = { name: 'layer', trainable: true, ...spec } as LayerSpec as Layer;
      return Object.entries(kindOf(layer).weightShapes(layer, ...inputs));
    };
    expect(of({ kind: 'batch_normalization', axis: -1, center: true, scale: true }, [5, 3])).toEqual(
      ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name) => [name, [3]]),
    );
    expect(of({ kind: 'gru', units: 2, useBias: true, resetAfter: true }, [5, 3])).toEqual([
      ['kernel', [3, 6]],
      ['recurrent_kernel', [2, 6]],
      ['bias', [2, 6]],
    ]);
    expect(of({ kind: 'lstm', units: 4, useBias: true, projectionUnits: 2, usePeepholes: true }, [5, 3])).toEqual([
      ['kernel', [3, 16]],
      ['recurrent_kernel', [2, 16]],
      ['bias', [16]],
      ['peepholes', [12]],
      ['projection', [4, 2]],
    ]);
  });
});
