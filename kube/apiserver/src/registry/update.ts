import { deepEqual, type KubeObject } from '@flux/apimachinery';
import { mustWait, mutate, mutateWithWebhooks, validate, validateWithWebhooks } from '../admission/admit.ts';
import type { Attributes } from '../admission/attributes.ts';
import { enforceQuotas } from '../quota/enforce.ts';
import {
  conflict,
  type FieldError,
  internalError,
  invalid,
  invalidField,
  modifiedConflict,
  notFound,
} from '../status.ts';
import { storageKey } from '../storage/bucket.ts';
import { copyJson } from '../storage/freeze.ts';
import { finalizerWarnings, validateMetadata, validateMetadataUpdate } from './metadata.ts';
import { recordUpdate, restoreForeignParts } from './ownership.ts';
import { groupResourceOf, type Resource } from './resource.ts';
import { adoptNamespace, strategyContext, type WriteRequest } from './write-request.ts';

export interface UpdateOptions {
  /** The new object comes out of an apply and carries its managedFields. */
  applied?: boolean;
  /** PATCH needs no resourceVersion even where PUT does. */
  unconditional?: boolean;
}

/** A changed object on its way through admission. */
interface Change extends Attributes {
  object: KubeObject;
  readonly oldObject: KubeObject;
  /** What was stored when the change began. */
  readonly stored: KubeObject;
}

type Produce = (live: KubeObject) => KubeObject;

/**
 * Replaces a stored object by what `produce` makes of it. There is no await between reading and writing, so writers
 * never race inside the server; conflicts come only from the resourceVersion that a client sent.
 */
export function updateObject(request: WriteRequest, produce: Produce, options: UpdateOptions = {}): KubeObject {
  const change = beginChange(request, produce, options);
  mutate(change, () => undefined);
  finishChange(change);
  validate(change);
  return storeChanged(request, change.object, change.oldObject);
}

const maxAttempts = 5;

/**
 * The same for requests of clients, which may have to wait for admission webhooks. What changed meanwhile is read again and
 * asked about again, unless the client wants a certain resourceVersion: then it is a conflict.
 */
export async function updateAdmitted(
  request: WriteRequest,
  produce: Produce,
  options: UpdateOptions = {},
): Promise<KubeObject> {
  if (!mustWait(request)) return updateObject(request, produce, options);
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const change = beginChange(request, (live) => copyJson(produce(live)), options);
    await mutateWithWebhooks(change, () => undefined);
    finishChange(change);
    await validateWithWebhooks(change);
    if (find(request) === change.stored) return storeChanged(request, change.object, change.oldObject);
  }
  throw modifiedConflict(groupResourceOf(request.resource), request.name!);
}

function find({ resource, namespace, name }: WriteRequest): KubeObject | undefined {
  return resource.bucket.get(storageKey(namespace, name!));
}

function beginChange(request: WriteRequest, produce: Produce, options: UpdateOptions): Change {
  const { resource } = request;
  const stored = find(request);
  if (!stored) throw notFound(groupResourceOf(resource), request.name!);
  const live = resource.fromStored(stored);
  const object = produce(live);
  adoptNamespace(object, request);
  checkPreconditions(request, object, live, options);
  if (options.unconditional) checkPatchedUid(request, object, live);
  resource.strategy.setDefaults?.(object);
  if (!options.applied) recordUpdate(object, live, request);
  restoreForeignParts(object, live, request);
  restoreSystemMetadata(object, live);
  return { operation: 'UPDATE', write: request, object, oldObject: live, stored };
}

function finishChange({ write: request, object, oldObject: live }: Change): void {
  adoptNamespace(object, request);
  restoreForeignParts(object, live, request);
  restoreSystemMetadata(object, live);
  prepareForUpdate(request, object, live);
  const errors = validateChanged(request, object, live);
  if (errors.length > 0) throw invalid(request.resource, object.metadata.name, errors);
  for (const text of warningsOf(request, object, live)) request.warn(text);
}

