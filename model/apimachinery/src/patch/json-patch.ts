import { deepCopy, deepEqual, getMember, isJsonObject, setMember } from '../deep.ts';
import { marshalGo } from '../go-format.ts';
import type { JsonObject, JsonValue } from '../object.ts';
import { newBadRequest, newRequestEntityTooLarge, newUnprocessable } from '../statuses.ts';

export interface JsonPatchOperation {
  op: string;
  path: string;
  from?: string;
  value?: JsonValue;
}

const maxOperations = 10_000;
/** What `copy` may add in total, so that a few operations cannot blow up the document. */
const maxCopiedBytes = 3 * 1024 * 1024;

/** An operation that does not apply; the server hides the reason in a plain 422. */
class Inapplicable extends Error {}

/**
 * RFC 6902 with the habits of the server's library (KUBE-PATCH-01): `replace` adds a missing member, `copy` of a missing
 * member and `add` without value give null, negative indices count from the end. Throws StatusErrors.
 */
export function applyJsonPatch(document: JsonValue, operations: unknown): JsonValue {
  const list = readOperations(operations);
  if (list.length > maxOperations) {
    throw newRequestEntityTooLarge(
      `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${list.length}`,
    );
  }
  try {
    return new Patcher(deepCopy(document)).apply(list);
  } catch (error) {
    if (error instanceof Inapplicable) throw newUnprocessable();
    throw error;
  }
}

function readOperations(operations: unknown): JsonPatchOperation[] {
  if (operations === null) return [];
  if (!Array.isArray(operations)) {
    const kind = typeof operations === 'object' ? 'object' : typeof operations;
    throw newBadRequest(`error decoding patch: json: cannot unmarshal ${kind} into Go value of type []interface {}`);
  }
  return operations.map((operation: unknown) => {
    if (!isJsonObject(operation))
      throw newBadRequest('json: cannot unmarshal a JSON patch operation that is no object');
    return operation as unknown as JsonPatchOperation;
  });
}

type Container = JsonObject | JsonValue[];

class Patcher {
  #document: JsonValue;
  #copied = 0;

  constructor(document: JsonValue) {
    this.#document = document;
  }

  apply(operations: readonly JsonPatchOperation[]): JsonValue {
    for (const operation of operations) this.#operation(operation);
    return this.#document;
  }

  #operation({ op, path, from, value }: JsonPatchOperation): void {
    if (op === 'add') add(...this.#find(path), deepCopy(value ?? null));
    else if (op === 'remove') remove(...this.#find(path));
    else if (op === 'replace') this.#replace(path, deepCopy(value ?? null));
    else if (op === 'move') this.#move(path, from);
    else if (op === 'copy') this.#copy(path, from);
    else if (op === 'test') this.#test(path, value ?? null);
    else throw new Inapplicable(`Unexpected kind: ${op}`);
  }

  #move(path: string, from: string | undefined): void {
    const source = this.#find(from);
    const moved = get(...source) ?? null;
    remove(...source);
    add(...this.#find(path), moved);
  }

  #copy(path: string, from: string | undefined): void {
    const copied = deepCopy(get(...this.#find(from)) ?? null);
    this.#copied += marshalGo(copied).length;
    if (this.#copied > maxCopiedBytes) throw new Inapplicable('the copies exceed the size limit');
    add(...this.#find(path), copied);
  }

  #test(path: string, value: JsonValue): void {
    const actual = path === '' ? this.#document : (get(...this.#find(path)) ?? null);
    if (!deepEqual(actual, value)) throw new Inapplicable(`testing value ${path} failed`);
  }

  #replace(path: string, value: JsonValue): void {
    if (path === '') {
      if (typeof value !== 'object' || value === null)
        throw new Inapplicable('replacement is neither object nor array');
      this.#document = value;
      return;
    }
    const [container, key] = this.#find(path);
    if (Array.isArray(container)) container[indexOf(container, key, container.length - 1)] = value;
    else setMember(container, key, value);
  }

  /** The container that holds the last part of a pointer. */
  #find(pointer: unknown): [Container, string] {
    const parts = typeof pointer === 'string' ? pointer.split('/').slice(1) : [];
    const key = parts.pop();
    let current: JsonValue | undefined = this.#document;
    for (const part of parts) current = isContainer(current) ? get(current, unescapePart(part)) : undefined;
    if (key === undefined || !isContainer(current)) throw new Inapplicable(`doc is missing path: ${pointer}`);
    return [current, unescapePart(key)];
  }
}

function unescapePart(part: string): string {
  return part.replace(/~1/g, '/').replace(/~0/g, '~');
}

function isContainer(value: JsonValue | undefined): value is Container {
  return typeof value === 'object' && value !== null;
}

function get(container: Container, key: string): JsonValue | undefined {
  if (!Array.isArray(container)) return getMember(container, key);
  return container[indexOf(container, key, container.length - 1)];
}

function add(container: Container, key: string, value: JsonValue): void {
  if (!Array.isArray(container)) setMember(container, key, value);
  else if (key === '-') container.push(value);
  else container.splice(indexOf(container, key, container.length), 0, value);
}

function remove(container: Container, key: string): void {
  if (Array.isArray(container)) {
    container.splice(indexOf(container, key, container.length - 1), 1);
    return;
  }
  if (!Object.hasOwn(container, key)) throw new Inapplicable(`Unable to remove nonexistent key: ${key}`);
  delete container[key];
}

function indexOf(list: readonly JsonValue[], key: string, last: number): number {
  const index = /^[+-]?\d{1,10}$/.test(key) ? Number(key) : Number.NaN;
  const resolved = index < 0 ? index + last + 1 : index;
  if (Number.isNaN(resolved) || resolved < 0 || resolved > last) {
    throw new Inapplicable(`Unable to access invalid index ${key} of ${list.length} items`);
  }
  return resolved;
}
