import { LabError, quote } from '../../math/lab-error.ts';
import { suggestion } from '../../model/nearest.ts';
import { isDecoder } from './module-names.ts';
import type { TorchModule } from './modules.ts';
import { listed } from './said.ts';

/** In what order modules usually run, where nothing else says it. */
const USUAL = ['embedding', 'conv1d', 'recurrent', 'unknown', 'batch_norm', 'layer_norm', 'linear'];

/** As many modules as are named in a note. */
const MOST_NAMED = 12;

/** As many modules as every order of them is tried for. */
const MAX_TRIED = 8;

export interface Ordered {
  readonly modules: readonly TorchModule[];
  /** How the order was found, as a person reads it. */
  readonly note: string;
}

/** The modules in the order that a person gives. Throws a LabError for a name that none has. */
export function givenOrder(modules: readonly TorchModule[], names: readonly string[]): Ordered {
  const known = modules.map(({ name }) => name);
  if (names.length === 0)
    throw new LabError({
      kind: 'usage',
      path: '--layers',
      problem: 'no module is named.',
      hint: 'leave it out for the order that is assumed.',
    });
  const ordered = names.map((name, at) => {
    const found = modules.find((module) => module.name === name);
    if (found) return found;
    throw new LabError({
      kind: 'usage',
      path: `--layers[${at}]`,
      problem: 'the file has no module of this name.',
      received: quote(name),
      hint: suggestion(name, known),
    });
  });
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    throw new LabError({
      kind: 'usage',
      path: '--layers',
      problem: 'a module runs once.',
      received: `${quote(twice)} twice`,
    });
  const missing = known.filter((name) => !names.includes(name));
  const rest = missing.length > 0 ? `; ${missing.join(', ')} left out` : '';
  return { modules: ordered, note: `modules run in the order given: ${names.join(', ')}${rest}` };
}

/**
 * The order in which modules run, which a state dict does not say: that of its keys where each module takes what the one before it gives, or what any
 * before it gives; else the usual order of their kinds, or any order in which they fit; else that of the keys.
 */
export function assumedOrder(modules: readonly TorchModule[]): Ordered {
  const names = (list: readonly TorchModule[]) =>
    listed(
      list.map(({ name }) => name || 'its own parameters'),
      MOST_NAMED,
    );
  if (modules.length < 2) return { modules, note: '' };
  // Names that are sorted say nothing about the order: files of safetensors sort them, 10 before 2.
  const keys = modules.flatMap(({ name }) => name || []);
  const isSorted = keys.every((name, at) => at === 0 || keys[at - 1] <= name);
  const inKeyOrder = isSorted ? [...modules].sort(byName) : modules;
  const usual = [...inKeyOrder].sort((a, b) => late(a) - late(b) || rank(a) - rank(b));
  const any = () => (modules.length <= MAX_TRIED ? anyFitting(usual) : undefined);
  const found = isSorted
    ? ([usual, inKeyOrder].find((order) => fits(order) && keepsNumbers(order)) ??
      (branches(usual) ? usual : (any() ?? usual)))
    : fits(inKeyOrder) || branches(inKeyOrder)
      ? inKeyOrder
      : fits(usual) && keepsNumbers(usual)
        ? usual
        : (any() ?? (branches(usual) ? usual : inKeyOrder));
  const how = found.every((module, at) => module === modules[at])
    ? 'in the order of their keys'
    : 'in the order that fits their shapes';
  return { modules: found, note: `modules are assumed to run ${how}: ${names(found)} (--layers changes it)` };
}

/** An encoder before a decoder, then by name, numbers by their size. */
function byName(a: TorchModule, b: TorchModule): number {
  return late(a) - late(b) || a.name.localeCompare(b.name, 'en', { numeric: true });
}

function late({ name }: TorchModule): number {
  return Number(isDecoder(name));
}

/** A convolution over pictures comes before what steps along time; what the network has of its own comes last. */
function rank({ kind, name, arrays }: TorchModule): number {
  if (kind !== 'unknown') return USUAL.indexOf(kind);
  if (name === '') return USUAL.length;
  return (arrays.get('weight')?.shape.length ?? 0) > 3 ? -1 : USUAL.indexOf(kind);
}

/** Whether every module takes what the one before it gives. An Embedding comes first. */
function fits(modules: readonly TorchModule[]): boolean {
  return modules.every(({ takes, kind }, at) => {
    if (kind === 'unknown') return false;
    return at === 0 ? true : takes !== null && takes === modules[at - 1].gives;
  });
}

/** Whether every module takes what some module before it gives, alone or side by side: branches that meet, heads beside each other. */
function branches(modules: readonly TorchModule[]): boolean {
  let ends: number[] = [];
  const used = new Set<number>();
  return modules.every(({ takes, gives, kind }, at) => {
    if (kind === 'unknown') return false;
    if (takes !== null && at > 0) {
      const found = ends.lastIndexOf(takes);
      if (found >= 0) {
        ends.splice(found, 1);
        if (kind === 'linear') used.add(takes);
      } else if (ends.length > 1 && ends.reduce((sum, width) => sum + width, 0) === takes) ends = [];
      else if (kind !== 'linear' || !used.has(takes)) return false;
    }
    ends.push(gives);
    return true;
  });
}

/** Whether the children of each nn.Sequential, whose names end in numbers, run in the order of these. */
function keepsNumbers(modules: readonly TorchModule[]): boolean {
  const last = new Map<string, number>();
  return modules.every(({ name }) => {
    const [, parent, number] = /^(.*\.|)(\d{1,9})$/.exec(name) ?? [];
    if (parent === undefined) return true;
    const isNext = Number(number) > (last.get(parent) ?? -1);
    last.set(parent, Number(number));
    return isNext;
  });
}

function anyFitting(modules: readonly TorchModule[]): readonly TorchModule[] | undefined {
  const search = (done: readonly TorchModule[], left: readonly TorchModule[]): readonly TorchModule[] | undefined => {
    if (left.length === 0) return done;
    // Nothing begins with a norm that can begin with something else.
    const norms = (kind: string) => Number(done.length === 0 && kind.endsWith('_norm'));
    for (const module of [...left].sort((a, b) => norms(a.kind) - norms(b.kind))) {
      const next = [...done, module];
      if (!fits(next.slice(-2)) || !keepsNumbers(next) || (next.length > 1 && module.takes === null)) continue;
      const found = search(
        next,
        left.filter((other) => other !== module),
      );
      if (found) return found;
    }
    return undefined;
  };
  return search([], modules);
}
