import { deepEqual, getMember, isJsonObject, type JsonObject, type JsonValue, setMember } from '@flux/apimachinery';
import type { MergeField, MergeType } from '@flux/builtin';
import { ReleaseError } from './release-error.ts';

/*
 * The diff half of k8s.io/apimachinery/pkg/util/strategicpatch: what kubectl apply and Helm send to the server.
 */

interface DiffOptions {
  /** Leaves out what `modified` no longer has. */
  ignoresDeletions: boolean;
  /** Leaves out everything but deletions. */
  ignoresChanges: boolean;
}

const retainKeysDirective = '$retainKeys';

/**
 * The patch that brings `current` to `modified`, and removes what `original` had and `modified` has not; what others added
 * to `current` stays (HELM-KUBE-05).
 */
export function threeWayStrategicPatch(
  objects: { original: JsonObject; modified: JsonObject; current: JsonObject },
  type: MergeType,
): JsonObject {
  const { original, modified, current } = objects;
  const delta = diffMaps(current, modified, { type, ignoresDeletions: true, ignoresChanges: false });
  const deletions = diffMaps(original, modified, { type, ignoresDeletions: false, ignoresChanges: true });
  return mergePatches(deletions, delta, type);
}

interface Scope extends DiffOptions {
  type: MergeType | undefined;
  retainsKeys?: boolean;
}

function diffMaps(original: JsonObject, modified: JsonObject, scope: Scope): JsonObject {
  const patch: JsonObject = {};
  for (const [key, value] of Object.entries(modified)) {
    const before = getMember(original, key);
    if (before === undefined) {
      if (!scope.ignoresChanges) setMember(patch, key, value);
    } else if (isJsonObject(before) && isJsonObject(value)) {
      diffMember({ key, before: before as JsonObject, value: value as JsonObject }, scope, patch);
    } else if (Array.isArray(before) && Array.isArray(value)) {
      diffListMember({ key, before, value }, scope, patch);
    } else if (!scope.ignoresChanges && !deepEqual(before, value)) {
      setMember(patch, key, value);
    }
  }
  if (!scope.ignoresDeletions) {
    for (const key of Object.keys(original)) if (!Object.hasOwn(modified, key)) setMember(patch, key, null);
  }
  if (scope.retainsKeys) retainKeys(original, modified, patch);
  return patch;
}

/** Names all fields that stay, so that the server drops the others: a union such as a Deployment's strategy. */
function retainKeys(original: JsonObject, modified: JsonObject, patch: JsonObject): void {
  const kept = Object.keys(modified).filter((key) => modified[key] !== null);
  const hasExtra = Object.keys(original).some((key) => !Object.hasOwn(modified, key));
  if (kept.length > 0 && (Object.keys(patch).length > 0 || hasExtra)) patch[retainKeysDirective] = kept.sort();
}

interface Rules {
  strategy: string;
  retainsKeys: boolean;
  mergeKey: string;
  child: MergeType | undefined;
}

/** How a member merges; the values of a map all merge alike. */
function rulesOf(type: MergeType | undefined, key: string): Rules {
  const field = type?.findField(key);
  const strategies = (field?.strategy ?? '').split(',');
  return {
    strategy: strategies.find((strategy) => strategy !== '' && strategy !== 'retainKeys') ?? '',
    retainsKeys: strategies.includes('retainKeys'),
    mergeKey: field?.mergeKey ?? '',
    child: field?.isMap ? mapOf(field) : field?.child,
  };
}

function mapOf({ child }: MergeField): MergeType {
  const value: MergeField = { strategy: '', mergeKey: '', child, isMap: false };
  return { findField: () => value };
}

function diffMember(
  member: { key: string; before: JsonObject; value: JsonObject },
  scope: Scope,
  patch: JsonObject,
): void {
  const { key, before, value } = member;
  const rules = rulesOf(scope.type, key);
  if (rules.strategy === 'replace') {
    if (!scope.ignoresChanges && !deepEqual(before, value)) setMember(patch, key, value);
    return;
  }
  const inner = diffMaps(before, value, { ...scope, type: rules.child, retainsKeys: rules.retainsKeys });
  if (Object.keys(inner).length > 0) setMember(patch, key, inner);
}

function diffListMember(
  member: { key: string; before: JsonValue[]; value: JsonValue[] },
  scope: Scope,
  patch: JsonObject,
): void {
  const { key, before, value } = member;
  const rules = rulesOf(scope.type, key);
  if (rules.strategy !== 'merge') {
    if (!scope.ignoresChanges && !deepEqual(before, value)) setMember(patch, key, value);
    return;
  }
  if (before.length === 0) {
    if (value.length > 0 && !scope.ignoresChanges) setMember(patch, key, value);
  } else if ([...before, ...value].every((item) => isJsonObject(item))) {
    diffKeyedList(member, { rules, scope, patch });
  } else {
    diffScalarList(member, scope, patch);
  }
}

