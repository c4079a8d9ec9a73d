import type { JsonObject, JsonValue } from '@flux/apimachinery';
import type { CopyBudget } from '../copy-budget.ts';
import { BuildError } from '../errors.ts';
import { cloneJson, fieldOf, isObject, setField } from '../json.ts';
import { readConfig } from '../read-yaml.ts';

/** JSON 6902 patches with the quirks and messages of evanphx/json-patch v4, which kustomize uses. */
export interface Operation {
  readonly op: string;
  readonly path: JsonValue | undefined;
  readonly from: JsonValue | undefined;
  readonly value: JsonValue | undefined;
}

/** Reads a patch: a JSON list, or YAML when the text does not start with a bracket. */
export function parseJsonPatch(text: string): Operation[] {
  if (text === '') throw new BuildError('empty json patch operations');
  const value = text.startsWith('[') ? parseJson(text) : readConfig(text);
  if (value === null) return [];
  if (!Array.isArray(value)) {
    const found = isObject(value) ? 'object' : typeof value;
    throw new BuildError(`json: cannot unmarshal ${found} into Go value of type jsonpatch.Patch`);
  }
  return value.map(parseOperation);
}

function parseJson(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Flow-style YAML that begins with a bracket is no JSON; kustomize refuses it too.
    throw new BuildError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function parseOperation(value: JsonValue): Operation {
  if (value !== null && !isObject(value)) {
    throw new BuildError('json: cannot unmarshal into Go value of type jsonpatch.Operation');
  }
  const object = value ?? {};
  const op = fieldOf(object, 'op');
  return {
    op: typeof op === 'string' ? op : 'unknown',
    path: fieldOf(object, 'path'),
    from: fieldOf(object, 'from'),
    value: fieldOf(object, 'value'),
  };
}

type Container = JsonObject | JsonValue[];

interface Place {
  readonly container: Container;
  readonly key: string;
}

/** Applies the operations to the object, which is changed in place; returns it, or what replaced the whole of it. */
export function applyJsonPatch(object: JsonObject, operations: readonly Operation[], budget: CopyBudget): JsonObject {
  let root = object;
  for (const operation of operations) root = applyOne(root, operation, budget);
  return limitIntegers(root) as JsonObject;
}

function applyOne(root: JsonObject, operation: Operation, budget: CopyBudget): JsonObject {
  switch (operation.op) {
    case 'add':
      add(root, operation);
      return root;
    case 'remove':
      remove(root, operation);
      return root;
    case 'replace':
      return replace(root, operation);
    case 'move':
      move(root, operation);
      return root;
    case 'copy':
      copy(root, operation, budget);
      return root;
    case 'test':
      test(root, operation);
      return root;
    default:
      throw new BuildError(`Unexpected kind: ${operation.op}`);
  }
}

function textOf(value: JsonValue | undefined, message: string): string {
  if (typeof value !== 'string') throw new BuildError(message);
  return value;
}

function add(root: JsonObject, { path: raw, value }: Operation): void {
  const path = textOf(raw, 'add operation failed to decode path: missing value');
  const place = find(root, path);
  if (place === undefined) {
    throw new BuildError(`add operation does not apply: doc is missing path: "${path}": missing value`);
  }
  attempt(`error in add for path: '${path}'`, () => addAt(place, cloneJson(value ?? null)));
}

function remove(root: JsonObject, { path: raw }: Operation): void {
  const path = textOf(raw, 'remove operation failed to decode path: missing value');
  const place = find(root, path);
  if (place === undefined) {
    throw new BuildError(`remove operation does not apply: doc is missing path: "${path}": missing value`);
  }
  attempt(`error in remove for path: '${path}'`, () => removeAt(place));
}

function replace(root: JsonObject, { path: raw, value }: Operation): JsonObject {
  const path = textOf(raw, 'replace operation failed to decode path: operation missing path field: missing value');
  if (path === '') {
    if (isObject(value)) return cloneJson(value) as JsonObject;
    throw new BuildError('replace operation value must be object or array');
  }
  const place = find(root, path);
  if (place === undefined) {
    throw new BuildError(`replace operation does not apply: doc is missing path: ${path}: missing value`);
  }
  const { container, key } = place;
  if (!Array.isArray(container)) {
    setField(container, key, cloneJson(value ?? null));
    return root;
  }
  const index = indexIn(container, key, container.length);
  if (index === undefined) {
    throw new BuildError(`replace operation does not apply: doc is missing key: ${path}: missing value`);
  }
  container[index] = cloneJson(value ?? null);
  return root;
}

function move(root: JsonObject, operation: Operation): void {
  const from = textOf(
    operation.from,
    'move operation failed to decode from: operation, missing from field: missing value',
  );
  const source = find(root, from);
  if (source === undefined) {
    throw new BuildError(`move operation does not apply: doc is missing from path: ${from}: missing value`);
  }
  const value = attempt(`error in move for path: '${source.key}'`, () => {
    const found = getAt(source);
    removeAt(source);
    return found;
  });
  const path = textOf(
    operation.path,
    'move operation failed to decode path: operation missing path field: missing value',
  );
  const target = find(root, path);
  if (target === undefined) {
    throw new BuildError(`move operation does not apply: doc is missing destination path: ${path}: missing value`);
  }
  attempt(`error in move for path: '${path}'`, () => addAt(target, value ?? null));
}

function copy(root: JsonObject, operation: Operation, budget: CopyBudget): void {
  const from = textOf(
    operation.from,
    'copy operation failed to decode from: operation, missing from field: missing value',
  );
  const source = find(root, from);
  if (source === undefined) {
    throw new BuildError(`copy operation does not apply: doc is missing from path: ${from}: missing value`);
  }
  const value = attempt(`error in copy for from: '${from}'`, () => getAt(source));
  const path = textOf(operation.path, 'copy operation failed to decode path: missing value');
  const target = find(root, path);
  if (target === undefined) {
    throw new BuildError(`copy operation does not apply: doc is missing destination path: ${path}: missing value`);
  }
  budget.charge(value ?? null, 'a JSON patch');
  attempt('error while adding value during copy', () => addAt(target, cloneJson(value ?? null)));
}

function test(root: JsonObject, { path: raw, value }: Operation): void {
  const path = textOf(raw, 'test operation failed to decode path: operation missing path field: missing value');
  const failed = new BuildError(`testing value ${path} failed: test failed`);
  if (path === '') {
    if (!jsonEquals(root, value ?? null)) throw failed;
    return;
  }
  const place = find(root, path);
  if (place === undefined)
    throw new BuildError(`test operation does not apply: is missing path: ${path}: missing value`);
  const found = attempt(`error in test for path: '${path}'`, () => getAt(place));
  if (!jsonEquals(found ?? null, value ?? null)) throw failed;
}

function attempt<T>(prefix: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw new BuildError(`${prefix}: ${error.message}`, { cause: error });
  }
}

