import { getMember } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import { compileRegexp } from '@flux/regexp';
import type { CompiledSchema, Pattern } from './compiled-schema.ts';
import { type Dialect, hasVocabulary } from './drafts.ts';
import { formats } from './formats.ts';
import { type Resource, resourceAt, type SchemaDocument, type SchemaDocuments } from './schema-documents.ts';
import { SchemaError } from './schema-error.ts';
import { appendPointer, formatLocation, type Location } from './schema-url.ts';
import { isObject, type JsonObject, numberOf } from './schema-value.ts';

interface Options {
  documents: SchemaDocuments;
  /** The schemas are those of the drafts: formats are checked, and their patterns need no engine that is safe. */
  areMetaschemas?: boolean;
}

/** Compiles schemas, each once; references may go round. */
export class SchemaCompiler {
  readonly #documents: SchemaDocuments;
  readonly #areMetaschemas: boolean;
  readonly #schemas = new Map<string, CompiledSchema>();
  readonly #queue: { location: Location; schema: CompiledSchema }[] = [];

  constructor({ documents, areMetaschemas = false }: Options) {
    this.#documents = documents;
    this.#areMetaschemas = areMetaschemas;
  }

  compile(url: string): CompiledSchema {
    const document = this.#documents.get(url);
    const compiled = this.#schemaAt({ url: document.url, pointer: '' });
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) {
      this.#fill(next.schema, next.location);
    }
    return compiled;
  }

  /** The schema of a place, which is filled once its turn comes. */
  #schemaAt(location: Location): CompiledSchema {
    const key = formatLocation(location);
    const known = this.#schemas.get(key);
    if (known) return known;
    const schema: CompiledSchema = { location: key, draft: 2020, resource: undefined as never };
    schema.resource = schema;
    this.#schemas.set(key, schema);
    this.#queue.push({ location, schema });
    return schema;
  }

  #fill(schema: CompiledSchema, location: Location): void {
    const { document, value } = this.#documents.ensure(location);
    const resource = resourceAt(document, location.pointer);
    const { dialect } = resource;
    schema.draft = dialect.draft.version;
    schema.resource = this.#schemaAt({ url: location.url, pointer: resource.pointer });
    if (schema.draft >= 2020 && schema.resource === schema) {
      schema.dynamicAnchors = new Map(
        [...resource.dynamicAnchors].map((name) => {
          const pointer = resource.anchors.get(name) ?? '';
          return [name, this.#schemaAt({ url: location.url, pointer })];
        }),
      );
    }
    if (typeof value === 'boolean') schema.always = value;
    else if (isObject(value)) this.#fillObject(schema, value, { document, resource, dialect, location });
  }

  #fillObject(schema: CompiledSchema, object: JsonObject, place: Place): void {
    if (Object.keys(object).length === 0) {
      schema.always = true;
      return;
    }
    const { document, resource, dialect, location } = place;
    const reader = new KeywordReader(object, dialect, {
      location,
      resolve: (reference) => this.#schemaAt(this.#documents.resolve(document, resource, reference)),
      isMetaschema: this.#areMetaschemas,
      below: (...tokens) => this.#schemaAt({ ...location, pointer: appendPointer(location.pointer, ...tokens) }),
    });
    reader.fill(schema);
  }
}

interface Place {
  document: SchemaDocument;
  resource: Resource;
  dialect: Dialect;
  location: Location;
}

interface Links {
  location: Location;
  isMetaschema: boolean;
  resolve: (reference: string) => CompiledSchema;
  below: (...tokens: (string | number)[]) => CompiledSchema;
}

/** Reads the keywords of one schema; those of the wrong type are not there. */
class KeywordReader {
  readonly #object: JsonObject;
  readonly #dialect: Dialect;
  readonly #links: Links;

  constructor(object: JsonObject, dialect: Dialect, links: Links) {
    this.#object = object;
    this.#dialect = dialect;
    this.#links = links;
  }

