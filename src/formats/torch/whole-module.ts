import type { ModuleFacts } from './arrays.ts';
import { spend } from './budget.ts';
import { isKind, type PickleObject, type PickleValue, plainText, type TensorRef, tensorOf } from './pickle-value.ts';

interface ModuleArrays {
  readonly tensors: Map<string, TensorRef>;
  readonly modules: Map<string, ModuleFacts>;
}

/**
 * The weights of a module that was saved whole, torch.save(model): its attributes are in the file, its code is not. Undefined where the object is no module.
 * Source: torch/nn/modules/module.py (_parameters, _buffers, _modules).
 */
export function moduleArrays(root: PickleObject, prefix: string, budget: { left: number }): ModuleArrays | undefined {
  if (!fieldsOf(root)?.has('_modules')) return undefined;
  const found: ModuleArrays = { tensors: new Map(), modules: new Map() };
  const visit = (value: PickleValue, path: string, depth: number) => {
    const fields = fieldsOf(value);
    spend(budget, depth, fields?.size ?? 0);
    if (!fields || !isKind(value, 'object')) return;
    found.modules.set(path === '' ? '' : path.slice(0, -1), factsOf(value, fields));
    const listed = fields.get('_non_persistent_buffers_set');
    const unsaved = new Set(Array.isArray(listed) ? listed.slice(0, 1_000) : []);
    for (const kind of ['_parameters', '_buffers']) {
      const held = mapOf(fields.get(kind));
      spend(budget, depth, held.size);
      for (const [name, inner] of held) {
        const ref = tensorOf(inner);
        if (ref && !unsaved.has(name)) found.tensors.set(`${path}${plainText(name)}`, ref);
      }
    }
    for (const [name, inner] of mapOf(fields.get('_modules'))) visit(inner, `${path}${plainText(name)}.`, depth + 1);
  };
  visit(root, prefix, 0);
  return found;
}

function fieldsOf(value: PickleValue): ReadonlyMap<PickleValue, PickleValue> | undefined {
  if (!isKind(value, 'object')) return undefined;
  // (attributes, slots), where a class has slots.
  const state = Array.isArray(value.state) ? value.state[0] : value.state;
  return isKind(state, 'map') ? state.entries : undefined;
}

function factsOf({ className }: PickleObject, fields: ReadonlyMap<PickleValue, PickleValue>): ModuleFacts {
  const attributes = new Map<string, string | number | boolean | readonly number[] | null>();
  for (const [name, value] of fields) {
    if (typeof name !== 'string' || name.startsWith('_')) continue;
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value))
      attributes.set(name, value as string | number | boolean | null);
    else if (Array.isArray(value) && value.length <= 8 && value.every((item) => typeof item === 'number'))
      attributes.set(name, value as number[]);
  }
  return { className, attributes };
}

function mapOf(value: PickleValue | undefined): ReadonlyMap<PickleValue, PickleValue> {
  return isKind(value, 'map') ? value.entries : new Map();
}
