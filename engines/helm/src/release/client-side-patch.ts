import { deepEqual, getMember, isJsonObject, type JsonObject, type KubeObject, setMember } from '@flux/apimachinery';
import { mergeSchema } from '@flux/builtin';
import { ReleaseError } from './release-error.ts';
import type { ReleaseObject } from './release-objects.ts';
import { threeWayStrategicPatch } from './strategic-diff.ts';

export interface ClientSidePatch {
  type: 'merge' | 'strategic';
  patch: JsonObject;
}

/**
 * The patch of client-side apply (HELM-KUBE-05): three-way for built-in kinds; for others the difference of the two
 * manifests, whatever became of the object, or `threeWay` on adoption.
 */
export function createClientSidePatch(
  objects: { original: KubeObject; target: ReleaseObject; live: KubeObject },
  options: { threeWay: boolean },
): ClientSidePatch {
  const original = asJson(objects.original);
  const modified = asJson(objects.target.object);
  const current = asJson(objects.live);
  const { mapping } = objects.target;
  // APIServices are no part of client-go's scheme, which is how Helm tells built-in kinds
  const type = mapping.group === 'apiregistration.k8s.io' ? undefined : mergeSchema(mapping);
  if (type) return { type: 'strategic', patch: threeWayStrategicPatch({ original, modified, current }, type) };
  if (!options.threeWay) return { type: 'merge', patch: mergePatchBetween(original, modified) };
  return { type: 'merge', patch: threeWayMergePatch(original, modified, current) };
}

function threeWayMergePatch(original: JsonObject, modified: JsonObject, current: JsonObject): JsonObject {
  const changes = pickNulls(mergePatchBetween(current, modified), false);
  const deletions = pickNulls(mergePatchBetween(original, modified), true);
  const patch = mergeAll(deletions, changes);
  const metadata = getMember(patch, 'metadata');
  const isIdentityChanged =
    Object.hasOwn(patch, 'apiVersion') ||
    Object.hasOwn(patch, 'kind') ||
    (isJsonObject(metadata) && 'name' in metadata);
  if (!isIdentityChanged) return patch;
  throw new ReleaseError('precondition failed: at least one field was changed: apiVersion, kind or name');
}

/** The RFC 7386 patch that turns one document into the other. */
function mergePatchBetween(before: JsonObject, after: JsonObject): JsonObject {
  const patch: JsonObject = {};
  for (const [key, value] of Object.entries(after)) {
    const old = getMember(before, key);
    if (isJsonObject(old) && isJsonObject(value)) {
      const inner = mergePatchBetween(old as JsonObject, value as JsonObject);
      if (Object.keys(inner).length > 0) setMember(patch, key, inner);
    } else if (old === undefined || !deepEqual(old, value)) {
      setMember(patch, key, value);
    }
  }
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) setMember(patch, key, null);
  return patch;
}

/** Only what a merge patch deletes, or only the rest; an empty object that is set on purpose is a value. */
function pickNulls(patch: JsonObject, nulls: boolean): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) {
      if (nulls) setMember(result, key, null);
    } else if (isJsonObject(value) && Object.keys(value).length > 0) {
      const inner = pickNulls(value as JsonObject, nulls);
      if (Object.keys(inner).length > 0) setMember(result, key, inner);
    } else if (!nulls) {
      setMember(result, key, value);
    }
  }
  return result;
}

function mergeAll(target: JsonObject, patch: JsonObject): JsonObject {
  for (const [key, value] of Object.entries(patch)) {
    const before = getMember(target, key);
    const isMerged = isJsonObject(before) && isJsonObject(value);
    setMember(target, key, isMerged ? mergeAll(before as JsonObject, value as JsonObject) : value);
  }
  return target;
}

/** A Kubernetes object is JSON, whatever its type says. */
function asJson(object: KubeObject): JsonObject {
  return object as unknown as JsonObject;
}
