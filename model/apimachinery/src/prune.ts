import { setMember } from './deep.ts';
import type { JsonObject, JsonValue } from './object.ts';
import { memberSchema, type Schema } from './schema.ts';

export interface Pruned<T extends JsonValue> {
  readonly value: T;
  /** The dropped members in the order of the server's warnings: `spec.containers[0].nope`. */
  readonly pruned: string[];
}

const typeAndMeta = new Set(['apiVersion', 'kind', 'metadata']);

/**
 * Drops members that the schema does not declare. At the root and in embedded resources apiVersion, kind and metadata stay
 * as they are unless the schema declares them. Copy on write.
 */
export function pruneUnknown<T extends JsonValue>(value: T, schema: Schema): Pruned<T> {
  const pruner = new Pruner();
  const result = pruner.prune(value, schema, '', true) as T;
  const { own, metadata } = pruner;
  return { value: result, pruned: schema.definition === undefined ? [...own.sort(), ...metadata.sort()] : own };
}

class Pruner {
  readonly own: string[] = [];
  /** What is missing in the metadata of custom resources, which the server decodes after it has pruned the rest. */
  readonly metadata: string[] = [];

  prune(value: JsonValue, schema: Schema | undefined, path: string, isRoot: boolean): JsonValue {
    if (Array.isArray(value)) return this.#list(value, schema, path);
    if (typeof value !== 'object' || value === null) return value;
    const keepsMeta = isRoot || schema?.embeddedResource === true;
    const result: JsonObject = {};
    let changed = false;
    for (const [key, member] of Object.entries(value)) {
      const child = schema && memberSchema(schema, key);
      const isKept = schema?.preserveUnknownFields || schema?.additionalProperties === true;
      const memberPath = path === '' ? key : `${path}.${key}`;
      if (child === undefined && !isKept && !(keepsMeta && typeAndMeta.has(key))) {
        (schema?.definition === undefined || isRoot ? this.own : this.metadata).push(memberPath);
        changed = true;
        continue;
      }
      const kept = child === undefined ? member : this.prune(member, child, memberPath, false);
      changed ||= kept !== member;
      setMember(result, key, kept);
    }
    return changed ? result : value;
  }

  #list(list: JsonValue[], schema: Schema | undefined, path: string): JsonValue {
    if (schema?.items === undefined && schema?.preserveUnknownFields) return list;
    const result = list.map((item, index) => this.prune(item, schema?.items, `${path}[${index}]`, false));
    return result.every((item, index) => item === list[index]) ? list : result;
  }
}
