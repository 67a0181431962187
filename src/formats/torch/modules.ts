import { LabError } from '../../math/lab-error.ts';
import type { Tensor } from '../../math/tensor.ts';
import type { ModuleFacts, TorchArrays } from './arrays.ts';
import { foldedWeights } from './folded-weights.ts';
import { type Described, describedModule, unknown } from './module-kind.ts';
import { plainNames } from './module-names.ts';
import { notOfNetwork } from './said.ts';
import { firstWord, transformers } from './transformer.ts';
import { type Following, weightlessModules } from './weightless.ts';

/** The arrays of one module of PyTorch, and what they make it. */
export interface TorchModule extends Described {
  /** Its path in the state dict; empty for a module that was saved by itself. */
  readonly name: string;
  readonly arrays: ReadonlyMap<string, Tensor>;
  readonly facts: ModuleFacts | null;
  /** What runs right after it and has no arrays: its neighbours in an nn.Sequential. */
  readonly following: readonly Following[];
  /** The nn.Sequential that it stands in, where the file says so. */
  readonly sequential: string | null;
}

/** As many modules as a model may have: putting them in order takes the square of their number. */
const MAX_MODULES = 2_000;

interface FoundModules {
  readonly modules: readonly TorchModule[];
  /** Modules without arrays whose place is not known. */
  readonly unplaced: readonly string[];
  readonly notes: readonly string[];
}

/** The modules of a state dict, in the order in which their first array stands in it. What wrappers put into names (`module.`, `_orig_mod.`) is dropped. */
export function torchModules({ arrays: stored, modules }: TorchArrays): FoundModules {
  const { arrays, notes } = foldedWeights(stored);
  const plain = plainNames([...arrays.keys()]);
  const { grouped, measuring } = groupedArrays(arrays, plain);
  if (grouped.size > MAX_MODULES)
    throw new LabError({ problem: `a model has at most ${MAX_MODULES} modules.`, received: `${grouped.size}` });
  const whole = transformers(grouped);
  for (const name of whole) mergeInto(grouped, name);
  const named = new Map([...modules].map(([name, facts]) => [plain(name), facts]));
  const { after, unplaced } = weightlessModules(named, [...grouped.keys()]);
  const widths = new Set([...grouped.values()].flatMap(recurrentWidth));
  const strange: string[] = [];
  return {
    notes: measuring.length === 0 ? notes : [...notes, notOfNetwork(measuring)],
    unplaced: unplaced.filter((name) => !name.includes('parametrizations.') && !whole.has(firstWord(name))),
    modules: [...grouped].map(([name, parameters]) => {
      const facts = named.get(name) ?? null;
      const outer = strange.find((other) => name.startsWith(`${other}.`));
      const made = whole.has(name)
        ? unknown('it is a Transformer, and how its parts are wired is not in the file')
        : outer === undefined
          ? describedModule(name, parameters, facts, widths)
          : unknown(`it is part of ${outer}`);
      // What is part of a module that the lab does not know is not known either: the out_proj of an attention.
      if (made.kind === 'unknown' && name !== '' && outer === undefined) strange.push(name);
      const parent = name.slice(0, Math.max(0, name.lastIndexOf('.')));
      const isInSequence = /\.Sequential$/.test(named.get(parent)?.className ?? '');
      const sequential = isInSequence ? parent : null;
      return { name, arrays: parameters, facts, following: after.get(name) ?? [], sequential, ...made };
    }),
  };
}

/** Arrays by module and parameter, but for those of losses and metrics. */
function groupedArrays(arrays: TorchArrays['arrays'], plain: (key: string) => string) {
  const grouped = new Map<string, Map<string, Tensor>>();
  for (const [key, { tensor }] of arrays) {
    if (key.length > MAX_NAME)
      throw new LabError({
        path: key.slice(0, 80),
        problem: 'the name of an array is absurdly long.',
        received: `${key.length} letters`,
      });
    const name = plain(key);
    const dot = name.lastIndexOf('.');
    const parameter = name.slice(dot + 1);
    if (parameter === 'num_batches_tracked') continue;
    const module = dot < 0 ? '' : name.slice(0, dot);
    if (!grouped.has(module)) grouped.set(module, new Map());
    grouped.get(module)?.set(parameter, tensor);
  }
  const measuring = [...grouped.keys()].filter(
    (name) => MEASURES.test(name) && [...(grouped.get(name)?.values() ?? [])].every(({ shape }) => shape.length < 2),
  );
  for (const name of measuring) grouped.delete(name);
  return { grouped, measuring };
}

/** As long as a name is that its meaning is looked for in. */
const MAX_NAME = 500;

/** Losses with weights of classes, and metrics with their counts, as training loops keep them beside the network. */
const MEASURES =
  /^(criterion|\w*loss(_fn|_func|_function)?|metrics?|(train|val|valid|test)_?(acc|accuracy|loss|f1|auc|auroc|precision|recall|metrics?|mae|mse|rmse|r2)\w*|\w*(accuracy|_metrics?))(\.|$)/i;

/** All modules of one name as one, where the first of them stands. */
function mergeInto(grouped: Map<string, Map<string, Tensor>>, word: string): void {
  const merged = new Map<string, Tensor>();
  const before = [...grouped];
  grouped.clear();
  for (const [name, parameters] of before) {
    const isPart = firstWord(name) === word;
    if (isPart)
      for (const [parameter, tensor] of parameters) merged.set(`${name.slice(word.length + 1)}.${parameter}`, tensor);
    grouped.set(isPart ? word : name, isPart ? merged : parameters);
  }
}

/** What a recurrent module takes. */
function recurrentWidth(arrays: ReadonlyMap<string, Tensor>): number[] {
  return [arrays.get('weight_ih_l0') ?? arrays.get('weight_ih')].flatMap((weight) => weight?.shape[1] ?? []);
}
