import type { Regexp } from '@flux/regexp';
import type { CheckFormat } from './check-format.ts';
import type { DraftVersion } from './drafts.ts';

/** What a schema needs of a regular expression. */
export type Pattern = Pick<Regexp, 'source' | 'test'>;

/** A schema whose references are resolved and whose keywords are checked; absent keywords are undefined. */
export interface CompiledSchema {
  readonly location: string;
  draft: DraftVersion;
  /** The schema that names this one and what is below it. */
  resource: CompiledSchema;
  /** By name, of a resource. */
  dynamicAnchors?: Map<string, CompiledSchema>;
  /** A schema that is just true or false. */
  always?: boolean;

  ref?: CompiledSchema;
  recursiveRef?: CompiledSchema;
  recursiveAnchor?: boolean;
  dynamicRef?: { schema: CompiledSchema; anchor: string };
  dynamicAnchor?: string;
  types?: readonly string[];
  constant?: { value: unknown };
  enum?: readonly unknown[];
  format?: { name: string; check: CheckFormat };
  not?: CompiledSchema;
  allOf?: readonly CompiledSchema[];
  anyOf?: readonly CompiledSchema[];
  oneOf?: readonly CompiledSchema[];
  if?: CompiledSchema;
  then?: CompiledSchema;
  else?: CompiledSchema;

  minProperties?: number;
  maxProperties?: number;
  required?: readonly string[];
  properties?: Map<string, CompiledSchema>;
  patternProperties?: readonly { regexp: Pattern; schema: CompiledSchema }[];
  additionalProperties?: boolean | CompiledSchema;
  propertyNames?: CompiledSchema;
  dependencies?: Map<string, readonly string[] | CompiledSchema>;
  dependentRequired?: Map<string, readonly string[]>;
  dependentSchemas?: Map<string, CompiledSchema>;
  unevaluatedProperties?: CompiledSchema;

  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  /** Schemas of the first items, one each. */
  prefixItems?: readonly CompiledSchema[];
  /** The schema of the items that follow. */
  items?: boolean | CompiledSchema;
  contains?: CompiledSchema;
  minContains?: number;
  maxContains?: number;
  unevaluatedItems?: CompiledSchema;

  minLength?: number;
  maxLength?: number;
  pattern?: Pattern;

  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
}
