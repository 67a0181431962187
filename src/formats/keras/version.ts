/** Which Keras wrote a file, and whose behaviour its model therefore has. */
export interface KerasVersion {
  readonly major: 1 | 2 | 3;
  readonly minor: number;
  /** Keras 2 as a package of its own (2.0 to 2.3.1), not the one inside TensorFlow: some defaults and masks differ. */
  readonly standalone: boolean;
  /** As the file says it: "2.2.4-tf"; null where it says nothing. */
  readonly text: string | null;
}

/** From `keras_version`; a file that has none was written by Keras 1, which did not always say. */
export function kerasVersion(text: unknown, otherwise: 1 | 2 | 3): KerasVersion {
  const found = typeof text === 'string' ? /^v?(\d+)\.(\d+)/.exec(text) : null;
  if (found === null) return { major: otherwise, minor: 0, standalone: otherwise < 3, text: null };
  const [major, minor] = [Number(found[1]), Number(found[2])];
  return {
    major: major < 2 ? 1 : major === 2 ? 2 : 3,
    minor,
    standalone: major < 2 || (major === 2 && minor <= 3 && !String(text).includes('tf')),
    text: String(text).slice(0, 40),
  };
}

/** Keras 1 and 2.0 to 2.2 started a masked first timestep from h; later ones from zeros. */
export function startsMaskedFromState({ major, minor, standalone }: KerasVersion): boolean {
  return major === 1 || (major === 2 && standalone && minor <= 2);
}

/** A Bidirectional of tf.keras 2 and Keras 3 returns zeros for masked timesteps; before, they carried on. */
export function bidirectionalZeroesMasked({ standalone }: KerasVersion): boolean {
  return !standalone;
}

/** Keras 3.0 to 3.3 looked for the mask of a lone tensor only, so that a layer that takes a list lost it. Source: keras/src/layers/layer.py of each, __call__. */
export function losesMasksInMerging({ major, minor, text }: KerasVersion): boolean {
  return major === 3 && text !== null && minor <= 3;
}

/** Keras 2.0 to 2.2.2 listed the states of stacked cells from the last cell to the first. Source: keras/layers/recurrent.py of each. */
export function reversesCellStates({ major, minor, standalone, text }: KerasVersion): boolean {
  return major === 2 && standalone && text !== null && (minor < 2 || /^2\.2\.[0-2]\b/.test(text));
}

export function madeWith({ text, standalone, major }: KerasVersion): string | null {
  if (text === null) return null;
  return `${major === 2 && !standalone ? 'tf.keras' : 'Keras'} ${text}`;
}
