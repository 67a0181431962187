import type { TorchArrays } from './arrays.ts';
import type { Building } from './building.ts';

export function listed(names: readonly string[], most: number): string {
  return `${names.slice(0, most).join(', ')}${names.length > most ? ` and ${names.length - most} more` : ''}`;
}

/** Modules that have no arrays and whose place is not known. */
export function notRun(names: readonly string[]): string {
  return `modules without weights are not run, as the file does not say where forward() calls them: ${listed(names, 8)}`;
}

/** Losses and metrics have arrays of their own. */
export function notOfNetwork(names: readonly string[]): string {
  return `left out, as a loss’s or metric’s by its name: ${listed(names, 8)}`;
}

/** Half precision is widened exactly; what PyTorch computes in it is rounded at every step. */
export function widened({ arrays }: TorchArrays): string[] {
  const names: Readonly<Record<string, string>> = { F16: 'float16', BF16: 'bfloat16' };
  const types = new Set([...arrays.values()].flatMap(({ type }) => names[type] ?? []));
  return types.size === 0
    ? []
    : [
        `weights are stored as ${[...types].join(' and ')}: the lab computes with the same numbers in its own precision`,
      ];
}

export function notFinite({ arrays }: TorchArrays): string[] {
  const bad = [...arrays].filter(([, { tensor: t }]) => t.data.some((value) => !Number.isFinite(value)));
  return bad.length === 0
    ? []
    : [
        `not all weights are finite numbers: ${listed(
          bad.map(([name]) => name),
          5,
        )}`,
      ];
}

/** What the wiring that was found leaves open. */
export function wiringNotes({ chained, ends }: Building): string[] {
  const notes: string[] = [];
  if (chained.size > 0)
    notes.push(
      `no activation between Linears is known, and none is applied: ${listed([...chained], 6)} run one after the other`,
    );
  if (ends.length > 1)
    notes.push(
      `${listed(
        ends.map(({ name }) => name),
        6,
      )} are outputs each, as nothing is known to read them; states that one hands to another are not in the file`,
    );
  return notes;
}
