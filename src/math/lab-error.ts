export type ErrorKind = 'usage' | 'data' | 'missing' | 'io';

export interface ErrorFields {
  /** What is wrong, one sentence in Keras's words where Keras has one. */
  problem: string;
  /** The place inside the file or model: "layers[1] (lstm_1).units". */
  path?: string;
  /** What was there instead. */
  received?: string;
  /** What to do. */
  hint?: string;
  /** The file it came from, added by whoever knows it. */
  file?: string;
  kind?: ErrorKind;
}

/** A mistake of the user's or of a file's. Everything that is said about it is kept as a field; the message is composed here, once. */
export class LabError extends Error {
  readonly fields: ErrorFields;

  constructor(fields: ErrorFields) {
    super(compose(fields));
    this.name = 'LabError';
    this.fields = fields;
  }

  get kind(): ErrorKind {
    return this.fields.kind ?? 'data';
  }

  /** The same error, with more known about where it happened. */
  within(where: { file?: string; path?: string }): LabError {
    const path = [where.path, this.fields.path].filter(Boolean).join('.').replaceAll('.[', '[');
    return new LabError({ ...this.fields, file: this.fields.file ?? where.file, path: path || undefined });
  }
}

function compose({ file, path, problem, received, hint }: ErrorFields): string {
  const place = [file, path].filter(Boolean).join(': ');
  const got = received === undefined ? '' : ` Received: ${received}.`;
  return printable(`${place ? `${place}: ` : ''}${problem}${got}${hint ? ` Hint: ${hint}` : ''}`);
}

/** Names and words come from files: what would steer a terminal, or turn the writing around, is shown as a mark. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '�');
}

/** A value as it is quoted in messages: JSON, at most `limit` characters. */
export function quote(value: unknown, limit = 80): string {
  const text = typeof value === 'number' ? String(value) : json(value);
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // Nested too deep for JSON.stringify.
    return Array.isArray(value) ? 'a deeply nested list' : `a deeply nested ${typeof value}`;
  }
}
