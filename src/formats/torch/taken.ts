import { add, addInput, type Building, type End } from './building.ts';
import { isDecoder, isEncoder } from './module-names.ts';
import type { TorchModule } from './modules.ts';

/**
 * The tensor that a module takes: the latest that fits (of its own branch, where there are several), several that fit together, one that another Linear
 * has taken already (a second head), or an input of the model. Undefined where none fits.
 */
export function taken(building: Building, { name: own, takes, kind }: TorchModule): End | undefined {
  const width = takes as number;
  const last = building.ends.at(-1);
  const steps = kind === 'recurrent' || kind === 'conv1d';
  if (last?.isUnknown && !steps) {
    building.ends.pop();
    return last;
  }
  const found = latest(
    building.ends.filter((end) => (end.isSequence || !steps) && !(kind === 'linear' && isHead(building, end))),
    width,
    own,
    // After a part of its own branch that is not known, it takes nothing of another branch.
    steps && last?.isUnknown === true && branchOf(last.name) === branchOf(own),
  );
  if (found) {
    building.ends = building.ends.filter((end) => end !== found);
    if (kind === 'linear') building.used.push(found);
    return found;
  }
  const shared = kind === 'linear' ? latest(building.used, width, own) : undefined;
  // The last word of a sentence beside something else is less likely than a second head.
  const isOdd = building.ends.some((end) => end.isSequence && !end.isRecurrent);
  if (!(shared && isOdd) && fitsTogether(building.ends, width, steps)) return joined(building, width, kind);
  if (shared) {
    building.notes.add(
      `${own} takes ${width} features, as ${shared.name} gives: it is taken for another head, beside what reads ${shared.name} already`,
    );
    return shared;
  }
  if (building.ends.length > 0 && !steps) return undefined;
  const isSequence = building.hasTime;
  return { name: addInput(building, isSequence ? [null, width] : [width]), width, isSequence, isRecurrent: false };
}

function latest(ends: readonly End[], width: number, own: string, onlyOwn = false): End | undefined {
  const fitting = ends.filter((end) => end.width === width && !end.isUnknown);
  // Of several branches that of the same name: pep_lstm takes what pep_embedding gives.
  const ofBranch = fitting.findLast((end) => branchOf(end.name) === branchOf(own));
  return ofBranch ?? (onlyOwn ? undefined : fitting.at(-1));
}

function branchOf(name: string): string {
  return name.split(/[._]/)[0];
}

/** What a network ends in, by its name: the mean of a distribution is not what its variance is computed of. */
const HEAD =
  /(^|[._])(mu|mean|means|sigma|std|var|variance|pi|log_?(var|std|sigma|pi|vars|stds)|policy|actor|critic|value)(_?(head|layer|out|fc|linear))?$/i;

function isHead({ used }: Building, { name, linear, width }: End): boolean {
  return linear?.name === name && HEAD.test(name) && used.some((end) => end.width === width);
}

/** What steps along time takes sequences only. */
function fitsTogether(ends: readonly End[], width: number, steps: boolean): boolean {
  if (ends.length < 2 || ends.some(({ isUnknown, isSequence }) => isUnknown || (steps && !isSequence))) return false;
  // What a decoder has of its encoder goes through its states.
  if (ends.some(({ name }) => isEncoder(name)) && ends.some(({ name }) => isDecoder(name))) return false;
  return ends.reduce((sum, end) => sum + end.width, 0) === width;
}

/** Branches side by side: whole sequences for what steps along time, else their last timesteps. */
function joined(building: Building, width: number, kind: TorchModule['kind']): End {
  const steps = kind === 'recurrent' || kind === 'conv1d';
  const parts = steps ? building.ends : building.ends.map((end) => lastTimestep(building, end));
  const name = `joined_${building.plans.length}`;
  add(
    building,
    { kind: 'merge', name, trainable: true, operation: 'concatenate', axes: [-1] },
    parts.map((part) => part.name),
  );
  building.notes.add(
    steps
      ? `${parts.map((part) => part.name).join(' and ')} are taken to go side by side into what reads both`
      : `what goes into it is taken for the last timesteps of ${parts.length} branches, side by side: ${name}`,
  );
  const end = { name, width, isSequence: steps, isRecurrent: false };
  building.ends = [];
  if (kind === 'linear') building.used.push(end);
  return end;
}

/** y[:, -1]: of a layer that runs forwards alone, and that nothing else reads, its last output; else a slice. */
export function lastTimestep(building: Building, end: End): End {
  if (!end.isSequence) return end;
  const at = building.plans.findIndex(({ spec }) => spec.name === end.name);
  const { spec } = building.plans[at];
  const isRead = building.plans.some(({ calls }) => calls.some(({ inputs }) => inputs.includes(end.name)));
  if ((spec.kind === 'lstm' || spec.kind === 'gru' || spec.kind === 'simple_rnn') && !spec.goBackwards && !isRead) {
    building.plans[at] = { ...building.plans[at], spec: { ...spec, returnSequences: false } };
    return replaced(building, end, { ...end, isSequence: false });
  }
  const name = `${end.name}_last`;
  const { isBoth: _, ...rest } = end;
  const made = { ...rest, name, isSequence: false };
  if (!building.plans.some((plan) => plan.spec.name === name && plan.spec.kind === 'slice'))
    add(building, { kind: 'slice', name, trainable: true, axis: 1, index: -1 }, [end.name]);
  return made;
}

/** A second head reads what the first one reads. */
function replaced(building: Building, old: End, now: End): End {
  const at = building.used.indexOf(old);
  if (at >= 0) building.used[at] = now;
  return now;
}
