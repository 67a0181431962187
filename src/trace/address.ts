/** Names one number of a trace, or a row of it: `lstm_1.f[3]@5` is unit 3 of gate f of lstm_1 at the input's timestep 5, all counted from 0. */
export interface Address {
  /** `lstm_1`, or `lstm_1#2` for the second call of a shared layer. */
  readonly call: string;
  readonly symbol: string;
  readonly unit?: number;
  readonly timestep?: number;
}

export function addressText({ call, symbol, unit, timestep }: Address): string {
  return `${call}.${symbol}${unit === undefined ? '' : `[${unit}]`}${timestep === undefined ? '' : `@${timestep}`}`;
}