  fill(schema: CompiledSchema): void {
    const { version } = this.#dialect.draft;
    set(schema, 'ref', this.#reference('$ref'));
    if (version >= 6 && Object.hasOwn(this.#object, 'const')) schema.constant = { value: this.#object['const'] };
    // Beside `$ref` nothing else counts in the older drafts; that `const` does is upstream's doing.
    if (version < 2019 && schema.ref !== undefined) return;
    if (this.#has('applicator')) this.#readApplicators(schema, version);
    if (this.#has('validation')) this.#readValidation(schema, version);
    if (version === 2019 ? this.#has('applicator') : version > 2019 && this.#has('unevaluated')) {
      set(schema, 'unevaluatedItems', this.#schema('unevaluatedItems'));
      set(schema, 'unevaluatedProperties', this.#schema('unevaluatedProperties'));
    }
    if (version >= 2019) this.#readDynamicReferences(schema, version);
    if (this.#links.isMetaschema || this.#assertsFormats(version)) this.#readFormat(schema);
  }

  #has(vocabulary: string): boolean {
    return hasVocabulary(this.#dialect, vocabulary);
  }

  #assertsFormats(version: number): boolean {
    return version < 2019 || this.#has(version === 2019 ? 'format' : 'format-assertion');
  }

  #readApplicators(schema: CompiledSchema, version: number): void {
    for (const keyword of ['allOf', 'anyOf', 'oneOf'] as const) set(schema, keyword, this.#schemas(keyword));
    set(schema, 'not', this.#schema('not'));
    set(schema, 'properties', this.#schemaMap('properties'));
    set(schema, 'patternProperties', this.#patternProperties());
    set(schema, 'additionalProperties', this.#boolean('additionalProperties') ?? this.#schema('additionalProperties'));
    set(schema, 'dependencies', this.#dependencies());
    this.#readItems(schema, version);
    if (version >= 6) {
      set(schema, 'contains', this.#schema('contains'));
      set(schema, 'propertyNames', this.#schema('propertyNames'));
    }
    if (version >= 7 && Object.hasOwn(this.#object, 'if')) {
      for (const keyword of ['if', 'then', 'else'] as const) set(schema, keyword, this.#schema(keyword));
    }
    if (version >= 2019) set(schema, 'dependentSchemas', this.#schemaMap('dependentSchemas'));
  }

  #readItems(schema: CompiledSchema, version: number): void {
    if (version >= 2020) {
      set(schema, 'prefixItems', this.#schemas('prefixItems'));
      set(schema, 'items', this.#schema('items'));
    } else if (Array.isArray(this.#value('items'))) {
      set(schema, 'prefixItems', this.#schemas('items'));
      set(schema, 'items', this.#boolean('additionalItems') ?? this.#schema('additionalItems'));
    } else set(schema, 'items', this.#schema('items'));
  }

  #readValidation(schema: CompiledSchema, version: number): void {
    set(schema, 'types', this.#types());
    const values = this.#value('enum');
    if (Array.isArray(values)) schema.enum = values;
    for (const keyword of counts) set(schema, keyword, this.#count(keyword));
    set(schema, 'required', this.#texts(this.#value('required')));
    set(schema, 'uniqueItems', this.#boolean('uniqueItems'));
    const pattern = this.#value('pattern');
    if (typeof pattern === 'string') schema.pattern = this.#regexp('pattern', pattern);
    set(schema, 'multipleOf', this.#number('multipleOf'));
    this.#readLimits(schema);
    if (version < 2019) return;
    if (schema.contains) {
      set(schema, 'minContains', this.#count('minContains'));
      set(schema, 'maxContains', this.#count('maxContains'));
    }
    set(schema, 'dependentRequired', this.#dependentRequired());
  }

  /** In draft 4 an exclusive limit is a flag of the limit. */
  #readLimits(schema: CompiledSchema): void {
    for (const [limit, exclusive] of [
      ['minimum', 'exclusiveMinimum'],
      ['maximum', 'exclusiveMaximum'],
    ] as const) {
      const isExclusive = this.#boolean(exclusive) === true;
      set(schema, isExclusive ? exclusive : limit, this.#number(limit));
      if (!isExclusive) set(schema, exclusive, this.#number(exclusive));
    }
  }

  #readDynamicReferences(schema: CompiledSchema, version: number): void {
    set(schema, 'recursiveRef', this.#reference('$recursiveRef'));
    set(schema, 'recursiveAnchor', this.#boolean('$recursiveAnchor'));
    if (version < 2020) return;
    const anchor = this.#value('$dynamicAnchor');
    if (typeof anchor === 'string') schema.dynamicAnchor = anchor;
    const reference = this.#value('$dynamicRef');
    if (typeof reference !== 'string') return;
    const fragment = reference.includes('#') ? reference.slice(reference.indexOf('#') + 1) : '';
    schema.dynamicRef = {
      schema: this.#links.resolve(reference),
      anchor: fragment.startsWith('/') ? '' : fragment,
    };
  }

  #readFormat(schema: CompiledSchema): void {
    const name = this.#value('format');
    if (typeof name !== 'string' || !Object.hasOwn(formats, name)) return;
    const check = formats[name];
    if (check) schema.format = { name, check };
  }

  #value(keyword: string): unknown {
    return getMember(this.#object, keyword);
  }

  #boolean(keyword: string): boolean | undefined {
    const value = this.#value(keyword);
    return typeof value === 'boolean' ? value : undefined;
  }

  #number(keyword: string): number | undefined {
    return numberOf(this.#value(keyword));
  }

  #count(keyword: string): number | undefined {
    const number = this.#number(keyword);
    return number !== undefined && Number.isInteger(number) ? number : undefined;
  }

  #texts(value: unknown): string[] | undefined {
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;
  }

  #types(): string[] | undefined {
    const value = this.#value('type');
    const named = typeof value === 'string' ? [value] : (this.#texts(value) ?? []);
    const types = typeOrder.filter((type) => named.includes(type));
    return types.length === 0 ? undefined : types;
  }

  #reference(keyword: string): CompiledSchema | undefined {
    const reference = this.#value(keyword);
    return typeof reference === 'string' ? this.#links.resolve(reference) : undefined;
  }

  #schema(keyword: string): CompiledSchema | undefined {
    return Object.hasOwn(this.#object, keyword) ? this.#links.below(keyword) : undefined;
  }

  #schemas(keyword: string): CompiledSchema[] | undefined {
    const value = this.#value(keyword);
    return Array.isArray(value) ? value.map((_item, index) => this.#links.below(keyword, index)) : undefined;
  }

  #schemaMap(keyword: string): Map<string, CompiledSchema> | undefined {
    const value = this.#value(keyword);
    if (!isObject(value)) return undefined;
    return new Map(Object.keys(value).map((key) => [key, this.#links.below(keyword, key)]));
  }

  #patternProperties() {
    const schemas = this.#schemaMap('patternProperties');
    return (
      schemas && [...schemas].map(([text, schema]) => ({ regexp: this.#regexp('patternProperties', text), schema }))
    );
  }

  #dependencies(): Map<string, string[] | CompiledSchema> | undefined {
    const value = this.#value('dependencies');
    if (!isObject(value)) return undefined;
    return new Map(
      Object.entries(value).map(([key, item]) => [key, this.#texts(item) ?? this.#links.below('dependencies', key)]),
    );
  }

  #dependentRequired(): Map<string, string[]> | undefined {
    const value = this.#value('dependentRequired');
    if (!isObject(value)) return undefined;
    return new Map(Object.entries(value).map(([key, item]) => [key, this.#texts(item) ?? []]));
  }

  #regexp(keyword: string, pattern: string): Pattern {
    if (this.#links.isMetaschema) return new RegExp(pattern, 'u');
    try {
      return compileRegexp(pattern);
    } catch (error) {
      const at = formatLocation({
        ...this.#links.location,
        pointer: appendPointer(this.#links.location.pointer, keyword),
      });
      const problem = messageOf(error);
      throw new SchemaError(`invalid regex ${JSON.stringify(pattern)} at ${JSON.stringify(at)}: ${problem}`);
    }
  }
}

const counts = ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'] as const;
const typeOrder = ['null', 'boolean', 'number', 'integer', 'string', 'array', 'object'];

function set<K extends keyof CompiledSchema>(
  schema: CompiledSchema,
  key: K,
  value: CompiledSchema[K] | undefined,
): void {
  if (value !== undefined) schema[key] = value;
}
