import type { Position } from '../../session/selectors.ts';
import { type Span, span } from '../line.ts';

/** What stands before the name of a quantity: a blank, or a mark where it (or what it is made of) is not what its equation says. */
export function checkMark({ differs }: Pick<Position, 'differs'>, ...symbols: readonly string[]): Span | string {
  return symbols.some((symbol) => differs.includes(symbol)) ? span('✗', 'error') : ' ';
}
