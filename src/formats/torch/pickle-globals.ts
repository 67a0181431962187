import { LabError } from '../../math/lab-error.ts';
import { makeArray, numpyFunctions } from './pickle-numpy.ts';
import { isForbidden, refuseCall } from './pickle-refusal.ts';
import { tensorFunctions } from './pickle-tensors.ts';
import {
  isKind,
  type PickleFunction,
  type PickleGlobal,
  type PickleValue,
  pickleMap,
  pickleObject,
} from './pickle-value.ts';

/** A class or function by its name. Throws where only an attack would name it. */
export function globalNamed(module: string, name: string): PickleGlobal {
  if (isForbidden(module, name)) throw refuseCall(`${module}.${name}`);
  return { kind: 'global', name: `${module}.${name}` };
}

const dictionary: PickleFunction = ([pairs]) => pickleMap(entriesOf(pairs));
// Nothing is copied: a file may name the same list a million times.
const list: PickleFunction = ([items]) => (Array.isArray(items) ? items : []);
const first: PickleFunction = ([value = null]) => value;
/** An object of a class that is not known: what it would have been made of. */
const record: PickleFunction = (args, name) => pickleObject(name, args);

const containers: Readonly<Record<string, PickleFunction>> = {
  'collections.OrderedDict': dictionary,
  'collections.defaultdict': () => pickleMap(),
  'collections.Counter': dictionary,
  'collections.deque': list,
  'torch.Size': list,
  'torch.device': record,
  'torch._utils._rebuild_device': record,
  'torch.serialization._get_layout': record,
  'datetime.datetime': record,
  'datetime.date': record,
  'datetime.time': record,
  'datetime.timedelta': record,
  'functools.partial': record,
  'copyreg._reconstructor': ([callable, , state]) => reconstructed(callable, state),
  'copy_reg._reconstructor': ([callable, , state]) => reconstructed(callable, state),
  'copyreg.__newobj__': ([callable = null, ...args]) => newObject(direct(callable), args),
  'copy_reg.__newobj__': ([callable = null, ...args]) => newObject(direct(callable), args),
  // Bytes as protocol 2 has them: text in latin-1.
  '_codecs.encode': ([text]) =>
    typeof text === 'string' ? Uint8Array.from(text, (letter) => letter.charCodeAt(0)) : null,
};
for (const module of ['builtins', '__builtin__']) {
  for (const name of ['set', 'frozenset', 'list', 'tuple'])
    (containers as Record<string, PickleFunction>)[`${module}.${name}`] = list;
  for (const name of ['int', 'long', 'float', 'str', 'unicode', 'bool', 'bytes', 'bytearray'])
    (containers as Record<string, PickleFunction>)[`${module}.${name}`] = first;
  for (const name of ['complex', 'slice', 'range', 'xrange', 'object'])
    (containers as Record<string, PickleFunction>)[`${module}.${name}`] = record;
  (containers as Record<string, PickleFunction>)[`${module}.dict`] = dictionary;
  (containers as Record<string, PickleFunction>)[`${module}.getattr`] = attribute;
}

const functions: ReadonlyMap<string, PickleFunction> = new Map(
  Object.entries({
    ...containers,
    ...numpyFunctions,
    ...tensorFunctions((callable, args) => construct(direct(callable), args)),
  }),
);

/** What a call of `callable` stands for. Functions that are not understood are refused by name; an object of an unknown class is a record. */
export function construct(callable: PickleValue, args: PickleValue): PickleValue {
  if (!isKind(callable, 'global'))
    throw refuseCall(isKind(callable, 'object') ? callable.className : 'a value of the file');
  const known = functions.get(callable.name);
  const given = Array.isArray(args) ? args : [];
  if (known) return known(given, callable.name);
  if (!looksLikeClass(callable.name)) throw refuseCall(callable.name);
  return pickleObject(callable.name, given);
}

/** What `cls.__new__(cls, *args)` stands for: an empty object, which is filled later. */
export function newObject(callable: PickleValue, args: PickleValue): PickleValue {
  if (!isKind(callable, 'global')) throw refuseCall('a value of the file');
  const known = functions.get(callable.name);
  const given = Array.isArray(args) ? args : [];
  return known ? known(given, callable.name) : pickleObject(callable.name, given);
}

/** BUILD: an object gets its state. */
export function setState(target: PickleValue, state: PickleValue): PickleValue {
  if (isKind(target, 'object')) {
    target.state = state;
    target.array = makeArray(target, state);
  } else if (isKind(target, 'map')) target.attributes = state;
  else if (isKind(target, 'global')) throw refuseCall(`${target.name}.__setstate__`);
  // Attributes of a tensor or a list change none of its numbers.
  return target;
}

/** What a call names as its own argument may not be such a call again: a file could nest them without end. */
function direct(callable: PickleValue): PickleValue {
  if (isKind(callable, 'global') && /\.(__newobj__|_reconstructor|_rebuild_from_type(_v2)?)$/.test(callable.name))
    throw refuseCall(callable.name);
  return callable;
}

/** Python's convention: classes begin with a capital, functions do not. */
function looksLikeClass(name: string): boolean {
  return /^_*\p{Lu}/u.test(name.slice(name.lastIndexOf('.') + 1));
}

function reconstructed(callable: PickleValue | undefined, state: PickleValue = null): PickleValue {
  const made = newObject(direct(callable ?? null), []);
  if (isKind(made, 'object')) {
    if (isKind(state, 'map')) return { ...made, entries: state.entries };
    if (Array.isArray(state)) return { ...made, items: state };
  }
  return isKind(made, 'map') ? pickleMap(entriesOf(state)) : made;
}

function attribute([target, name]: readonly PickleValue[]): PickleValue {
  if (!isKind(target, 'global') || typeof name !== 'string') throw refuseCall('builtins.getattr');
  const dot = target.name.lastIndexOf('.');
  return globalNamed(target.name.slice(0, dot), `${target.name.slice(dot + 1)}.${name}`);
}

const dictionaries = new WeakMap<PickleValue[], Map<PickleValue, PickleValue>>();

/** A dictionary's entries from a dictionary or from a list of pairs, which is gone through once however often the file names it. */
function entriesOf(source: PickleValue = null): Map<PickleValue, PickleValue> {
  if (isKind(source, 'map')) return source.entries;
  if (!Array.isArray(source)) return new Map();
  const known = dictionaries.get(source);
  if (known) return known;
  const entries = new Map<PickleValue, PickleValue>();
  for (const pair of source) {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new LabError({ problem: 'a dictionary is damaged: its items must be pairs.' });
    entries.set(pair[0], pair[1]);
  }
  dictionaries.set(source, entries);
  return entries;
}
