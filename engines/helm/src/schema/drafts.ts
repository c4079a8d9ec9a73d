import { getMember } from '@flux/apimachinery';
import { appendPointer, splitFragment } from './schema-url.ts';
import { isObject, type JsonObject } from './schema-value.ts';

export type DraftVersion = 4 | 6 | 7 | 2019 | 2020;

/** One published version of JSON Schema. */
export interface Draft {
  readonly version: DraftVersion;
  readonly url: string;
  /** The keyword that names a schema. */
  readonly idKeyword: 'id' | '$id';
  /** Where schemas lie in a schema: `*` is any property, `[]` any item. */
  readonly subschemas: readonly string[];
  readonly vocabularyPrefix: string;
  readonly vocabularies: readonly string[];
  readonly defaultVocabularies: readonly string[];
}

/** A draft as a schema uses it; without vocabularies the draft's own hold. */
export interface Dialect {
  readonly draft: Draft;
  readonly vocabularies: readonly string[] | undefined;
}

const inDraft4 = [
  'definitions/*',
  'not',
  'allOf/[]',
  'anyOf/[]',
  'oneOf/[]',
  'properties/*',
  'additionalProperties',
  'patternProperties/*',
  'items',
  'items/[]',
  'additionalItems',
  'dependencies/*',
];
const inDraft6 = [...inDraft4, 'propertyNames', 'contains'];
const inDraft7 = [...inDraft6, 'if', 'then', 'else'];
const in2019 = [
  ...inDraft7,
  '$defs/*',
  'dependentSchemas/*',
  'unevaluatedProperties',
  'unevaluatedItems',
  'contentSchema',
];

function oldDraft(version: 4 | 6 | 7, subschemas: readonly string[]): Draft {
  const url = `http://json-schema.org/draft-0${version}/schema`;
  const idKeyword = version === 4 ? 'id' : '$id';
  return { version, url, idKeyword, subschemas, vocabularyPrefix: '', vocabularies: [], defaultVocabularies: [] };
}

const commonVocabularies = ['core', 'applicator', 'validation', 'meta-data', 'content'];

export const latestDraft: Draft = {
  version: 2020,
  url: 'https://json-schema.org/draft/2020-12/schema',
  idKeyword: '$id',
  subschemas: [...in2019, 'prefixItems/[]'],
  vocabularyPrefix: 'https://json-schema.org/draft/2020-12/vocab/',
  vocabularies: [...commonVocabularies, 'unevaluated', 'format-annotation', 'format-assertion'],
  defaultVocabularies: ['core', 'applicator', 'unevaluated', 'validation'],
};

const drafts: Readonly<Record<string, Draft>> = {
  'json-schema.org/schema': latestDraft,
  'json-schema.org/draft/2020-12/schema': latestDraft,
  'json-schema.org/draft/2019-09/schema': {
    version: 2019,
    url: 'https://json-schema.org/draft/2019-09/schema',
    idKeyword: '$id',
    subschemas: in2019,
    vocabularyPrefix: 'https://json-schema.org/draft/2019-09/vocab/',
    vocabularies: [...commonVocabularies, 'format'],
    defaultVocabularies: ['core', 'applicator', 'validation'],
  },
  'json-schema.org/draft-07/schema': oldDraft(7, inDraft7),
  'json-schema.org/draft-06/schema': oldDraft(6, inDraft6),
  'json-schema.org/draft-04/schema': oldDraft(4, inDraft4),
};

/** The draft that a `$schema` names. */
export function draftOf(schemaUrl: string): Draft | undefined {
  const { url, fragment } = splitFragment(schemaUrl);
  if (fragment !== '') return undefined;
  const key = url.replace(/^https?:\/\//, '');
  return Object.hasOwn(drafts, key) ? drafts[key] : undefined;
}

/** The name that a schema gives itself, without a fragment. */
export function idOf({ version, idKeyword }: Draft, schema: JsonObject): string {
  // Beside `$ref` nothing counts in the older drafts.
  if (version < 2019 && Object.hasOwn(schema, '$ref')) return '';
  const id = getMember(schema, idKeyword);
  return typeof id === 'string' ? (id.split('#', 1)[0] ?? '') : '';
}

export function hasVocabulary({ draft, vocabularies }: Dialect, name: string): boolean {
  if (name === 'core' || draft.version < 2019) return true;
  return (vocabularies ?? draft.defaultVocabularies).includes(name);
}

/** The schemas right below a schema, with their pointers. */
export function* subschemasOf(
  { subschemas }: Draft,
  schema: JsonObject,
  pointer: string,
): Generator<[string, unknown]> {
  for (const path of subschemas) {
    const [keyword = '', items] = path.split('/');
    if (!Object.hasOwn(schema, keyword)) continue;
    const value = schema[keyword];
    if (items === undefined) yield [appendPointer(pointer, keyword), value];
    else if (items === '[]' ? Array.isArray(value) : isObject(value)) {
      for (const [key, item] of Object.entries(value as object)) yield [appendPointer(pointer, keyword, key), item];
    }
  }
}
