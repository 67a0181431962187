/** The file has something that the plain reader does not read, or does not trust: HDF5's own library is asked instead. */
export class OtherLayout extends Error {
  override name = 'OtherLayout';
}

export function otherLayout(what: string): never {
  throw new OtherLayout(what);
}

/** The plain reader never guesses: whatever is not as it must be is not its to read. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) otherLayout(what);
}
