import { deepCopy, getMember, isJsonObject, setMember } from '../deep.ts';
import { printGo } from '../go-format.ts';
import type { JsonObject, JsonValue } from '../object.ts';
import { propertySchema, type Schema } from '../schema.ts';
import { newBadRequest, newUnknownError, newUnprocessable } from '../statuses.ts';
import { type ListRules, orderMerged } from './element-order.ts';

/*
 * Follows k8s.io/apimachinery/pkg/util/strategicpatch with the options of the API server: directives are carried out and
 * nulls for members that the object does not have are dropped.
 */
const directive = '$patch';
const retainKeys = '$retainKeys';
const deletePrefix = '$deleteFromPrimitiveList';
const orderPrefix = '$setElementOrder';

/** Merges by the patch strategies and merge keys of the schema; throws StatusErrors (KUBE-PATCH-03). */
export function applyStrategicMergePatch(current: JsonValue, patch: unknown, schema: Schema): JsonValue {
  if (!isJsonObject(patch))
    throw newBadRequest(
      `json: cannot unmarshal ${Array.isArray(patch) ? 'array' : typeof patch} into Go value of type map[string]interface {}`,
    );
  const original = isJsonObject(current) ? (deepCopy(current) as JsonObject) : {};
  return mergeMap(original, deepCopy(patch) as JsonObject, schema);
}

function mergeMap(original: JsonObject, patch: JsonObject, schema: Schema | undefined): JsonObject {
  if (Object.hasOwn(patch, directive)) return applyDirective(patch);
  applyRetainKeys(original, patch);
  applyElementOrders(original, patch, schema);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(deletePrefix)) deleteFromList(original, key, value, schema);
    else if (value === null) delete original[key];
    else mergeMember(original, key, value, schema);
  }
  return original;
}

function applyDirective(patch: JsonObject): JsonObject {
  const value = patch[directive];
  if (value === 'replace') {
    delete patch[directive];
    return patch;
  }
  if (value === 'delete') return {};
  throw newUnknownError(`unknown patch type: ${printGo(value)} in map: ${printGo(patch)}`);
}

function mergeMember(original: JsonObject, key: string, value: JsonValue, schema: Schema | undefined): void {
  const before = getMember(original, key);
  const rules = rulesOf(schema, key);
  if (isJsonObject(before) && isJsonObject(value)) {
    const child = value as JsonObject;
    if (rules.strategy === 'replace') setMember(original, key, child);
    else setMember(original, key, mergeMap(before as JsonObject, child, rules.value));
  } else if (Array.isArray(before) && Array.isArray(value)) {
    setMember(original, key, rules.strategy === 'merge' ? mergeList(before, value, rules) : value);
  } else {
    const clean = withoutDirectives(isSameType(before, value) ? value : withoutNulls(value));
    if (clean === undefined) delete original[key];
    else setMember(original, key, clean);
  }
}

function isSameType(before: JsonValue | undefined, value: JsonValue): boolean {
  return before !== undefined && before !== null && typeof before === typeof value;
}

interface MemberRules extends ListRules {
  readonly strategy: string;
  readonly value: Schema | undefined;
}

/** How a member merges; undeclared members have no rules and merge like plain JSON. */
function rulesOf(schema: Schema | undefined, key: string): MemberRules {
  const member =
    schema === undefined
      ? undefined
      : (propertySchema(schema, key) ??
        (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined));
  const strategies = (member?.patchStrategy ?? '').split(',').filter((strategy) => strategy !== 'retainKeys');
  return {
    strategy: strategies[0] ?? '',
    mergeKey: member?.patchMergeKey ?? '',
    value: member,
    items: member?.items,
  };
}

/** `$retainKeys` names every member that may stay. */
function applyRetainKeys(original: JsonObject, patch: JsonObject): void {
  if (!Object.hasOwn(patch, retainKeys)) return;
  const list = patch[retainKeys];
  delete patch[retainKeys];
  if (!Array.isArray(list)) throw newBadRequest('invalid patch format of retainKeys');
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || key.startsWith(deletePrefix) || key.startsWith(orderPrefix)) continue;
    if (!list.includes(key)) throw newBadRequest('invalid patch format of retainKeys');
  }
  for (const key of Object.keys(original)) if (!list.includes(key)) delete original[key];
}

/** `$setElementOrder/<list>` is merged together with the list it orders. */
function applyElementOrders(original: JsonObject, patch: JsonObject, schema: Schema | undefined): void {
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(orderPrefix)) continue;
    const order = patch[key];
    delete patch[key];
    const name = listName(key, orderPrefix, 'setElementOrder list');
    if (!Array.isArray(order)) throw newUnknownError(`expected a []interface {}, but received a ${goKind(order)}`);
    applyElementOrder(original, patch, name, order, rulesOf(schema, name));
  }
}

function applyElementOrder(
  original: JsonObject,
  patch: JsonObject,
  name: string,
  order: JsonValue[],
  rules: MemberRules,
): void {
  const before = listOrUndefined(getMember(original, name));
  const patched = listOrUndefined(getMember(patch, name));
  checkOrder(patched ?? [], order, rules.mergeKey);
  if (before === undefined && patched === undefined) return;
  const merged = mergedList(before, patched, rules);
  setMember(original, name, orderMerged(merged, order, before ?? [], rules));
  delete patch[name];
}

function mergedList(
  before: JsonValue[] | undefined,
  patched: JsonValue[] | undefined,
  rules: MemberRules,
): JsonValue[] {
  if (patched === undefined) return before ?? [];
  if (before === undefined) return (withoutDirectives(patched) as JsonValue[] | undefined) ?? [];
  return rules.strategy === 'merge' ? mergeList([...before], patched, rules) : patched;
}

