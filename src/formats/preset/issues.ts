import * as v from 'valibot';
import { LabError, quote } from '../../math/lab-error.ts';
import { suggestion } from '../../model/nearest.ts';
import type { AnySchema } from './schema.ts';

/** The value as the schema has it. Throws a LabError with the place, what was there and a hint; `names` are those that may have been meant. */
export function checked<S extends AnySchema>(
  schema: S,
  value: unknown,
  path: string,
  names: readonly string[],
): v.InferOutput<S> {
  // valibot takes a list for an object.
  if (Array.isArray(value)) throw new LabError({ path, problem: 'an object is wanted here.', received: quote(value) });
  // A misspelt name says more than that the right one is missing; and valibot lets pass what every object has, as `constructor`.
  const stranger = (typeof value === 'object' ? Object.keys(value ?? {}) : []).find(
    (key) => !Object.hasOwn(schema.entries, key),
  );
  if (stranger !== undefined) throw unknownName(stranger, path, path !== '', names);
  const { success, output, issues } = v.safeParse(schema, value, { abortEarly: true });
  if (success) return output;
  const issue = deepest(issues[0]);
  const keys = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? `[${key}]` : String(key)));
  const place = [path, ...keys].filter(Boolean).join('.').replaceAll('.[', '[');
  if (issue.type === 'strict_object' && issue.expected === 'never')
    throw unknownName(String(issue.input), place.replace(/\.[^.]*$/, ''), false, names);
  throw new LabError({
    path: place,
    problem: sentence(issue),
    received: issue.input === undefined ? 'nothing' : quote(issue.input),
  });
}

function unknownName(key: string, path: string, argument: boolean, names: readonly string[]): LabError {
  return new LabError({
    path,
    problem: argument ? 'Keras has no such argument here.' : 'there is no such field here.',
    received: quote(key),
    hint: suggestion(key, names),
  });
}

type Issue = v.BaseIssue<unknown>;

/** Of a union, the branch that got furthest says most. */
function deepest(issue: Issue): Issue {
  const further = issue.issues?.find(({ path }) => path !== undefined);
  return further?.path ? { ...further, path: [...(issue.path ?? []), ...further.path] as typeof further.path } : issue;
}

/** What is wanted, by valibot's names of types. */
const words: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  Array: 'a list',
  Object: 'an object',
  unknown: 'an object',
  never: 'nothing more',
};

function sentence({ type, kind, expected, requirement, input, message }: Issue): string {
  const many = Array.isArray(input) ? 'a list' : 'a text';
  const each = Array.isArray(input) ? '' : ' characters';
  switch (type) {
    case 'integer':
      return 'a whole number is wanted here.';
    case 'finite':
      return 'a finite number is wanted here.';
    case 'min_value':
      return `at least ${requirement} is wanted here.`;
    case 'max_value':
      return `at most ${requirement} is wanted here.`;
    case 'min_length':
      return `${many} of at least ${requirement}${each} is wanted here.`;
    case 'max_length':
      return `${many} of at most ${requirement}${each} is wanted here.`;
  }
  if (kind !== 'schema' || expected === null) return `${message}.`;
  if (/object$/.test(type) && input === undefined) return 'this must be given.';
  const forms = expected.replace(/^\(|\)$/g, '').split(' | ');
  return `${[...new Set(forms.map((form) => words[form] ?? form))].join(' or ')} is wanted here.`;
}