function checkPreconditions(
  { resource }: WriteRequest,
  object: KubeObject,
  live: KubeObject,
  { unconditional }: UpdateOptions,
): void {
  const { uid, resourceVersion } = object.metadata;
  const target = groupResourceOf(resource);
  if (uid && uid !== live.metadata.uid && !unconditional) {
    const key = etcdKey(resource, live);
    const why = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`;
    throw conflict(target, live.metadata.name, why);
  }
  if (!resourceVersion || resourceVersion === '0') {
    if (!resource.strategy.requiresVersion || unconditional) return;
    const error = invalidField('metadata.resourceVersion', 0, 'must be specified for an update');
    // The server names the resource here, where it names the kind elsewhere.
    throw invalid({ group: resource.group, kind: resource.plural }, live.metadata.name, [error]);
  }
  if (!/^\d+$/.test(resourceVersion)) {
    throw internalError(`strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`);
  }
  if (resourceVersion !== live.metadata.resourceVersion) throw modifiedConflict(target, live.metadata.name);
}

/** PUT takes a uid for a precondition; to a patch it is a field like others, which nobody may change. */
function checkPatchedUid({ resource }: WriteRequest, { metadata }: KubeObject, live: KubeObject): void {
  if (!metadata.uid || metadata.uid === live.metadata.uid) return;
  const error = invalidField('metadata.uid', metadata.uid, 'field is immutable');
  throw invalid(resource, live.metadata.name, [error, error]);
}

/** Resources that etcd keeps under other names than their own. */
const etcdNames: Readonly<Record<string, string>> = {
  services: 'services/specs',
  endpoints: 'services/endpoints',
  nodes: 'minions',
  ingresses: 'ingress',
};

/** Where Kubernetes would keep an object, which some messages tell. */
function etcdKey({ group, plural, builtin }: Resource, { metadata }: KubeObject): string {
  const own = builtin && group !== 'apiextensions.k8s.io' ? (etcdNames[plural] ?? plural) : `${group}/${plural}`;
  return ['/registry', own, metadata.namespace, metadata.name].filter((part) => part).join('/');
}

function restoreSystemMetadata(object: KubeObject, live: KubeObject): void {
  for (const field of [
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'generation',
  ] as const) {
    delete object.metadata[field];
    if (live.metadata[field] !== undefined) Object.assign(object.metadata, { [field]: live.metadata[field] });
  }
  object.metadata.resourceVersion = live.metadata.resourceVersion!;
  if (!object.metadata.name) object.metadata.name = live.metadata.name;
}

function prepareForUpdate(request: WriteRequest, object: KubeObject, live: KubeObject): void {
  const { strategy } = request.resource;
  strategy.prepareForUpdate?.(object, live, strategyContext(request));
  if (request.subresource === 'status') return;
  if (generationChanges(request, object, live)) object.metadata.generation = (live.metadata.generation ?? 0) + 1;
}

function generationChanges({ resource }: WriteRequest, object: KubeObject, live: KubeObject): boolean {
  switch (resource.strategy.generation ?? 'none') {
    case 'none':
      return false;
    case 'spec':
      return !deepEqual(object['spec'], live['spec']);
    case 'spec and annotations':
      return (
        !deepEqual(object['spec'], live['spec']) || !deepEqual(object.metadata.annotations, live.metadata.annotations)
      );
    case 'object':
      return !deepEqual(contentOf(object, resource.hasStatus), contentOf(live, resource.hasStatus));
  }
}

/** Everything whose change counts: without metadata, and without status where that is a subresource. */
function contentOf(object: KubeObject, hasStatus: boolean): Record<string, unknown> {
  const { metadata: _metadata, apiVersion: _apiVersion, kind: _kind, status, ...content } = object;
  return hasStatus ? content : { ...content, status };
}

/** Parts of metadata that updates check besides what they change. */
const lookedAtAgain = /^metadata\.(?:labels|annotations|ownerReferences)\b/;

function validateChanged(request: WriteRequest, object: KubeObject, live: KubeObject) {
  const { resource, subresource } = request;
  const { strategy } = resource;
  const found = validateMetadata(object, resource);
  // The server looks once for all kinds and once for the kind, and tells both times; some kinds look at everything again.
  const changes = [...validateMetadataUpdate(object, live), ...found.filter(({ field }) => lookedAtAgain.test(field))];
  const again = subresource === '' && strategy.validatesMetadataAgain ? found : [];
  const custom = resource.custom?.validate(object, live) ?? [];
  // Not by push(...): a hostile object has more wrong labels than a call may have arguments.
  return [
    ...[...found, ...changes, ...changes, ...again],
    ...validateContent(request, object, live),
    ...(subresource === 'status' ? custom.map(withinStatus) : custom),
  ];
}

function validateContent(request: WriteRequest, object: KubeObject, live: KubeObject): readonly FieldError[] {
  const { strategy } = request.resource;
  if (request.subresource === 'status') return strategy.validateStatusUpdate?.(object, live) ?? [];
  const context = strategyContext(request);
  return strategy.validateUpdate?.(object, live, context) ?? strategy.validate?.(object, context) ?? [];
}

/** What is written through /status is checked by itself, so that messages name fields below it. */
function withinStatus(error: FieldError): FieldError {
  const isOwn = error.field.startsWith('status.') && error.detail.startsWith(`${error.field} in body`);
  return isOwn ? { ...error, detail: error.detail.slice('status.'.length) } : error;
}

function warningsOf(request: WriteRequest, object: KubeObject, live: KubeObject): string[] {
  if (request.subresource) return [];
  const known = new Set(finalizerWarnings(live));
  const fresh = finalizerWarnings(object).filter((text) => !known.has(text));
  return [...fresh, ...(request.resource.strategy.warnings?.(object, live, strategyContext(request)) ?? [])];
}

function storeChanged(request: WriteRequest, object: KubeObject, live: KubeObject): KubeObject {
  const { resource, api, dryRun } = request;
  keepTimesOfUnchangedEntries(object, live);
  if (isGone(object)) {
    const answer = object;
    if (!dryRun) {
      const key = storageKey(object.metadata.namespace, object.metadata.name);
      // Watches see the object as it was stored last: the update that let it go is not a change of its own.
      const removed = api.store.remove(resource.bucket, key);
      if (removed) resource.strategy.onRemoved?.(removed, strategyContext(request));
    }
    return answer;
  }
  if (deepEqual(object, live)) return live;
  const chargeQuotas = enforceQuotas(request, object, live);
  if (dryRun) return object;
  const stored = api.store.put(resource.bucket, resource.toStored(resource.inOrder(object)));
  resource.strategy.onStored?.(stored, strategyContext(request));
  chargeQuotas();
  return resource.fromStored(stored);
}

/** A deleted object disappears with its last finalizer. */
function isGone({ metadata, kind, spec }: KubeObject): boolean {
  // A namespace has finalizers of its own besides.
  if (kind === 'Namespace' && spec?.finalizers?.length > 0) return false;
  return (
    metadata.deletionTimestamp !== undefined &&
    (metadata.finalizers ?? []).length === 0 &&
    (metadata.deletionGracePeriodSeconds ?? 0) === 0
  );
}

/** When only the times of managedFields differ nothing happened, and the object stays as it is (KUBE-SSA-13). */
function keepTimesOfUnchangedEntries(object: KubeObject, live: KubeObject): void {
  const before = live.metadata.managedFields;
  const after = object.metadata.managedFields;
  if (!before || !after || before.length !== after.length) return;
  const timeless = after.map(({ time: _time, ...entry }) => entry);
  const wasTimeless = before.map(({ time: _time, ...entry }) => entry);
  if (!deepEqual(timeless, wasTimeless)) return;
  const { managedFields: _a, ...rest } = object.metadata;
  const { managedFields: _b, ...liveRest } = live.metadata;
  if (deepEqual({ ...object, metadata: rest }, { ...live, metadata: liveRest })) {
    object.metadata.managedFields = copyJson(before);
  }
}
