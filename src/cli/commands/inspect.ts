import { print } from '../output.ts';
import { modelFile } from '../subject.ts';

/** `lstm-lab inspect FILE`: every array that a file holds. */
export async function inspect(name: string, { json }: { json?: boolean }): Promise<void> {
  const { inspectFile, inspectionLines } = await import('../../formats/inspect.ts');
  const found = await inspectFile(modelFile(name));
  if (json) return print([`${JSON.stringify(found, null, 2)}\n`]);
  await print(inspectionLines(found).map((line) => `${line}\n`));
}
