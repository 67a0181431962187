import { otherLayout } from './other-layout.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function nameOf(bytes: Uint8Array): string {
  try {
    const name = strictUtf8.decode(bytes);
    if (name !== '') return name;
  } catch {
    // Said below.
  }
  return otherLayout('a name that is no UTF-8');
}

/** A name that no path takes for something else. */
export function linkName(bytes: Uint8Array): string {
  const name = nameOf(bytes);
  return name === '.' || name.includes('/') ? otherLayout('an unusual name') : name;
}
