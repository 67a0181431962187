import { expect, test } from 'vitest';
import { record } from '../../../src/engines/record.ts';
import { openModel } from '../../../src/formats/open.ts';
import { tensor, whole } from '../../../src/math/tensor.ts';

// Numbers that Keras 3.15 printed; the model is made by test/fixtures/keras-text/states-beside-mask.py.
test('beside a wired initial_state Keras 3 does not use the mask of the input, unless it is passed too', async () => {
  const { model } = await openModel('test/fixtures/keras-text/states-beside-mask.keras');
  const batch = [tensor([1, 6], [1, 2, 3, 0, 0, 0]), tensor([1, 3], [0.1, 0.2, 0.3]), tensor([1, 3], [0.4, -0.5, 0.6])];
  const { runs } = await record(model, [batch], 'kernel');
  [0.09449913, 0.18785055, 0.22948083].forEach((value, at) => {
    expect(runs[0][0].outputs.map((output) => output && whole(output).data[at])[0]).toBeCloseTo(value, 6);
  });
});
