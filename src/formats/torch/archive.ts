import { LabError } from '../../math/lab-error.ts';
import { openZip } from '../zip.ts';
import type { TorchArrays } from './arrays.ts';
import { readPickle } from './pickle.ts';
import { findArrays } from './state-dict.ts';
import { arrayReader, persistentValue } from './storages.ts';

/** torch.save since 1.6: a zip archive with …/data.pkl and each storage as …/data/KEY. */
export function readArchive(bytes: Uint8Array): TorchArrays {
  const zip = openZip(bytes);
  const names = [...zip.keys()];
  refuseOtherArchives(names);
  const pickle = names.find((name) => /(^|\/)data\.pkl$/.test(name));
  if (pickle === undefined) {
    throw new LabError({
      problem: 'this zip archive is no PyTorch file: it has no data.pkl.',
      received: names.slice(0, 8).join(', ') || 'an empty archive',
    });
  }
  const root = pickle.slice(0, -'data.pkl'.length);
  const { value } = readPickle(zip.get(pickle)?.read() as Uint8Array, 0, 'data.pkl', persistentValue);
  const order = zip.get(`${root}byteorder`)?.read();
  const held = new Map<string, Uint8Array>();
  const read = arrayReader(
    bytes.length,
    ({ key }) => {
      const name = `${root}data/${key}`;
      const known = held.get(name) ?? zip.get(name)?.read();
      if (known === undefined)
        throw new LabError({ path: name, problem: 'the file is damaged: the numbers of a tensor are missing.' });
      held.set(name, known);
      return known;
    },
    order !== undefined && new TextDecoder().decode(order.subarray(0, 8)).trim() === 'big',
  );
  return findArrays(value, read, 'PyTorch .pt');
}

/** What torch writes as a zip too, with a program inside. */
function refuseOtherArchives(names: readonly string[]): void {
  const has = (pattern: RegExp) => names.some((name) => pattern.test(name));
  const what = has(/(^|\/)(constants\.pkl$|code\/)/)
    ? 'a TorchScript archive (torch.jit.save)'
    : has(/(^|\/)(serialized_exported_program\.json|models\/[^/]+\.json)$/)
      ? 'a program of torch.export'
      : has(/(^|\/)\.data\/extern_modules$/)
        ? 'a torch.package archive'
        : undefined;
  if (what === undefined) return;
  throw new LabError({
    problem: `this is ${what}: it holds a program, and the lab runs none.`,
    hint: 'save the weights: torch.save(model.state_dict(), "model.pt").',
  });
}
