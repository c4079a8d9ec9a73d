import {
  applyJsonPatch,
  applyMergePatch,
  applyServerSide,
  type JsonValue,
  type KubeObject,
  type ManagedFieldsEntry,
  newConflictsStatus,
  parentManagedFields,
  scaleManagedFields,
  trackUpdate,
} from '@flux/apimachinery';
import { resolveSchema } from '@flux/builtin';
import { formatTime } from '@flux/gotypes';
import { readPath, splitPath } from '../crd/scale-path.ts';
import { GoDecodeError } from '../decode/decode-error.ts';
import { decodeStruct } from '../decode/go-types.ts';
import { apiVersionOf, groupResourceOf, type Resource } from '../registry/resource.ts';
import { updateAdmitted } from '../registry/update.ts';
import type { WriteRequest } from '../registry/write-request.ts';
import { badRequest, failure, invalid, invalidField, methodNotAllowed, modifiedConflict, notFound } from '../status.ts';
import { storageKey } from '../storage/bucket.ts';
import { copyJson } from '../storage/freeze.ts';
import { formatSelector } from '../strategies/pod-template.ts';
import { readBody } from './body.ts';
import { type Call, isForced, writeRequest } from './endpoint.ts';
import { type ApiResponse, objectResponse } from './messages.ts';
import { negotiate } from './negotiate.ts';
import { invalidApplied, readApplyBody, readPatch } from './patch-body.ts';

const definition = 'io.k8s.api.autoscaling.v1.Scale';
const scaleVersion = 'autoscaling/v1';

/** GET, PUT and PATCH of the Scale of a workload or custom resource. */
export async function scaleEndpoint(call: Call): Promise<ApiResponse> {
  const { api, resource, info, request } = call;
  const { mediaType } = negotiate(request.headers['accept']);
  if (request.method === 'GET') {
    await api.store.settled();
    const live = resource.bucket.get(storageKey(info.namespace, info.name!));
    if (!live) throw notFound(groupResourceOf(resource), info.name!);
    checkReplicas(resource, live);
    return objectResponse(200, scaleOf(resource, live), mediaType);
  }
  if (request.method !== 'PUT' && request.method !== 'PATCH') throw methodNotAllowed();
  const isApply = request.body.kind !== 'none' && request.body.mediaType === 'application/apply-patch+yaml';
  const write = writeRequest(call, request.method === 'PUT' ? 'UpdateOptions' : 'PatchOptions', isApply);
  const updated = await updateAdmitted(write, (live) => rescale(call, write, live, isApply), {
    applied: true,
    unconditional: true,
  });
  await api.store.settled();
  return objectResponse(200, scaleOf(resource, updated), mediaType);
}

