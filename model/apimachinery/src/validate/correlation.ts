import { deepEqual, getMember } from '../deep.ts';
import { marshalGo } from '../go-format.ts';
import type { JsonObject, JsonValue } from '../object.ts';
import { memberSchema, type Schema } from '../schema.ts';

/** A value beside the one it replaces, as far as the schema lets the two be matched. */
export class Correlation {
  readonly value: JsonValue;
  readonly old: JsonValue;
  readonly #schema: Schema;
  #isUnchanged: boolean | undefined;
  #oldItems: Map<string, JsonValue> | undefined;

  constructor(value: JsonValue, old: JsonValue, schema: Schema) {
    this.value = value;
    this.old = old;
    this.#schema = schema;
  }

  /** Errors of unchanged values are tolerated (KUBE-CRD-01). */
  get isUnchanged(): boolean {
    this.#isUnchanged ??= deepEqual(this.value, this.old);
    return this.#isUnchanged;
  }

  key(name: string): Correlation | undefined {
    const schema = memberSchema(this.#schema, name);
    if (schema === undefined || !isObject(this.value) || !isObject(this.old)) return undefined;
    const [value, old] = [getMember(this.value, name), getMember(this.old, name)];
    return value === undefined || old === undefined ? undefined : new Correlation(value, old, schema);
  }

  /** Items of list maps are matched by their keys, items of other lists not at all. */
  index(index: number): Correlation | undefined {
    const { items, listType } = this.#schema;
    if (listType !== 'map' || items === undefined || !Array.isArray(this.value) || !Array.isArray(this.old)) {
      return undefined;
    }
    this.#oldItems ??= indexItems(this.old, this.#schema);
    const value = this.value[index];
    const old = value === undefined ? undefined : this.#oldItems.get(itemKey(value, this.#schema) ?? '');
    return value === undefined || old === undefined ? undefined : new Correlation(value, old, items);
  }
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The items of a list map by their keys. */
export function indexItems(list: readonly JsonValue[], schema: Schema): Map<string, JsonValue> {
  return new Map(list.map((item) => [itemKey(item, schema) ?? '', item]));
}

export function itemKey(item: JsonValue, { listMapKeys = [] }: Schema): string | undefined {
  if (!isObject(item)) return undefined;
  return marshalGo(listMapKeys.map((key) => getMember(item, key) ?? null));
}
