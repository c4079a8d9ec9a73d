import { getMember, isJsonObject, type JsonObject, type KubeObject, mergeDiff, setMember } from '@flux/apimachinery';
import { mergeSchema } from '@flux/builtin';
import { ReleaseError } from './release-error.ts';
import type { ReleaseObject } from './release-objects.ts';
import { threeWayStrategicPatch } from './strategic-diff.ts';

type JsonRecord = Record<string, unknown>;

export interface ClientSidePatch {
  type: 'merge' | 'strategic';
  patch: JsonRecord;
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
  if (!options.threeWay) return { type: 'merge', patch: mergeDiff(original, modified) ?? {} };
  return { type: 'merge', patch: threeWayMergePatch(original, modified, current) };
}

function threeWayMergePatch(original: JsonObject, modified: JsonObject, current: JsonObject): JsonRecord {
  const changes = pickNulls(mergeDiff(current, modified) ?? {}, false);
  const deletions = pickNulls(mergeDiff(original, modified) ?? {}, true);
  const patch = mergeAll(deletions, changes);
  const metadata = getMember(patch, 'metadata');
  const isIdentityChanged =
    Object.hasOwn(patch, 'apiVersion') ||
    Object.hasOwn(patch, 'kind') ||
    (isJsonObject(metadata) && 'name' in metadata);
  if (!isIdentityChanged) return patch;
  throw new ReleaseError('precondition failed: at least one field was changed: apiVersion, kind or name');
}

/** Only what a merge patch deletes, or only the rest; an empty object that is set on purpose is a value. */
function pickNulls(patch: JsonRecord, nulls: boolean): JsonRecord {
  const result: JsonRecord = {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) {
      if (nulls) setMember(result, key, null);
    } else if (isJsonObject(value) && Object.keys(value).length > 0) {
      const inner = pickNulls(value, nulls);
      if (Object.keys(inner).length > 0) setMember(result, key, inner);
    } else if (!nulls) {
      setMember(result, key, value);
    }
  }
  return result;
}

function mergeAll(target: JsonRecord, patch: JsonRecord): JsonRecord {
  for (const [key, value] of Object.entries(patch)) {
    const before = getMember(target, key);
    const isMerged = isJsonObject(before) && isJsonObject(value);
    setMember(target, key, isMerged ? mergeAll(before, value) : value);
  }
  return target;
}

/** A Kubernetes object is JSON, whatever its type says. */
function asJson(object: KubeObject): JsonObject {
  return object as unknown as JsonObject;
}
