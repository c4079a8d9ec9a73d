import { getMember } from '@flux/apimachinery';
import { type Dialect, type Draft, draftOf, idOf, latestDraft, subschemasOf } from './drafts.ts';
import { loadMetaschema } from './metaschemas.ts';
import { SchemaError } from './schema-error.ts';
import { formatLocation, joinUrl, type Location, lookUp, splitFragment } from './schema-url.ts';
import { isObject, type JsonObject } from './schema-value.ts';

/** A schema with a name of its own, and the anchors below it. */
export interface Resource {
  readonly pointer: string;
  readonly id: string;
  readonly dialect: Dialect;
  readonly anchors: Map<string, string>;
  readonly dynamicAnchors: Set<string>;
}

/** A document of schemas. */
export interface SchemaDocument {
  readonly url: string;
  readonly value: unknown;
  readonly resources: Map<string, Resource>;
  readonly processed: Set<string>;
}

/** Gives the document at a URL that is not there yet, or throws. */
export type LoadDocument = (url: string) => unknown;

/** Checks a schema against the schema of its draft. */
export type CheckSchema = (value: unknown, document: SchemaDocument, pointer: string) => void;

/** The documents that a schema is spread over, and the names in them. */
export class SchemaDocuments {
  readonly #documents = new Map<string, SchemaDocument>();
  readonly #values = new Map<string, unknown>();
  readonly #load: LoadDocument;
  readonly #check: CheckSchema;

  constructor(load: LoadDocument, check: CheckSchema) {
    this.#load = load;
    this.#check = check;
  }

  /** Puts a document in place, so that it is not loaded. */
  add(url: string, value: unknown): void {
    this.#values.set(url, value);
  }

  get(url: string): SchemaDocument {
    const known = this.#documents.get(url);
    if (known) return known;
    const document: SchemaDocument = { url, value: this.#valueOf(url), resources: new Map(), processed: new Set() };
    this.#collect(
      document,
      { value: document.value, base: url, pointer: '' },
      { draft: latestDraft, vocabularies: undefined },
    );
    if (!/^https?:\/\/json-schema\.org\//.test(url)) this.#check(document.value, document, '');
    this.#documents.set(url, document);
    return document;
  }

  /** The place that a reference names, seen from a resource of a document. */
  resolve(document: SchemaDocument, from: Resource, reference: string): Location {
    const { url: relative, fragment } = splitFragment(reference);
    const url = joinUrl(from.id, relative);
    const named = url === document.url ? document.resources.get('') : findById(document, url);
    if (named) return { url: document.url, pointer: pointerIn(document, named, fragment) };
    const other = this.get(url);
    return { url, pointer: pointerIn(other, rootOf(other), fragment) };
  }

  /** Makes a schema known that lies where no schema is expected, such as below `definitions` of newer drafts. */
  ensure(location: Location): { document: SchemaDocument; value: unknown } {
    const document = this.get(location.url);
    const value = lookUp(document.value, location);
    if (!document.processed.has(location.pointer)) {
      const base = resourceAt(document, location.pointer);
      this.#collect(document, { value, base: base.id, pointer: location.pointer }, base.dialect);
      this.#check(value, document, location.pointer);
    }
    return { document, value };
  }

  #valueOf(url: string): unknown {
    const known = this.#values.get(url) ?? loadMetaschema(url);
    if (known !== undefined) return known;
    const loaded = this.#load(url);
    this.#values.set(url, loaded);
    return loaded;
  }