/** The container that the path's last part lies in. */
function find(root: JsonObject, path: string): Place | undefined {
  const parts = path.split('/');
  if (parts.length < 2) return undefined;
  let container: Container = root;
  for (const part of parts.slice(1, -1)) {
    const key = decodeKey(part);
    const next: JsonValue | undefined = Array.isArray(container) ? itemAt(container, key) : fieldOf(container, key);
    if (typeof next !== 'object' || next === null) return undefined;
    container = next;
  }
  return { container, key: decodeKey(parts.at(-1) ?? '') };
}

function decodeKey(key: string): string {
  return key.includes('~') ? key.replace(/~[01]/g, (code) => (code === '~1' ? '/' : '~')) : key;
}

const integer = /^[+-]?\d+$/;

/** Negative indices count from the end; undefined when the key is no index or lies outside. */
function indexIn(list: readonly JsonValue[], key: string, size: number): number | undefined {
  if (!integer.test(key)) return undefined;
  const index = Number.parseInt(key, 10);
  const actual = index < 0 ? index + size : index;
  return actual >= 0 && actual < size && size >= list.length ? actual : undefined;
}

function itemAt(list: readonly JsonValue[], key: string): JsonValue | undefined {
  const index = indexIn(list, key, list.length);
  return index === undefined ? undefined : list[index];
}

function badIndex(key: string): BuildError {
  if (!integer.test(key)) return new BuildError(`strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`);
  return new BuildError(`Unable to access invalid index: ${Number.parseInt(key, 10)}: invalid index referenced`);
}

function getAt({ container, key }: Place): JsonValue | undefined {
  if (!Array.isArray(container)) return fieldOf(container, key);
  const index = indexIn(container, key, container.length);
  if (index === undefined) throw badIndex(key);
  return container[index];
}

function addAt({ container, key }: Place, value: JsonValue): void {
  if (!Array.isArray(container)) {
    setField(container, key, value);
    return;
  }
  if (key === '-') {
    container.push(value);
    return;
  }
  if (!integer.test(key)) {
    throw new BuildError(
      `value was not a proper array index: '${key}': strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`,
    );
  }
  const index = indexIn(container, key, container.length + 1);
  if (index === undefined) throw badIndex(key);
  container.splice(index, 0, value);
}

function removeAt({ container, key }: Place): void {
  if (!Array.isArray(container)) {
    if (fieldOf(container, key) === undefined) {
      throw new BuildError(`Unable to remove nonexistent key: ${key}: missing value`);
    }
    delete container[key];
    return;
  }
  const index = indexIn(container, key, container.length);
  if (index === undefined) throw badIndex(key);
  container.splice(index, 1);
}

function jsonEquals(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return typeof a !== 'string' && typeof b !== 'string' && a !== null && b !== null && String(a) === String(b);
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => jsonEquals(item, b[index] as JsonValue));
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && jsonEquals(a[key] as JsonValue, b[key] as JsonValue));
}

/** kustomize passes a patched object through float64, so integers beyond 2^53 lose digits there. */
function limitIntegers(value: JsonValue): JsonValue {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) value[index] = limitIntegers(value[index] as JsonValue);
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      const child = value[key];
      if (typeof child === 'bigint') setField(value, key, Number(child));
      else if (typeof child === 'object') limitIntegers(child);
    }
  }
  return value;
}
