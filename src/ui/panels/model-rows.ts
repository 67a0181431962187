import { type Call, callName, type Model, type Wrapper } from '../../model/graph.ts';
import type { Theme } from '../theme/theme.ts';
import { glyphs } from '../theme/theme.ts';

/** A line of the model panel: a call of a layer, or the name of a wrapper over its layers. */
export interface ModelRow {
  /** Index of the call; null for a wrapper. */
  readonly call: number | null;
  /** `├ └ │` for what is inside a wrapper. */
  readonly branch: string;
  readonly name: string;
  readonly wrapper: Wrapper | null;
}

interface Place {
  readonly depth: number;
  readonly call: number | null;
  readonly name: string;
  readonly wrapper: Wrapper | null;
}

/** The calls in order of execution, under the names of the wrappers that they are part of. */
export function modelRows(model: Model, theme: Theme): ModelRow[] {
  const wrappers = new Map(model.wrappers.map((wrapper) => [wrapper.name, wrapper]));
  const places: Place[] = [];
  let open: readonly Wrapper[] = [];
  model.calls.forEach((call, at) => {
    const path = pathOf(call, wrappers);
    const shared = path.findIndex((wrapper, depth) => wrapper !== open[depth]);
    if (shared >= 0)
      path.slice(shared).forEach((wrapper, n) => {
        const above = path[shared + n - 1]?.name;
        places.push({ depth: shared + n, call: null, name: withoutPrefix(wrapper.name, above), wrapper });
      });
    open = path;
    const own = path.at(-1);
    const name = withoutPrefix(callName(call), own?.name);
    places.push({
      depth: path.length,
      call: at,
      name: own && call.layer.name === own.name ? 'merge' : name,
      wrapper: null,
    });
  });
  const marks = glyphs(theme);
  return places.map(({ depth, ...place }, at) => ({ ...place, branch: branchText(places, at, depth, marks) }));
}

function pathOf({ layer }: Call, wrappers: ReadonlyMap<string, Wrapper>): Wrapper[] {
  const path: Wrapper[] = [];
  let name = layer.within;
  while (name !== undefined && path.length < wrappers.size) {
    const wrapper = wrappers.get(name);
    if (!wrapper) break;
    path.unshift(wrapper);
    name = wrapper.within;
  }
  return path;
}

/** `both/forward_lstm` inside `both` is `forward_lstm`. */
function withoutPrefix(name: string, wrapper: string | undefined): string {
  return wrapper !== undefined && name.startsWith(`${wrapper}/`) ? name.slice(wrapper.length + 1) : name;
}

function branchText(places: readonly Place[], at: number, depth: number, marks: ReturnType<typeof glyphs>): string {
  if (depth === 0) return '';
  // Whether something of this depth follows before the branch ends.
  const goesOn = (level: number) => {
    for (const { depth: other } of places.slice(at + 1)) {
      if (other < level) return false;
      if (other === level) return true;
    }
    return false;
  };
  const outer = Array.from({ length: depth - 1 }, (_, n) => (goesOn(n + 1) ? marks.vertical : ' '));
  return [...outer, goesOn(depth) ? marks.teeRight : marks.bottomLeft].join('');
}
