export interface KerasOptions {
  /** The architecture of a file that holds arrays only: a parsed configuration (`to_json`), or a preset's document. */
  readonly config?: unknown;
  /** Seeds what the file does not hold. */
  readonly seed?: number;
}
