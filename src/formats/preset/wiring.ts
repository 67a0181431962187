import { LabError } from '../../math/lab-error.ts';

/* Names of tensors: `lstm_1`, `lstm_1:1` (its second output), `lstm_1#2` (its second call). */

export interface TensorName {
  readonly layer: string;
  /** Counted from 1. */
  readonly call: number;
  /** Undefined: not said, which is the first, or all where outputs are listed. */
  readonly output: number | undefined;
}

export function parseTensorName(text: string): TensorName {
  const match = /^(.*?)(?:#(\d{1,6}))?(?::(\d{1,4}))?$/s.exec(text) as RegExpExecArray;
  return {
    layer: match[1],
    call: match[2] === undefined ? 1 : Number(match[2]),
    output: match[3] === undefined ? undefined : Number(match[3]),
  };
}

export function tensorName({ layer, call, output }: TensorName): string {
  return `${layer}${call > 1 ? `#${call}` : ''}${output === undefined ? '' : `:${output}`}`;
}

/** What wrappers return: for the name of a call of one, the tensors of its layers, or of other wrappers. */
export type Returns = Map<string, readonly string[]>;

/** The tensor of a layer that a name means. Throws a LabError where wrappers only hand on what they get from each other. */
export function resolveTensor(name: string, returns: Returns, path: string): string {
  const seen = new Set<string>();
  for (let current = name; ; ) {
    const { layer, call, output = 0 } = parseTensorName(current);
    const tensors = returns.get(tensorName({ layer, call, output: undefined }));
    if (tensors === undefined) return current;
    if (seen.has(current))
      throw new LabError({
        path,
        problem: 'the layers are wired in a circle, so that none of them can run first.',
        received: name,
      });
    seen.add(current);
    if (output >= tensors.length) {
      throw new LabError({
        path,
        problem: `${layer} returns ${tensors.length === 1 ? 'one tensor, :0' : `${tensors.length} tensors, :0 to :${tensors.length - 1}`}.`,
        received: name,
      });
    }
    current = tensors[output];
  }
}