function listOrUndefined(value: JsonValue | undefined): JsonValue[] | undefined {
  if (value === undefined || Array.isArray(value)) return value;
  throw newUnknownError(`expected a []interface {}, but received a ${goKind(value)}`);
}

function goKind(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return '%!s(<nil>)';
  if (typeof value === 'object') return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'string' ? 'string' : 'float64';
}

function listName(key: string, prefix: string, what: string): string {
  const slash = key.indexOf('/');
  if (slash < 0 || key.slice(0, slash) !== prefix) throw newBadRequest(`invalid patch format of ${what}`);
  return key.slice(slash + 1);
}

/** The patch must not name items in another order than the order list does, or items that it lacks. */
function checkOrder(patch: readonly JsonValue[], order: readonly JsonValue[], mergeKey: string): void {
  if (patch.length === 0 || order.length === 0) return;
  const named = patch.filter((item) => mergeKey === '' || !(isJsonObject(item) && Object.hasOwn(item, directive)));
  let position = 0;
  for (const entry of order) {
    if (position >= named.length) break;
    if (keyOf(named[position]!, mergeKey) === keyOf(entry, mergeKey)) position++;
  }
  if (position < named.length) {
    throw newUnknownError(
      `The order in patch list:\n${printGo(patch)}\n doesn't match $setElementOrder list:\n${printGo(order)}\n`,
    );
  }
}

function keyOf(item: JsonValue, mergeKey: string): JsonValue {
  if (mergeKey === '') return item;
  if (!isJsonObject(item)) throw newUnknownError(`expected a map[string]interface {}, but received a ${goKind(item)}`);
  const value = getMember(item as JsonObject, mergeKey);
  if (value === undefined) throw noMergeKey(item, mergeKey);
  return value;
}

function noMergeKey(item: JsonValue, mergeKey: string): Error {
  return newUnknownError(`map: ${printGo(item)} does not contain declared merge key: ${mergeKey}`);
}

function deleteFromList(original: JsonObject, key: string, value: JsonValue, schema: Schema | undefined): void {
  const name = listName(key, deletePrefix, 'primitive list');
  const before = getMember(original, name);
  if (value === null) delete original[name];
  if (!Array.isArray(before) || !Array.isArray(value)) return;
  if (before.length === 0 && value.length === 0) return;
  const rules = rulesOf(schema, name);
  checkSameTypes(before, value);
  const isScalarList = !isJsonObject(before[0] ?? value[0] ?? null);
  setMember(
    original,
    name,
    isScalarList ? before.filter((item) => !value.includes(item)) : mergeList(before, value, rules),
  );
}

function mergeList(original: JsonValue[], patch: JsonValue[], rules: MemberRules): JsonValue[] {
  if (original.length === 0 && patch.length === 0) return original;
  checkSameTypes(original, patch);
  if (!isJsonObject(original[0] ?? patch[0] ?? null)) {
    return orderMerged([...new Set([...original, ...patch])], patch, original, rules);
  }
  if (rules.mergeKey === '') throw newUnknownError('cannot merge lists without merge key for slice');
  const [kept, additions] = carryOutDirectives(original, patch, rules.mergeKey);
  const merged = [...kept];
  for (const item of additions) {
    const key = keyOf(item, rules.mergeKey);
    const index = merged.findIndex((candidate) => sameKey(candidate, rules.mergeKey, key));
    if (index < 0) merged.push(item);
    else merged[index] = mergeMap(merged[index] as JsonObject, item as JsonObject, rules.items);
  }
  return orderMerged(merged, additions, kept, rules);
}

function sameKey(item: JsonValue, mergeKey: string, key: JsonValue): boolean {
  return isJsonObject(item) && getMember(item as JsonObject, mergeKey) === key;
}

/** `$patch: delete` items take theirs away, `$patch: replace` lets only the patch stay. */
function carryOutDirectives(
  original: readonly JsonValue[],
  patch: readonly JsonValue[],
  mergeKey: string,
): [kept: JsonValue[], additions: JsonValue[]] {
  let kept = [...original];
  const additions: JsonValue[] = [];
  let replaces = false;
  for (const item of patch) {
    const action = getMember(item as JsonObject, directive);
    if (action === undefined) additions.push(item);
    else if (action === 'replace') replaces = true;
    else if (action === 'delete') {
      const key = keyOf(item, mergeKey);
      kept = kept.filter((candidate) => !sameKey(candidate, mergeKey, key));
    } else if (action === 'merge') throw newUnknownError('merging lists cannot yet be specified in the patch');
    else throw newUnknownError(`unknown patch type: ${printGo(action)} in map: ${printGo(item)}`);
  }
  return replaces ? [additions, []] : [kept, additions];
}

function checkSameTypes(...lists: readonly JsonValue[][]): void {
  const types = new Set(
    lists.flat().map((item) => (Array.isArray(item) ? 'list' : item === null ? 'null' : typeof item)),
  );
  if (types.has('list')) throw newUnprocessable();
  if (types.size > 1) throw newUnknownError(`list element types are not identical: ${printGo(lists)}`);
}

/** The value as it goes into an object; undefined when the value itself is a directive. */
function withoutDirectives(value: JsonValue): JsonValue | undefined {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isJsonObject(value)) return value;
  if (Object.hasOwn(value, directive)) return undefined;
  const result: JsonObject = {};
  for (const [key, member] of Object.entries(value as JsonObject)) {
    const clean = withoutDirectives(member);
    if (clean !== undefined) setMember(result, key, clean);
  }
  return result;
}

function withoutNulls(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  const result: JsonObject = {};
  for (const [key, member] of Object.entries(value as JsonObject)) {
    if (member !== null) setMember(result, key, withoutNulls(member));
  }
  return result;
}
