import {
  type FieldError,
  invalidValue,
  requiredValue,
  tooLong,
  tooMany,
  typeInvalid,
  unsupportedValue,
} from '../field-error.ts';
import { marshalGo } from '../go-format.ts';
import type { JsonValue } from '../object.ts';

/** One failed check; the text tells repeated ones apart when results of several schemas are merged. */
export interface Finding {
  readonly text: string;
  toFieldError(prefix: string): FieldError;
}

/** What a schema says of a value; `matched` picks the closest alternative of anyOf and oneOf for the report. */
export class Result {
  readonly findings: Finding[] = [];
  matched = 0;

  get isValid(): boolean {
    return this.findings.length === 0;
  }

  add(...findings: readonly Finding[]): void {
    for (const finding of findings) {
      if (!this.findings.some(({ text }) => text === finding.text)) this.findings.push(finding);
    }
  }

  merge(other: Result | undefined): void {
    if (other === undefined) return;
    this.add(...other.findings);
    this.matched += other.matched;
  }
}

/** The field of an error: the prefix of the whole validation and the path below it. */
function fieldOf(prefix: string, path: string): string {
  const name = path.startsWith('.') ? path.slice(1) : path;
  if (name === '') return prefix === '' ? '<nil>' : prefix;
  return prefix === '' ? name : `${prefix}.${name}`;
}

function located(path: string, text: string, build: (field: string) => FieldError): Finding {
  return { text, toFieldError: (prefix) => build(fieldOf(prefix, path)) };
}

/** A finding on the object as a whole, as the server reports failed combinations of schemas. */
export function unlocated(text: string): Finding {
  return { text, toFieldError: (prefix) => invalidValue(fieldOf(prefix, ''), '', text) };
}

export function invalid(path: string, value: JsonValue, text: string): Finding {
  const full = `${path} in body ${text}`;
  return located(path, full, (field) => invalidValue(field, value ?? '', full));
}

export function wrongType(path: string, wanted: string, actual: string): Finding {
  const text = `${path} in body must be of type ${wanted}: "${actual}"`;
  return located(path, text, (field) => typeInvalid(field, actual, text));
}

/** A text that its format refuses; the value itself is shown. */
export function wrongFormat(path: string, format: string, value: string, quoted: string): Finding {
  const text = `${path} in body must be of type ${format}: ${quoted}`;
  return located(path, text, (field) => typeInvalid(field, value, text));
}

export function missing(path: string): Finding {
  return located(path, `${path} in body is required`, (field) => requiredValue(field));
}

export function notInEnum(path: string, value: JsonValue, supported: readonly JsonValue[]): Finding {
  const names = supported.map((one) => (typeof one === 'string' ? one : marshalGo(one)));
  return located(path, `${path} in body should be one of ${names.join(' ')}`, (field) =>
    unsupportedValue(field, value, names),
  );
}

export function longerThan(path: string, max: number): Finding {
  return located(path, `${path} in body should be at most ${max} chars long`, (field) => tooLong(field, max));
}

export function moreThan(path: string, actual: number, max: number, noun: 'items' | 'properties'): Finding {
  return located(path, `${path} in body should have at most ${max} ${noun}`, (field) => tooMany(field, actual, max));
}
