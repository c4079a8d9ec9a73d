import type { CompiledSchema } from './compiled-schema.ts';
import { type Dialect, latestDraft } from './drafts.ts';
import { evaluate } from './evaluate.ts';
import { SchemaCompiler } from './schema-compiler.ts';
import { type LoadDocument, resourceAt, type SchemaDocument, SchemaDocuments } from './schema-documents.ts';
import { SchemaError } from './schema-error.ts';
import { formatLocation } from './schema-url.ts';
import { parseSchema, quote } from './schema-value.ts';
import { formatIssues } from './validation-issue.ts';

const schemaUrl = 'file:///values.schema.json';

/** A schema that other schemas are checked with, from what is published or given. */
class Metaschemas {
  readonly #compiler: SchemaCompiler;
  readonly #compiled = new Map<string, CompiledSchema>();

  constructor() {
    const documents = new SchemaDocuments(loadNothing, () => undefined);
    this.#compiler = new SchemaCompiler({ documents, areMetaschemas: true });
  }

  check(value: unknown, document: SchemaDocument, pointer: string): void {
    const { dialect } = resourceAt(document, pointer);
    const schema = this.#for(dialect);
    const find = (path: string) => {
      const resource = document.resources.get(pointer + path);
      return resource && this.#for(resource.dialect);
    };
    // Only parts with a name of their own can be of another draft.
    const issues = evaluate(schema, value, document.resources.size > 1 ? { schema, find } : { schema });
    if (issues.length === 0) return;
    const location = formatLocation({ url: document.url, pointer });
    throw new SchemaError(
      `${JSON.stringify(location)} is not valid against metaschema: ` +
        `jsonschema validation failed with ${quote(schema.location)}${formatIssues(issues)}`,
    );
  }

  #for({ draft, vocabularies }: Dialect): CompiledSchema {
    if (vocabularies === undefined) return this.#compile(draft.url);
    const key = [draft.url, ...vocabularies].join(' ');
    const known = this.#compiled.get(key);
    if (known) return known;
    const allOf = vocabularies.map((name) => this.#compile(draft.url.replace(/schema$/, `meta/${name}`)));
    const schema: CompiledSchema = {
      location: 'urn:mem:metaschema#',
      draft: draft.version,
      resource: undefined as never,
      allOf,
    };
    schema.resource = schema;
    if (draft.version === latestDraft.version) {
      schema.dynamicAnchor = 'meta';
      schema.dynamicAnchors = new Map([['meta', schema]]);
    }
    this.#compiled.set(key, schema);
    return schema;
  }

  #compile(url: string): CompiledSchema {
    const known = this.#compiled.get(url) ?? this.#compiler.compile(url);
    this.#compiled.set(url, known);
    return known;
  }
}

/** They never change, and compiling them takes longer than most schemas. */
let metaschemas: Metaschemas | undefined;

/**
 * Reads and compiles a schema in JSON; one that is none throws `SchemaError`. Safe for schemas of strangers: patterns are
 * RE2's, and nothing is loaded but what `load` gives.
 */
export function compileSchema(text: string, load: LoadDocument): CompiledSchema {
  metaschemas ??= new Metaschemas();
  const checker = metaschemas;
  return guardDepth(() => {
    const documents = new SchemaDocuments(load, (value, document, pointer) => checker.check(value, document, pointer));
    documents.add(schemaUrl, parseSchema(text));
    return new SchemaCompiler({ documents }).compile(schemaUrl);
  });
}

/** Gives nothing or the text of what is wrong with values as Helm prints it. Steps are counted, and too many throw. */
export function validateWithSchema(schema: CompiledSchema, values: unknown): string | undefined {
  const issues = guardDepth(() => evaluate(schema, values));
  return issues.length === 0 ? undefined : formatIssues(issues).slice(1);
}

function guardDepth<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw new SchemaError('the schema is nested too deeply', { cause: error });
    throw error;
  }
}

function loadNothing(url: string): never {
  throw new SchemaError(`there is no metaschema ${JSON.stringify(url)}`);
}
