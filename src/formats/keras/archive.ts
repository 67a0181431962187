import { LabError } from '../../math/lab-error.ts';
import { withHdf5 } from '../hdf5/open.ts';
import type { OpenedFile } from '../opened.ts';
import type { Source } from '../source.ts';
import { openZip, type ZipMember } from '../zip.ts';
import { own } from './config/object.ts';
import { configuration } from './configuration.ts';
import { opened } from './h5.ts';
import { innerJson } from './inner-json.ts';
import type { KerasOptions } from './options.ts';
import { kerasVersion } from './version.ts';
import { weightsByOrder } from './weights/by-order.ts';
import { weightsByPath } from './weights/by-path.ts';
import { isLegacy, savedLayers } from './weights/legacy.ts';
import { savedVariables } from './weights/variables.ts';

/** A configuration may hold an embedding matrix as text. */
const MAX_CONFIG = 2 ** 28;
const MAX_METADATA = 2 ** 20;
const MAX_VOCABULARY = 2 ** 26;

/** A `.keras` archive: config.json, metadata.json and model.weights.h5. */
export async function openArchive(source: Source, file: string, options: KerasOptions): Promise<OpenedFile> {
  const members = openZip(source);
  const metadata = json(members.get('metadata.json'), MAX_METADATA);
  const config = json(members.get('config.json'), MAX_CONFIG) ?? options.config;
  if (config === undefined)
    throw new LabError({
      problem: 'the archive has no config.json, so it is no Keras model.',
      received: [...members.keys()].slice(0, 8).join(', ') || 'no members',
    });
  const { model, written, outputs } = inMember('config.json', () => configuration(config, options.config));
  const version = kerasVersion(own(metadata, 'keras_version') ?? written, 3);
  const notes = new Set<string>();
  const finish = (weights: Parameters<typeof opened>[3]['weights']) =>
    opened(model, version, `Keras ${version.major} .keras`, {
      ...options,
      file,
      outputs,
      weights,
      notes,
      assets: vocabularyText(members),
    });
  const stored = members.get('model.weights.h5');
  if (stored === undefined) throw noWeights(members);
  return withHdf5(stored.source(), (h5) =>
    finish(
      isLegacy(h5, '/')
        ? weightsByOrder(model, savedLayers(h5, '/'), notes)
        : weightsByPath(model, savedVariables(h5), notes),
    ),
  );
}

/** The words of a layer that reads text; several such layers of a model have the same ones, or only the first is read. */
function vocabularyText(members: ReadonlyMap<string, ZipMember>): string | null {
  const member = [...members].find(([name]) => /^assets\/.*vocabulary\.txt$/.test(name))?.[1];
  return member ? new TextDecoder().decode(member.read(MAX_VOCABULARY)) : null;
}

function noWeights(members: ReadonlyMap<string, ZipMember>): LabError {
  const npz = members.has('model.weights.npz');
  return new LabError({
    problem: npz
      ? 'the arrays are in model.weights.npz, which holds Python pickles.'
      : 'the archive has no model.weights.h5, so the model has no arrays.',
    received: [...members.keys()].slice(0, 8).join(', '),
    hint: npz
      ? 'load it in Keras and save it again as .keras or .h5.'
      : 'open config.json alone to see the model with arrays that are drawn.',
  });
}

function json(member: ZipMember | undefined, limit: number): unknown {
  if (member === undefined) return undefined;
  return innerJson(new TextDecoder().decode(member.read(limit)), member.name);
}

function inMember<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof LabError ? error.within({ path }) : error;
  }
}
