import type { JsonObject, JsonValue } from '@flux/apimachinery';
import { fieldOf, isObject } from '../json.ts';
import { builtinDefinition, opaque, type Schema } from './builtin-schema.ts';

/** Which definition a reference means when both have one, or whether built-in ones count at all. */
export type BuiltinRank = 'absent' | 'below' | 'above';

const maxReferences = 100;

/** Types of an OpenAPI document that the `openapi` field names. */
export class CustomSchemas {
  readonly #definitions = new Map<string, JsonObject>();
  readonly #roots = new Map<string, JsonObject>();
  readonly #namespaced = new Map<string, boolean>();

  constructor(document: JsonValue) {
    if (!isObject(document)) return;
    for (const [name, definition] of objectFields(fieldOf(document, 'definitions'))) {
      this.#definitions.set(name, definition);
      for (const id of kindsOf(fieldOf(definition, 'x-kubernetes-group-version-kind'))) this.#roots.set(id, definition);
    }
    for (const [path, item] of objectFields(fieldOf(document, 'paths'))) {
      const get = fieldOf(item, 'get');
      const kind = isObject(get) ? fieldOf(get, 'x-kubernetes-group-version-kind') : undefined;
      for (const id of kindsOf([kind ?? null])) this.#addScope(id, path.includes('namespaces/{namespace}'));
    }
  }

  root(apiVersion: string, kind: string, rank: BuiltinRank): Schema | undefined {
    const definition = this.#roots.get(`${apiVersion}/${kind}`);
    return definition === undefined ? undefined : this.#schema(definition, rank);
  }

  isClusterScoped(apiVersion: string, kind: string): boolean {
    return this.#namespaced.get(`${apiVersion}/${kind}`) === false;
  }

  #addScope(id: string, namespaced: boolean): void {
    if (namespaced || !this.#namespaced.has(id)) this.#namespaced.set(id, namespaced);
  }

  #schema(raw: JsonObject, rank: BuiltinRank): Schema {
    const node = this.#dereference(raw, rank);
    if (node === undefined) return opaque;
    if (isSchema(node)) return node;
    const items = fieldOf(node, 'items');
    const below = (value: JsonValue | undefined): Schema | undefined =>
      isObject(value) ? this.#schema(value, rank) : undefined;
    return {
      field(name) {
        const properties = fieldOf(node, 'properties');
        const property = isObject(properties) ? fieldOf(properties, name) : undefined;
        return below(property ?? fieldOf(node, 'additionalProperties'));
      },
      get items() {
        return isList(fieldOf(node, 'type')) ? below(items) : undefined;
      },
      mergeKeys: mergeKeysOf(node),
    };
  }

  #dereference(raw: JsonObject, rank: BuiltinRank): JsonObject | Schema | undefined {
    let node: JsonObject | undefined = raw;
    for (let count = 0; node !== undefined && count < maxReferences; count++) {
      const ref: JsonValue | undefined = fieldOf(node, '$ref');
      if (typeof ref !== 'string') return node;
      const name = ref
        .replace(/^#\/definitions\//, '')
        .replaceAll('~1', '/')
        .replaceAll('~0', '~');
      const own = this.#definitions.get(name);
      const builtin =
        rank === 'absent' || (rank === 'below' && own !== undefined) ? undefined : builtinDefinition(name);
      if (builtin !== undefined) return builtin;
      node = own;
    }
    return undefined;
  }
}

function isSchema(node: JsonObject | Schema): node is Schema {
  return typeof node.field === 'function';
}

function isList(type: JsonValue | undefined): boolean {
  return type === 'array' || (Array.isArray(type) && type.length === 1 && type[0] === 'array');
}

function objectFields(value: JsonValue | undefined): [string, JsonObject][] {
  if (!isObject(value)) return [];
  return Object.entries(value).filter((entry): entry is [string, JsonObject] => isObject(entry[1]));
}

function kindsOf(value: JsonValue | undefined): string[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item) => {
    if (!isObject(item)) return [];
    const { group, version, kind } = item;
    if (typeof version !== 'string' || typeof kind !== 'string') return [];
    return [typeof group === 'string' && group !== '' ? `${group}/${version}/${kind}` : `${version}/${kind}`];
  });
}

function mergeKeysOf(node: JsonObject): readonly string[] | undefined {
  const strategy = fieldOf(node, 'x-kubernetes-patch-strategy');
  if (typeof strategy !== 'string' || !strategy.split(',').includes('merge')) return undefined;
  const list = fieldOf(node, 'x-kubernetes-list-map-keys');
  if (Array.isArray(list)) return list.filter((key) => typeof key === 'string');
  const key = fieldOf(node, 'x-kubernetes-patch-merge-key');
  return typeof key === 'string' ? [key] : [];
}
