import { deepCopy, deepEqual, getMember, isJsonObject, setMember } from '../deep.ts';
import { marshalGo } from '../go-format.ts';
import type { JsonObject, JsonValue } from '../object.ts';
import { StatusError } from '../status-error.ts';
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

/** An operation that does not apply, in the words of the server's library. */
class Inapplicable extends Error {}

/** A part of a pointer leads nowhere; each operation has its own words for that. */
class MissingPath extends Error {}

/**
 * RFC 6902 with the habits of the server's library (KUBE-PATCH-01): `replace` adds a missing member, `copy` of a missing
 * member and `add` without value give null, negative indices count from the end. Throws StatusErrors; an operation that does
 * not apply is a plain 422, which has the reason as its cause.
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
    if (!(error instanceof Inapplicable)) throw error;
    throw new StatusError(newUnprocessable().status, { cause: error });
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

/** The last part of a pointer names nothing in its container. */
class BadKey extends Error {}

function explain({ op, path, from }: JsonPatchOperation, error: Error): Error {
  const start = op === 'copy' || op === 'move' ? from : path;
  if (error instanceof BadKey) {
    const verb = op === 'replace' ? 'remove' : op;
    return new Inapplicable(`error in ${verb} for path: '${start}': ${error.message}`);
  }
  if (!(error instanceof MissingPath)) return error;
  const shown = op === 'add' || op === 'remove' ? JSON.stringify(start) : start;
  const missing = op === 'test' ? 'is missing path' : missingOf(op);
  return new Inapplicable(`${op} operation does not apply: ${missing}: ${shown}: missing value`);
}

function missingOf(op: string): string {
  return op === 'copy' || op === 'move' ? 'doc is missing from path' : 'doc is missing path';
}

type Container = JsonObject | JsonValue[];

class Patcher {
  #document: JsonValue;
  #copied = 0;

  constructor(document: JsonValue) {
    this.#document = document;
  }

  apply(operations: readonly JsonPatchOperation[]): JsonValue {
    for (const operation of operations) {
      try {
        this.#operation(operation);
      } catch (error) {
        if (error instanceof Error) throw explain(operation, error);
        throw error;
      }
    }
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
    if (!deepEqual(actual, value)) throw new Inapplicable(`testing value ${path} failed: test failed`);
  }

  #replace(path: string, value: JsonValue): void {
    if (path === '') {
      if (typeof value !== 'object' || value === null)
        throw new Inapplicable('replacement is neither object nor array');
      this.#document = value;
      return;
    }
    const [container, key] = this.#find(path);
    if (Array.isArray(container)) container[indexOf(key, container.length - 1)] = value;
    else setMember(container, key, value);
  }

  /** The container that holds the last part of a pointer. */
  #find(pointer: unknown): [Container, string] {
    const parts = typeof pointer === 'string' ? pointer.split('/').slice(1) : [];
    const key = parts.pop();
    let current: JsonValue | undefined = this.#document;
    for (const part of parts) current = isContainer(current) ? get(current, unescapePart(part)) : undefined;
    if (key === undefined || !isContainer(current)) throw new MissingPath();
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
  return container[indexOf(key, container.length - 1)];
}

function add(container: Container, key: string, value: JsonValue): void {
  if (!Array.isArray(container)) setMember(container, key, value);
  else if (key === '-') container.push(value);
  else container.splice(indexOf(key, container.length), 0, value);
}

function remove(container: Container, key: string): void {
  if (Array.isArray(container)) {
    container.splice(indexOf(key, container.length - 1), 1);
    return;
  }
  if (!Object.hasOwn(container, key)) throw new BadKey(`Unable to remove nonexistent key: ${key}: missing value`);
  delete container[key];
}

function indexOf(key: string, last: number): number {
  const index = /^[+-]?\d{1,10}$/.test(key) ? Number(key) : Number.NaN;
  const resolved = index < 0 ? index + last + 1 : index;
  if (Number.isNaN(resolved) || resolved < 0 || resolved > last) {
    throw new BadKey(`Unable to access invalid index: ${key}: invalid index referenced`);
  }
  return resolved;
}
