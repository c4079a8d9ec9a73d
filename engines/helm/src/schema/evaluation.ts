import type { CompiledSchema } from './compiled-schema.ts';
import type { JsonObject } from './schema-value.ts';
import type { Issue } from './validation-issue.ts';

/** One schema and one value, as the keywords for objects, arrays and scalars see them. */
export interface Evaluation {
  readonly schema: CompiledSchema;
  /** What no keyword has looked at yet, as far as anybody asks. */
  readonly unevaluated: { properties?: Set<string>; items?: Set<number> };
  /** Whether one issue was enough and is found. */
  readonly isDone: boolean;
  /** The names of an object's properties, sorted. */
  namesOf(object: JsonObject): readonly string[];
  add(message: string, causes?: readonly Issue[]): void;
  addIssue(issue: Issue | undefined): void;
  /** Validates the same value with another schema. */
  same(schema: CompiledSchema): Issue | undefined;
  /** Validates a property or item of the value. */
  below(schema: CompiledSchema, value: unknown, token: string): Issue | undefined;
  /** Validates something else that is no part of the value, such as the name of a property. */
  apart(schema: CompiledSchema, value: unknown): readonly Issue[];
}
