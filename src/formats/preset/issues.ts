import type * as z from 'zod';
import { LabError, quote } from '../../math/lab-error.ts';
import { suggestion } from '../../model/nearest.ts';

/** The first thing that zod has against a value, as a LabError with the place, what was there and a hint. */
export function schemaError(error: z.ZodError, value: unknown, path: string, names: readonly string[]): LabError {
  const issue = deepest(error.issues[0]);
  const steps = issue.path.map((step) => (typeof step === 'number' ? `[${step}]` : String(step)));
  const place = [path, ...steps].filter(Boolean).join('.').replaceAll('.[', '[');
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0];
    return new LabError({
      path: place,
      problem:
        issue.path.length === 0 && path !== '' ? 'Keras has no such argument here.' : 'there is no such field here.',
      received: quote(key),
      hint: suggestion(key, names),
    });
  }
  const received = issue.path.reduce<unknown>(
    (inner, step) => (inner as Record<PropertyKey, unknown> | undefined)?.[step],
    value,
  );
  return new LabError({
    path: place,
    problem: sentence(issue.message),
    received: received === undefined ? 'nothing' : quote(received),
  });
}

/** Of a union, the branch that got furthest says most. */
function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  const branches = issue.errors
    .map((issues) => issues[0])
    .filter((found) => found !== undefined && found.path.length > 0);
  return branches[0] ? { ...branches[0], path: [...issue.path, ...branches[0].path] } : issue;
}

function sentence(message: string): string {
  if (message === 'Invalid input') return 'this is none of the forms that are possible here.';
  const text = message.replace(/^(?:Invalid input|Too big|Too small): /, '').replace(/, received .*$/, '');
  return /^expected/.test(text) ? `${text.replace(/^expected/, 'wanted')}.` : `${text}.`;
}
