/**
 * A length as far as it is known: a whole number, or a product of one with lengths that only an input tells: 2·batch·time. Which of them counts the
 * samples is a symbol like the others, so that shapes computed by the graph can be followed.
 */
export type Dim = number | Product;

interface Product {
  readonly factor: number;
  /** Sorted. */
  readonly symbols: readonly string[];
}

/** The number of samples. */
export const BATCH: Dim = { factor: 1, symbols: ['batch'] };

/** A length that is called `name` in the file. */
export function named(name: string): Dim {
  return { factor: 1, symbols: [`"${name}"`] };
}

let unknowns = 0;

/** A length of which nothing is known. */
export function unknownDim(): Dim {
  unknowns += 1;
  return { factor: 1, symbols: [`?${unknowns}`] };
}

const product = (dim: Dim): Product => (typeof dim === 'number' ? { factor: dim, symbols: [] } : dim);

function simplified(factor: number, symbols: readonly string[]): Dim {
  return symbols.length === 0 || factor === 0 ? factor : { factor, symbols };
}

export function times(a: Dim, b: Dim): Dim {
  const [p, q] = [product(a), product(b)];
  return simplified(p.factor * q.factor, [...p.symbols, ...q.symbols].sort());
}

/** a / b where that is a length, else null. */
export function over(a: Dim, b: Dim): Dim | null {
  const [p, q] = [product(a), product(b)];
  const symbols = [...p.symbols];
  for (const symbol of q.symbols) {
    const at = symbols.indexOf(symbol);
    if (at < 0) return null;
    symbols.splice(at, 1);
  }
  if (q.factor === 0 || p.factor % q.factor !== 0) return null;
  return simplified(p.factor / q.factor, symbols);
}

export function same(a: Dim, b: Dim): boolean {
  const [p, q] = [product(a), product(b)];
  return p.factor === q.factor && p.symbols.join() === q.symbols.join();
}

/** Whether the file says nothing that speaks against a and b being one length. */
export function mayBeSame(a: Dim, b: Dim): boolean {
  return same(a, b) || typeof a !== 'number' || typeof b !== 'number';
}

/** The length as the lab's shapes have it. */
export function lengthOf(dim: Dim): number | null {
  return typeof dim === 'number' ? dim : null;
}
