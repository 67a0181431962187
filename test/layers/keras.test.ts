import { describe, expect, it } from 'vitest';
import { record } from '../../src/engines/record.ts';
import { fromNested, type Rows, whole } from '../../src/math/tensor.ts';
import type { EngineName } from '../../src/trace/trace.ts';
import { inputsOf, layerCases, modelOf } from './keras-cases.ts';

/** Keras computed in float32. */
function worst(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  let largest = 1;
  let difference = 0;
  for (let at = 0; at < theirs.length; at++) {
    largest = Math.max(largest, Math.abs(theirs[at]));
    difference = Math.max(difference, Math.abs(ours[at] - theirs[at]));
  }
  return difference / largest;
}

describe.each<EngineName>(['reference', 'kernel'])('the %s engine computes what Keras computes', (engine) => {
  it.each(layerCases.map((given) => [given.about, given] as const))('%s', async (_, given) => {
    const model = modelOf(given);
    const { runs } = await record(model, [inputsOf(given)], engine);
    const call = runs[0][0].calls.at(-1);
    expect(call?.call.layer.name).toBe('layer');
    expect(call?.returns.map(({ shape }) => shape)).toEqual(given.outputs.map((output) => fromNested(output).shape));
    given.outputs.forEach((output, at) => {
      const theirs = fromNested(output).data;
      expect(worst(whole(call?.returns[at] as Rows).data, theirs), `output ${at}`).toBeLessThan(1e-5);
    });
    expect(call?.outputMask && Array.from(call.outputMask), 'mask').toEqual(given.output_mask);
    // Shapes known before the input comes are those of what was computed.
    expect(model.calls.at(-1)?.outputShapes).toEqual(call?.returns.map(({ shape }) => shape));
  });
});