/** A custom resource without the field has no scale to show. */
function checkReplicas(resource: Resource, live: KubeObject): void {
  const path = resource.custom?.scale?.specReplicasPath;
  if (path === undefined || readPath(live, splitPath(path)) !== undefined) return;
  const message = `the spec replicas field ${JSON.stringify(path)} does not exist`;
  throw failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

function pathsOf(resource: Resource) {
  const { scale } = resource.custom ?? {};
  return {
    spec: splitPath(scale?.specReplicasPath ?? '.spec.replicas'),
    status: splitPath(scale?.statusReplicasPath ?? '.status.replicas'),
    selector: scale ? (scale.labelSelectorPath ? splitPath(scale.labelSelectorPath) : undefined) : undefined,
  };
}

function scaleOf(resource: Resource, object: KubeObject): KubeObject {
  const { metadata } = object;
  const paths = pathsOf(resource);
  const replicas = readPath(object, paths.spec);
  const selector = selectorOf(resource, object);
  return {
    kind: 'Scale',
    apiVersion: scaleVersion,
    metadata: {
      name: metadata.name,
      ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
      uid: metadata.uid!,
      resourceVersion: metadata.resourceVersion!,
      creationTimestamp: metadata.creationTimestamp!,
    },
    spec: typeof replicas === 'number' && replicas !== 0 ? { replicas } : {},
    status: { replicas: readPath(object, paths.status) ?? 0, ...(selector ? { selector } : {}) },
  };
}

function selectorOf(resource: Resource, object: KubeObject): string | undefined {
  const { selector } = pathsOf(resource);
  if (resource.custom) {
    const value = selector ? readPath(object, selector) : undefined;
    return typeof value === 'string' ? value : undefined;
  }
  const value = object['spec']?.selector;
  if (resource.kind !== 'ReplicationController') return formatSelector(value);
  return formatSelector({ matchLabels: value ?? {} });
}

/** The live object with the replicas that the client asked for, and who owns them now. */
function rescale(call: Call, request: WriteRequest, live: KubeObject, isApply: boolean): KubeObject {
  const { resource } = call;
  const before = scaleOf(resource, live);
  const paths = { [apiVersionOf(resource)]: pathsOf(resource).spec };
  const owners = scaleManagedFields(live.metadata.managedFields, paths);
  if (owners) before.metadata.managedFields = owners;
  const scale = isApply ? applied(call, request, before) : updated(call, request, before);
  checkScale(call, scale, live);
  const object = copyJson(live);
  write(object, pathsOf(resource).spec, scale['spec']?.replicas ?? 0);
  const { resourceVersion } = live.metadata;
  object.metadata.resourceVersion = resourceVersion!;
  setOwners(
    object,
    parentManagedFields(live.metadata.managedFields, scale.metadata.managedFields, apiVersionOf(resource), paths),
  );
  return object;
}

function setOwners({ metadata }: KubeObject, entries: ManagedFieldsEntry[] | undefined): void {
  if (entries && entries.length > 0) metadata.managedFields = entries;
  else delete metadata.managedFields;
}

function tracking({ api }: Call, { fieldManager }: WriteRequest, live: KubeObject) {
  return {
    live,
    manager: fieldManager,
    subresource: 'scale',
    schema: resolveSchema(definition),
    now: formatTime(api.now()),
  };
}

function updated(call: Call, request: WriteRequest, before: KubeObject): KubeObject {
  const scale = decodeScale(wanted(call, before));
  setOwners(scale, trackUpdate({ ...tracking(call, request, before), updated: scale }));
  return scale;
}

function wanted({ request }: Call, before: KubeObject): unknown {
  const {
    metadata: { managedFields: _managedFields, ...metadata },
    ...rest
  } = before;
  const current = { ...copyJson(rest), metadata: { ...metadata } } as unknown as JsonValue;
  if (request.method === 'PUT') return readBody(request.body, 'Scale').value;
  const { body } = request;
  const mediaType = body.kind === 'none' ? '' : body.mediaType;
  const patch = readPatch(body, 'error decoding patch: ');
  return mediaType === 'application/json-patch+json' ? applyJsonPatch(current, patch) : applyMergePatch(current, patch);
}

function decodeScale(value: unknown): KubeObject {
  try {
    return {
      ...decodeStruct(definition, value ?? {}, { strict: [] }),
      kind: 'Scale',
      apiVersion: scaleVersion,
    } as KubeObject;
  } catch (error) {
    if (!(error instanceof GoDecodeError)) throw error;
    throw badRequest(`Scale in version "v1" cannot be handled as a Scale: ${error.message}`);
  }
}

function applied(call: Call, request: WriteRequest, before: KubeObject): KubeObject {
  const value = readApplyBody(request, call.request.body);
  const { apiVersion, kind } = value;
  if (apiVersion !== scaleVersion || kind !== 'Scale') throw invalidApplied(apiVersion, kind);
  decodeScale(value);
  const force = isForced(call.request.query);
  const { object, conflicts } = applyServerSide({
    ...tracking(call, request, before),
    applied: value as KubeObject,
    force,
  });
  if (conflicts.length > 0) throw newConflictsStatus(conflicts);
  return decodeScale(object);
}

function checkScale({ resource, info }: Call, scale: KubeObject, live: KubeObject): void {
  const { name, resourceVersion, uid } = scale.metadata;
  if (name && name !== info.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${info.name})`);
  if ((resourceVersion && resourceVersion !== live.metadata.resourceVersion) || (uid && uid !== live.metadata.uid)) {
    throw modifiedConflict(groupResourceOf(resource), info.name!);
  }
  const replicas = scale['spec']?.replicas ?? 0;
  // That of a custom resource is checked with the whole of it.
  if (replicas < 0 && !resource.custom) {
    const error = invalidField('spec.replicas', replicas, 'must be greater than or equal to 0');
    throw invalid({ group: 'autoscaling', kind: 'Scale' }, info.name!, [error]);
  }
}

function write(object: KubeObject, path: readonly string[], value: unknown): void {
  let target: Record<string, unknown> = object;
  for (const part of path.slice(0, -1)) {
    target[part] ??= {};
    target = target[part] as Record<string, unknown>;
  }
  target[path[path.length - 1]!] = value;
}
