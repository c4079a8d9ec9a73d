import { type KubeObject, trackUpdate } from '@flux/apimachinery';
import { formatTime } from '@flux/gotypes';
import { copyJson } from '../storage/freeze.ts';
import type { WriteRequest } from './write-request.ts';

/** Paths that this endpoint does not write, as the strategy's GetResetFields says: never changed, never owned. */
function resetFieldsOf({ resource, subresource }: WriteRequest): string[][] {
  if (subresource === '') return resource.hasStatus ? [['status']] : [];
  if (subresource !== 'status') return [];
  if (!resource.builtin) return [['metadata'], ['spec']];
  if (resource.kind === 'Deployment') return [['spec'], ['metadata', 'labels']];
  return [['spec']];
}

/** What field tracking and apply have to know of a request. */
export function trackingOptions(request: WriteRequest, live: KubeObject | undefined) {
  const { resource, api, fieldManager, subresource } = request;
  return {
    live,
    manager: fieldManager,
    subresource,
    schema: resource.schema(),
    now: formatTime(api.now()),
    resetFields: resetFieldsOf(request),
    convert: (object: KubeObject, apiVersion: string) => {
      const other = api.catalog.findKind(apiVersion, resource.kind);
      if (!other) return undefined;
      const converted = other.fromStored(resource.toStored(object));
      return { object: converted, schema: other.schema() };
    },
  };
}

/** Records an Update by the request's field manager in `object.metadata.managedFields`. */
export function recordUpdate(object: KubeObject, live: KubeObject | undefined, request: WriteRequest): void {
  const managedFields = trackUpdate({ ...trackingOptions(request, live), updated: object });
  if (managedFields && managedFields.length > 0) object.metadata.managedFields = managedFields;
  else delete object.metadata.managedFields;
}

/** Restores what this endpoint may not change. */
export function restoreForeignParts(object: KubeObject, live: KubeObject | undefined, request: WriteRequest): void {
  const { resource, subresource } = request;
  if (subresource === '') {
    if (resource.hasStatus && (live || !resource.strategy.createsWithStatus)) restore(object, live, 'status');
  } else if (subresource === 'status') {
    for (const key of Object.keys({ ...object, ...live })) {
      if (!['apiVersion', 'kind', 'metadata', 'status'].includes(key)) restore(object, live, key);
    }
    if (live && !resource.builtin) restoreMetadata(object, live);
    if (live && resource.kind === 'Deployment')
      restore(object.metadata as unknown as Fields, live.metadata as unknown as Fields, 'labels');
  }
}

type Fields = Record<string, unknown>;

/** The status of a custom resource carries no metadata but the record of who wrote it. */
function restoreMetadata(object: KubeObject, live: KubeObject): void {
  const { managedFields } = object.metadata;
  object.metadata = copyJson(live.metadata);
  if (managedFields) object.metadata.managedFields = managedFields;
  else delete object.metadata.managedFields;
}

function restore(object: Fields, live: Fields | undefined, field: string): void {
  if (live && live[field] !== undefined) object[field] = copyJson(live[field]);
  else delete object[field];
}
