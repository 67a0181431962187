import { type Rows, rows, sizeOf } from '../math/tensor.ts';
import type { CallTrace, Trace } from '../trace/trace.ts';
import type { CarriedStates, Recorded, Recorder } from './engine.ts';
import { placed } from './placed.ts';
import { type Start, traceOf } from './sample-run.ts';

/** Arrays of so many numbers are kept all the same. */
const SMALL = 64;

/**
 * Many samples that are short by themselves: the traces of those that were looked at last are kept, in so much memory (bytes), and the others are
 * computed again, whole, when they are looked at. What stateful layers carry on is kept of all.
 */
export function forgetful(recorder: Recorder, memory: number): Start {
  const kept = new Map<object, { readonly recorded: Recorded; readonly bytes: number }>();
  let total = 0;
  // Only one: what is computed of a sample takes memory, and it may have been given up.
  let underWay: { readonly key: object; readonly pieces: Generator<number, Recorded>; fraction: number } | undefined;
  const keep = (key: object, recorded: Recorded) => {
    const bytes = bytesOf(recorded.trace);
    kept.set(key, { recorded, bytes });
    total += bytes;
    for (const [oldest, { bytes }] of kept) {
      if (total <= memory || kept.size === 1) break;
      kept.delete(oldest);
      total -= bytes;
    }
  };

  return (inputs, place, carriedIn, given) => {
    const key = {};
    let carried: CarriedStates | undefined;
    let trace: Pick<Trace, 'calls' | 'outputs'> | undefined;
    const done = (recorded: Recorded): Recorded => {
      keep(key, recorded);
      carried = recorded.carried;
      if (underWay?.key === key) underWay = undefined;
      return recorded;
    };
    const recorded = (): Recorded => {
      const found = kept.get(key);
      if (!found) {
        const before = carriedIn();
        return done(placed(place, () => recorder.record(inputs, before, given)));
      }
      kept.delete(key);
      kept.set(key, found);
      return found.recorded;
    };
    const looked = () => {
      trace ??= lazyTrace(recorded().trace, () => recorded().trace.calls);
      return trace;
    };
    return {
      trace: traceOf(inputs, looked),
      get carried() {
        return carried ?? recorded().carried;
      },
      get isDone() {
        return carried !== undefined;
      },
      get isAtHand() {
        return kept.has(key);
      },
      get fraction() {
        if (underWay?.key === key) return underWay.fraction;
        return carried ? 1 : 0;
      },
      advance() {
        if (kept.has(key)) return;
        if (underWay?.key !== key) {
          const before = carriedIn();
          underWay = { key, pieces: recorder.recordInPieces(inputs, before, given), fraction: 0 };
        }
        const mine = underWay;
        try {
          const next = placed(place, () => mine.pieces.next());
          if (next.done) done(next.value);
          else mine.fraction = next.value;
        } catch (error) {
          underWay = undefined;
          throw error;
        }
      },
      finish() {
        if (!carried) recorded();
      },
      handOut: () => {},
    };
  };
}

function bytesOf({ calls }: Trace): number {
  return calls
    .flatMap(({ quantities, returns }) => [...Object.values(quantities), ...returns])
    .reduce((sum, t) => sum + ('data' in t ? t.data.byteLength : 0), 0);
}

/** The trace without its numbers: whoever reads them has `calls` fetch them. */
function lazyTrace({ calls, outputs }: Trace, fetched: () => readonly CallTrace[]): Pick<Trace, 'calls' | 'outputs'> {
  const lazy = new Map<Rows, Rows>();
  const forgotten = (t: Rows, find: (calls: readonly CallTrace[]) => Rows): Rows => {
    if (sizeOf(t.shape) <= SMALL) return t;
    const found: Rows = { shape: t.shape, read: (from, to) => rows(find(fetched()), from, to) };
    lazy.set(t, found);
    return found;
  };
  const known = (t: Rows) => lazy.get(t) ?? t;
  const all = calls.map((call, at): CallTrace => {
    const isInput = call.call.layer.kind === 'input';
    const inputs = call.inputs.map(known);
    return {
      ...call,
      inputs,
      input: isInput ? call.input : inputs[0],
      quantities: Object.fromEntries(
        Object.entries(call.quantities).map(([symbol, t]) => [
          symbol,
          forgotten(t, (found) => found[at].quantities[symbol]),
        ]),
      ),
      returns: isInput ? call.returns : call.returns.map((t, n) => forgotten(t, (found) => found[at].returns[n])),
    };
  });
  const trace = { calls: all, outputs: outputs.map((t) => t && known(t)) };
  // What fetches rows can see this map: it must not hold the numbers.
  lazy.clear();
  return trace;
}
