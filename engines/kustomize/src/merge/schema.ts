import type { JsonObject, JsonValue } from '@flux/apimachinery';
import { BuildError } from '../errors.ts';
import { fieldOf, isObject } from '../json.ts';
import { mergeFields, mergeRoots } from './merge-keys.table.ts';
import { clusterScopedKinds, namespacedKinds } from './scope.table.ts';

/** What strategic merge must know of a type: its fields, and whether a list merges by key. */
export interface Schema {
  field(name: string): Schema | undefined;
  readonly items: Schema | undefined;
  /** Keys of a merged list; an empty list means a set of scalars; undefined means the patch's list replaces. */
  readonly mergeKeys: readonly string[] | undefined;
}

const builtinTypes = new Map<string, Schema>();
const opaque: Schema = { field: () => undefined, items: undefined, mergeKeys: undefined };

function builtinType(name: string): Schema {
  if (name === '') return opaque;
  const known = builtinTypes.get(name);
  if (known !== undefined) return known;
  const fields = Object.hasOwn(mergeFields, name) ? mergeFields[name] : undefined;
  const parsed = new Map<string, Schema>();
  const schema: Schema = {
    field(field) {
      const done = parsed.get(field);
      if (done !== undefined || fields === undefined || !Object.hasOwn(fields, field)) return done;
      const made = parseField(fields[field] ?? '');
      parsed.set(field, made);
      return made;
    },
    items: undefined,
    mergeKeys: undefined,
  };
  builtinTypes.set(name, schema);
  return schema;
}

function parseField(text: string): Schema {
  const match = /^(\[\]|\{\})?([^ ]*)(?: merge\((.*)\))?$/.exec(text);
  const [, shape, type = '', keys] = match ?? [];
  if (shape === undefined) return builtinType(type);
  const inner = builtinType(type);
  if (shape === '{}') return { field: () => inner, items: undefined, mergeKeys: undefined };
  const mergeKeys = keys === undefined ? undefined : keys === '' ? [] : keys.split(',');
  return { field: () => undefined, items: inner, mergeKeys };
}

/** The schemas of one build: kustomize's built-in ones, or those of the `openapi` field. */
export class SchemaSet {
  #isSet = false;
  #custom: ReadonlyMap<string, JsonObject> | undefined;
  #customRoots = new Map<string, Schema>();
  #customScope = new Map<string, boolean>();
  /** Built-in schemas stay available beside a custom one that arrives after they were first needed. */
  #builtinNeeded: boolean;

  constructor(keepBuiltin = false) {
    this.#builtinNeeded = keepBuiltin;
  }

  /** Applies an `openapi` field; a base's is ignored when one is set already, as in kustomize. */
  use(openapi: ReadonlyMap<string, string>, document: JsonValue | undefined): void {
    if (this.#isSet) return;
    const version = openapi.get('version');
    if (document !== undefined) {
      if (version !== undefined) throw new BuildError('builtin version and custom schema provided, cannot use both');
      this.#isSet = true;
      this.#load(document);
      return;
    }
    if (version === undefined || version === '') return;
    if (version !== 'v1.21.2') throw new BuildError('the specified OpenAPI version is not built in');
    this.#isSet = true;
  }

  lookup(apiVersion: string, kind: string): Schema | undefined {
    const id = `${apiVersion}/${kind}`;
    const custom = this.#customRoots.get(id);
    if (custom !== undefined) return custom;
    if (this.#custom !== undefined && !this.#builtinNeeded && kind !== 'Kustomization') return undefined;
    this.#builtinNeeded = true;
    return Object.hasOwn(mergeRoots, id) ? builtinType(mergeRoots[id] ?? '') : undefined;
  }

  isClusterScoped(apiVersion: string, kind: string): boolean {
    const id = `${apiVersion}/${kind}`;
    if (clusterScopedKinds.has(id)) return true;
    if (namespacedKinds.has(id)) return false;
    if (this.#custom === undefined) {
      this.#builtinNeeded = true;
      return false;
    }
    return this.#customScope.get(id) === false;
  }

  #load(document: JsonValue): void {
    const definitions = isObject(document) ? fieldOf(document, 'definitions') : undefined;
    const map = new Map<string, JsonObject>();
    this.#custom = map;
    if (isObject(definitions)) {
      for (const name of Object.keys(definitions)) {
        const definition = definitions[name];
        if (isObject(definition)) map.set(name, definition);
      }
    }
    for (const definition of map.values()) {
      for (const id of groupVersionKinds(fieldOf(definition, 'x-kubernetes-group-version-kind'))) {
        this.#customRoots.set(id, customSchema(definition, map));
      }
    }
    if (isObject(document)) this.#loadScopes(fieldOf(document, 'paths'));
  }

  #loadScopes(paths: JsonValue | undefined): void {
    if (!isObject(paths)) return;
    for (const path of Object.keys(paths)) {
      const item = paths[path];
      const get = isObject(item) ? fieldOf(item, 'get') : undefined;
      if (!isObject(get)) continue;
      for (const id of groupVersionKinds([fieldOf(get, 'x-kubernetes-group-version-kind') ?? null])) {
        if (path.includes('namespaces/{namespace}')) this.#customScope.set(id, true);
        else if (!this.#customScope.has(id)) this.#customScope.set(id, false);
      }
    }
  }
}

function groupVersionKinds(value: JsonValue | undefined): string[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item) => {
    if (!isObject(item)) return [];
    const { group, version, kind } = item;
    if (typeof version !== 'string' || typeof kind !== 'string') return [];
    return [typeof group === 'string' && group !== '' ? `${group}/${version}/${kind}` : `${version}/${kind}`];
  });
}

function customSchema(raw: JsonObject, definitions: ReadonlyMap<string, JsonObject>): Schema {
  const node = dereference(raw, definitions);
  if (node === undefined) return opaque;
  const items = fieldOf(node, 'items');
  const type = fieldOf(node, 'type');
  const isList = type === 'array' || (Array.isArray(type) && type.length === 1 && type[0] === 'array');
  return {
    field(name) {
      const properties = fieldOf(node, 'properties');
      const property = isObject(properties) ? fieldOf(properties, name) : undefined;
      const additional = fieldOf(node, 'additionalProperties');
      const found = property ?? additional;
      return isObject(found) ? customSchema(found, definitions) : undefined;
    },
    get items() {
      return isList && isObject(items) ? customSchema(items, definitions) : undefined;
    },
    mergeKeys: customMergeKeys(node),
  };
}

function dereference(raw: JsonObject, definitions: ReadonlyMap<string, JsonObject>): JsonObject | undefined {
  let node: JsonObject | undefined = raw;
  for (let depth = 0; node !== undefined && depth < 100; depth++) {
    const ref: JsonValue | undefined = fieldOf(node, '$ref');
    if (typeof ref !== 'string') return node;
    node = definitions.get(
      ref
        .replace(/^#\/definitions\//, '')
        .replaceAll('~1', '/')
        .replaceAll('~0', '~'),
    );
  }
  return undefined;
}

function customMergeKeys(node: JsonObject): readonly string[] | undefined {
  const strategy = fieldOf(node, 'x-kubernetes-patch-strategy');
  if (typeof strategy !== 'string' || !strategy.split(',').includes('merge')) return undefined;
  const list = fieldOf(node, 'x-kubernetes-list-map-keys');
  if (Array.isArray(list)) return list.filter((key) => typeof key === 'string');
  const key = fieldOf(node, 'x-kubernetes-patch-merge-key');
  return typeof key === 'string' ? [key] : [];
}