function diffKeyedList(
  { key, before, value }: { key: string; before: JsonValue[]; value: JsonValue[] },
  { rules, scope, patch }: { rules: Rules; scope: Scope; patch: JsonObject },
): void {
  const { mergeKey } = rules;
  const rest = groupByKey(before as JsonObject[], mergeKey);
  const items: JsonObject[] = [];
  for (const item of value as JsonObject[]) {
    const old = rest.get(keyValueOf(item, mergeKey))?.shift();
    if (!old) {
      if (!scope.ignoresChanges) items.push(item);
      continue;
    }
    const inner = diffMaps(old, item, { ...scope, type: rules.child, retainsKeys: rules.retainsKeys });
    if (Object.keys(inner).length > 0) items.push({ ...inner, [mergeKey]: item[mergeKey]! });
  }
  if (!scope.ignoresDeletions) {
    const removed = [...rest.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, old]) => old);
    items.push(...removed.map((item): JsonObject => ({ $patch: 'delete', [mergeKey]: item[mergeKey]! })));
  }
  if (items.length > 0) setMember(patch, key, items);
  const isOrderChanged = !scope.ignoresChanges && !isSameOrder(before as JsonObject[], value as JsonObject[], mergeKey);
  if (items.length === 0 && !isOrderChanged) return;
  if (value.length === 0) return;
  patch[`$setElementOrder/${key}`] = (value as JsonObject[]).map((item) => ({ [mergeKey]: item[mergeKey]! }));
}

/** Entries of one key are matched in their order: ports of the same number and another protocol are such. */
function groupByKey(items: readonly JsonObject[], mergeKey: string): Map<string, JsonObject[]> {
  const groups = new Map<string, JsonObject[]>();
  for (const item of items) {
    const key = keyValueOf(item, mergeKey);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

function keyValueOf(item: JsonObject, mergeKey: string): string {
  const value = getMember(item, mergeKey);
  if (value !== undefined) return String(value);
  throw new ReleaseError(`map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`);
}

function isSameOrder(before: readonly JsonObject[], after: readonly JsonObject[], mergeKey: string): boolean {
  if (before.length !== after.length) return false;
  return after.every((item, index) => deepEqual(item[mergeKey], before[index]?.[mergeKey]));
}

function diffScalarList(
  { key, before, value }: { key: string; before: JsonValue[]; value: JsonValue[] },
  scope: Scope,
  patch: JsonObject,
): void {
  const added = withoutOnce(value, before);
  const removed = [...new Map(withoutOnce(before, value).map((item) => [String(item), item])).values()].sort();
  const isDeleting = !scope.ignoresDeletions && removed.length > 0;
  if (!scope.ignoresChanges && added.length > 0) setMember(patch, key, added);
  if (isDeleting) patch[`$deleteFromPrimitiveList/${key}`] = removed;
  const isChanged = !scope.ignoresChanges && !deepEqual(before, value);
  if ((isDeleting || isChanged) && value.length > 0) patch[`$setElementOrder/${key}`] = value;
}

/** The items that `others` does not have as often. */
function withoutOnce(items: readonly JsonValue[], others: readonly JsonValue[]): JsonValue[] {
  const counts = new Map<string, number>();
  for (const other of others) counts.set(String(other), (counts.get(String(other)) ?? 0) + 1);
  return items.filter((item) => {
    const count = counts.get(String(item)) ?? 0;
    if (count > 0) counts.set(String(item), count - 1);
    return count === 0;
  });
}

/** One patch with what both say; they never speak of the same field, save for directives, which are equal then. */
function mergePatches(target: JsonObject, patch: JsonObject, type: MergeType | undefined): JsonObject {
  for (const [key, value] of Object.entries(patch)) {
    const before = getMember(target, key);
    const rules = rulesOf(type, key);
    if (isJsonObject(before) && isJsonObject(value)) {
      setMember(target, key, mergePatches(before as JsonObject, value as JsonObject, rules.child));
    } else if (Array.isArray(before) && Array.isArray(value) && rules.strategy === 'merge') {
      const order = patch[`$setElementOrder/${key}`] ?? target[`$setElementOrder/${key}`];
      setMember(target, key, mergeLists({ before, value, order: Array.isArray(order) ? order : [] }, rules));
    } else {
      setMember(target, key, value);
    }
  }
  return target;
}

/** Deletions go last, as the server expects them. */
function mergeLists(
  { before, value, order }: { before: readonly JsonValue[]; value: readonly JsonValue[]; order: readonly JsonValue[] },
  rules: Rules,
): JsonValue[] {
  const result = [...before];
  const keyOf = (item: JsonValue | undefined) => (isJsonObject(item) ? item[rules.mergeKey] : item);
  for (const item of value) {
    const at = result.findIndex((other) => deepEqual(keyOf(other), keyOf(item)));
    if (at < 0) result.push(item);
    else if (isJsonObject(item)) result[at] = mergePatches(result[at] as JsonObject, item as JsonObject, rules.child);
  }
  const isDeletion = (item: JsonValue) => isJsonObject(item) && item['$patch'] === 'delete';
  const placeOf = (item: JsonValue) => order.findIndex((other) => deepEqual(keyOf(other), keyOf(item)));
  const kept = result.filter((item) => !isDeletion(item)).sort((a, b) => placeOf(a) - placeOf(b));
  return [...kept, ...result.filter(isDeletion)];
}