  #collect(document: SchemaDocument, at: { value: unknown; base: string; pointer: string }, fallback: Dialect): void {
    const { value, pointer } = at;
    if (document.processed.has(pointer)) return;
    document.processed.add(pointer);
    if (!isObject(value)) {
      if (pointer === '') document.resources.set('', newResource('', at.base, fallback));
      return;
    }
    const resource = this.#resourceOf(document, { ...at, value }, fallback);
    collectAnchors(value, pointer, resource);
    const { draft } = resource.dialect;
    for (const [below, subschema] of subschemasOf(draft, value, pointer)) {
      this.#collect(document, { value: subschema, base: resource.id, pointer: below }, resource.dialect);
    }
  }

  /** The resource that a schema is, or else is part of. */
  #resourceOf(
    document: SchemaDocument,
    { value, base, pointer }: { value: JsonObject; base: string; pointer: string },
    fallback: Dialect,
  ): Resource {
    let dialect = this.#dialectOf({ url: document.url, pointer }, value, fallback);
    let id = idOf(dialect.draft, value);
    if (id === '' && pointer !== '') {
      dialect = fallback;
      id = idOf(fallback.draft, value);
    }
    const url = id === '' ? base : joinUrl(base, id);
    const known = findById(document, url);
    if (id === '' && pointer !== '') return known ?? resourceAt(document, pointer);
    if (known && known.pointer !== pointer) {
      throw new SchemaError(
        `duplicate id ${JSON.stringify(url)} in ${JSON.stringify(document.url)} at ${JSON.stringify(pointer)} and ${JSON.stringify(known.pointer)}`,
      );
    }
    const resource = known ?? newResource(pointer, url, dialect);
    document.resources.set(pointer, resource);
    return resource;
  }

  #dialectOf(at: Location, schema: JsonObject, fallback: Dialect): Dialect {
    const named = getMember(schema, '$schema');
    if (typeof named !== 'string') return fallback;
    const draft = draftOf(named);
    if (draft) return { draft, vocabularies: undefined };
    return this.#customDialect(at, named, new Set());
  }

  /** A `$schema` of somebody's own leads to one of a published draft in the end. */
  #customDialect(at: Location, named: string, seen: Set<string>): Dialect {
    const { url } = splitFragment(named);
    if (at.pointer === '' && url === at.url) throw new SchemaError(`draft ${JSON.stringify(url)} is not supported`);
    if (seen.has(url)) throw new SchemaError(`cycle in resolving $schema in ${JSON.stringify(url)}`);
    seen.add(url);
    const metaschema = this.#valueOf(url);
    const next = isObject(metaschema) ? getMember(metaschema, '$schema') : undefined;
    if (typeof next !== 'string')
      return { draft: latestDraft, vocabularies: vocabulariesOf(latestDraft, metaschema, url) };
    const draft = draftOf(next) ?? this.#customDialect({ url, pointer: '' }, next, seen).draft;
    return { draft, vocabularies: vocabulariesOf(draft, metaschema, url) };
  }
}

function rootOf(document: SchemaDocument): Resource {
  const root = document.resources.get('');
  if (root === undefined) throw new SchemaError(`${JSON.stringify(document.url)} is no schema`);
  return root;
}

/** The resource that a place in a document belongs to. */
export function resourceAt(document: SchemaDocument, pointer: string): Resource {
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const found = document.resources.get(at);
    if (found) return found;
  }
  return rootOf(document);
}

function newResource(pointer: string, id: string, dialect: Dialect): Resource {
  return { pointer, id, dialect, anchors: new Map(), dynamicAnchors: new Set() };
}

function findById(document: SchemaDocument, id: string): Resource | undefined {
  for (const resource of document.resources.values()) if (resource.id === id) return resource;
  return undefined;
}

function pointerIn(document: SchemaDocument, resource: Resource, fragment: string): string {
  if (fragment === '' || fragment.startsWith('/')) return resource.pointer + fragment;
  const pointer = resource.anchors.get(fragment);
  if (pointer !== undefined) return pointer;
  const reference = formatLocation({ url: resource.id, pointer: fragment });
  throw new SchemaError(`anchor in ${JSON.stringify(reference)} not found in schema ${JSON.stringify(document.url)}`);
}

function collectAnchors(schema: JsonObject, pointer: string, resource: Resource): void {
  const { version, idKeyword } = resource.dialect.draft;
  const add = (anchor: unknown) => {
    if (typeof anchor !== 'string') return;
    const known = resource.anchors.get(anchor);
    if (known !== undefined && known !== pointer) {
      throw new SchemaError(
        `duplicate anchor ${JSON.stringify(anchor)} in ${JSON.stringify(resource.id)} at ${JSON.stringify(known)} and ${JSON.stringify(pointer)}`,
      );
    }
    resource.anchors.set(anchor, pointer);
  };
  if (version < 2019) {
    const id = getMember(schema, idKeyword);
    if (Object.hasOwn(schema, '$ref') || typeof id !== 'string') return;
    const { fragment } = splitFragment(id);
    if (fragment !== '' && !fragment.startsWith('/')) add(fragment);
    return;
  }
  add(getMember(schema, '$anchor'));
  const dynamic = getMember(schema, '$dynamicAnchor');
  if (version < 2020 || typeof dynamic !== 'string') return;
  add(dynamic);
  resource.dynamicAnchors.add(dynamic);
}

function vocabulariesOf(draft: Draft, metaschema: unknown, url: string): string[] | undefined {
  const declared = isObject(metaschema) && draft.version >= 2019 ? getMember(metaschema, '$vocabulary') : undefined;
  if (!isObject(declared)) return undefined;
  const names = new Set(['core']);
  for (const [vocabulary, isRequired] of Object.entries(declared)) {
    if (isRequired !== true) continue;
    const name = vocabulary.startsWith(draft.vocabularyPrefix) ? vocabulary.slice(draft.vocabularyPrefix.length) : '';
    if (!draft.vocabularies.includes(name)) {
      throw new SchemaError(`unsupported vocabulary ${JSON.stringify(vocabulary)} in ${JSON.stringify(url)}`);
    }
    names.add(name);
  }
  return [...names];
}
