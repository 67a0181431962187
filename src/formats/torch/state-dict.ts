import { LabError, quote } from '../../math/lab-error.ts';
import type { StoredArray } from '../stored-type.ts';
import type { ModuleFacts, TorchArrays } from './arrays.ts';
import { MAX_DEPTH, spend } from './budget.ts';
import { isKind, type PickleMap, type PickleValue, plainText, type TensorRef, tensorOf } from './pickle-value.ts';
import { moduleArrays } from './whole-module.ts';

/** Where checkpoints keep their weights, the likeliest name first. */
const USUAL = [
  'state_dict',
  'model_state_dict',
  'model_state',
  'model',
  'net',
  'network',
  'module',
  'weights',
  'params',
  'parameters',
  'state',
  'model_dict',
  'net_state_dict',
  'best_state_dict',
  'best_model',
];

/** As many values as are looked at. */
const MAX_VALUES = 20_000_000;

interface Found {
  readonly tensors: Map<string, TensorRef>;
  readonly modules: Map<string, ModuleFacts | null>;
  readonly notes: string[];
}

/**
 * The weights of what torch.save saved: a state dict, a checkpoint that has one beside other things, several of them, or a whole module. An optimizer's
 * tensors are not weights. Throws a LabError where there are none.
 */
export function findArrays(
  root: PickleValue,
  read: (ref: TensorRef, path: string) => StoredArray | null,
  format: string,
): TorchArrays {
  const found: Found = { tensors: new Map(), modules: new Map(), notes: [] };
  const budget = { left: MAX_VALUES };
  const path = choose(root, found, budget);
  collect(path.value, '', found, budget, 0);
  const arrays = new Map<string, StoredArray>();
  const unread: string[] = [];
  for (const [name, ref] of found.tensors) {
    const array = read(ref, name);
    if (array) arrays.set(name, array);
    else unread.push(`${name} is ${ref.unreadable}`);
  }
  if (unread.length > 0) found.notes.push(leftOut(unread));
  if (arrays.size === 0) {
    const quantized = unread.length === 0 && [...(entriesOf(path.value)?.values() ?? [])].some(isPacked);
    throw new LabError({
      problem: `there are no weights in this file that the lab reads${unread.length > 0 ? `: ${unread[0]}` : quantized ? ': its modules are quantized' : ''}.`,
      received: describe(root),
      hint: 'save the state_dict() of the model in float32.',
    });
  }
  if (path.names.length > 0)
    found.notes.unshift(`the weights are those under ${quote(path.names.join('.'))} of the checkpoint`);
  return { arrays, metadata: new Map(), notes: found.notes, format, modules: found.modules };
}

/** One note about all the arrays that cannot be read: a file may have a great many. */
export function leftOut(unread: readonly string[]): string {
  const more = unread.length > 3 ? `, and ${unread.length - 3} more` : '';
  return `left out, as the lab does not read them: ${unread.slice(0, 3).join(', ')}${more}`;
}

/** A quantized module's weights, in a form of PyTorch's C++. */
function isPacked(value: PickleValue): boolean {
  return isKind(value, 'object') && value.className.endsWith('.ScriptObject');
}

/** Goes into a checkpoint as far as its state dict. */
function choose(root: PickleValue, found: Found, budget: { left: number }): { value: PickleValue; names: string[] } {
  const names: string[] = [];
  let value = root;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const entries = entriesOf(value);
    if (!entries || [...entries.values()].some((inner) => tensorOf(inner))) break;
    const candidates = [...entries].filter(
      ([name, inner]) => typeof name === 'string' && !isOptimizer(name, inner) && holdsTensors(inner, budget),
    ) as [string, PickleValue][];
    const usual = USUAL.map((name) => candidates.find(([key]) => key === name)).find(Boolean);
    const chosen = usual ?? (candidates.length === 1 ? candidates[0] : undefined);
    if (!chosen) break;
    const others = candidates.filter((candidate) => candidate !== chosen).map(([name]) => quote(name));
    if (others.length > 0)
      found.notes.push(`the checkpoint has tensors under ${others.slice(0, 8).join(', ')} too, which are not read`);
    names.push(chosen[0]);
    value = chosen[1];
  }
  return { value, names };
}

/** Tensors by dotted names, out of dictionaries within dictionaries and of modules. */
function collect(value: PickleValue, prefix: string, found: Found, budget: { left: number }, depth: number): void {
  spend(budget, depth, entriesOf(value)?.size ?? 0);
  if (isKind(value, 'object') && value.entries.size === 0) {
    const inner = moduleArrays(value, prefix, budget);
    if (!inner) return;
    for (const [name, ref] of inner.tensors) found.tensors.set(name, ref);
    for (const [name, facts] of inner.modules) found.modules.set(name, facts);
    return;
  }
  if (isKind(value, 'map')) for (const name of namedModules(value)) found.modules.set(`${prefix}${name}`, null);
  for (const [key, inner] of entriesOf(value) ?? []) {
    if (typeof key !== 'string' && typeof key !== 'number') continue;
    const name = `${prefix}${key}`;
    const ref = tensorOf(inner);
    if (ref) found.tensors.set(name, ref);
    else if ((entriesOf(inner) || isKind(inner, 'object')) && !isOptimizer(String(key), inner))
      collect(inner, `${name}.`, found, budget, depth + 1);
  }
}

/** `_metadata` of a state dict has the name of every module, also of those without weights. */
function namedModules({ attributes }: PickleMap): string[] {
  const metadata = isKind(attributes, 'map') ? attributes.entries.get('_metadata') : undefined;
  if (!isKind(metadata, 'map')) return [];
  return [...metadata.entries.keys()].filter((name): name is string => typeof name === 'string' && name !== '');
}

function entriesOf(value: PickleValue): Map<PickleValue, PickleValue> | undefined {
  if (isKind(value, 'map')) return value.entries;
  return isKind(value, 'object') && value.entries.size > 0 ? value.entries : undefined;
}

/** torch.optim's state dicts have `state` and `param_groups`; schedulers and scalers have no weights either. */
function isOptimizer(name: string, value: PickleValue): boolean {
  if (/optim|sched|scaler|callback|hyper_?param|loops/i.test(name)) return true;
  const entries = entriesOf(value);
  return entries?.has('param_groups') ?? false;
}

function holdsTensors(root: PickleValue, budget: { left: number }): boolean {
  const waiting: [PickleValue, number][] = [[root, 0]];
  const seen = new Set<PickleValue>();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [value, depth] = next;
    if (tensorOf(value)) return true;
    if (typeof value !== 'object' || value === null || seen.has(value) || depth > MAX_DEPTH) continue;
    seen.add(value);
    spend(budget, 0, entriesOf(value)?.size ?? 0);
    const inner = [...(entriesOf(value)?.values() ?? []), ...(isKind(value, 'object') ? [value.state] : [])];
    for (const part of inner) waiting.push([part, depth + 1]);
  }
  return false;
}

function describe(value: PickleValue): string {
  if (isKind(value, 'object')) return `an object of class ${value.className}`;
  const entries = entriesOf(value);
  if (entries) return `a dictionary of ${[...entries.keys()].slice(0, 8).map(plainText).join(', ') || 'nothing'}`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'string' ? quote(value) : plainText(value);
}
