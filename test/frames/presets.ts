import { readdirSync } from 'node:fs';
import { record } from '../../src/engines/record.ts';
import { openPreset } from '../../src/formats/preset/open.ts';
import { opened } from '../../src/session/reduce.ts';
import type { OpenSession, PresetEntry, Subject } from '../../src/session/session.ts';
import { classOf } from '../../src/ui/panels/tabs.ts';

/* The shipped presets, opened and run as the command line does. */

export const PRESETS: readonly string[] = readdirSync('presets')
  .filter((file) => /^[^.]+\.json$/.test(file))
  .map((file) => file.replace('.json', ''));

const subjects = new Map<string, Promise<Subject>>();

export function subjectOf(name: string): Promise<Subject> {
  let subject = subjects.get(name);
  if (!subject) {
    subject = openSubject(name);
    subjects.set(name, subject);
  }
  return subject;
}

async function openSubject(name: string): Promise<Subject> {
  const { document, model, batches, vocabulary, notes } = await openPreset(`presets/${name}.json`);
  return {
    recording: await record(model, batches, 'reference'),
    about: {
      name,
      title: document.title ?? name,
      shows: document.shows ?? '',
      lookFor: document.look_for ?? [],
      try: document.try ?? [],
    },
    words: vocabulary
      ? Object.fromEntries(Object.entries(vocabulary.words).map(([word, index]) => [index, word]))
      : null,
    notes,
  };
}

export async function sessionOfPreset(name: string): Promise<OpenSession> {
  return { ...opened(await subjectOf(name), await presetEntries()), message: null };
}

export async function presetEntries(): Promise<PresetEntry[]> {
  return Promise.all(
    PRESETS.map(async (name) => {
      const { about, recording } = await subjectOf(name);
      return { name, about: about!, layers: recording.model.layers.map(classOf) };
    }),
  );
}
