import { randomInt, randomUUID } from 'node:crypto';
import type { KubeObject } from '@flux/apimachinery';
import { formatTime } from '@flux/gotypes';
import { enforcePolicies } from '../admission/validating-policies.ts';
import { alreadyExists, failure, forbidden, internalError, invalid, notFound } from '../status.ts';
import { storageKey } from '../storage/bucket.ts';
import { without } from '../strategies/fields.ts';
import { finalizerWarnings, validateMetadata } from './metadata.ts';
import { recordUpdate, restoreForeignParts } from './ownership.ts';
import { groupResourceOf } from './resource.ts';
import { adoptNamespace, strategyContext, type WriteRequest } from './write-request.ts';

const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

export interface CreateOptions {
  /** The object comes out of an apply and carries its managedFields. */
  applied?: boolean;
}

/**
 * Stores a new, decoded object. Flow: namespace → admission → ownership → server-owned parts → validation → policies → storage,
 * in the API server's order, because it decides which of several errors is answered.
 */
export function createObject(request: WriteRequest, object: KubeObject, options: CreateOptions = {}): KubeObject {
  const { resource } = request;
  const { strategy } = resource;
  const context = strategyContext(request);
  adoptNamespace(object, request);
  checkNamespace(request, object);
  strategy.setDefaults?.(object);
  delete object.metadata.deletionTimestamp;
  delete object.metadata.deletionGracePeriodSeconds;
  if (!options.applied) recordUpdate(object, undefined, request);
  restoreForeignParts(object, undefined, request);
  strategy.admit?.(object, context);
  prepareForCreate(request, object);
  const errors = [...validateMetadata(object, resource), ...validateNew(request, object)];
  if (errors.length > 0) throw invalid(resource, object.metadata.name ?? '', errors);
  for (const text of [...finalizerWarnings(object), ...(strategy.warnings?.(object, undefined, context) ?? [])])
    request.warn(text);
  enforcePolicies({ operation: 'CREATE', write: request, object, oldObject: undefined });
  return storeNew(request, object);
}

function validateNew(request: WriteRequest, object: KubeObject) {
  const { resource } = request;
  const fromStrategy = resource.strategy.validate?.(object, strategyContext(request)) ?? [];
  return [...fromStrategy, ...(resource.custom?.validate(object) ?? [])];
}

function prepareForCreate(request: WriteRequest, object: KubeObject): void {
  const { resource, api } = request;
  const { strategy } = resource;
  const { metadata } = object;
  if (metadata.generateName && !metadata.name) metadata.name = generateName(metadata.generateName);
  metadata.uid = randomUUID();
  metadata.creationTimestamp = formatTime(api.now());
  if (countsGeneration(request)) metadata.generation = 1;
  else delete metadata.generation;
  if (resource.hasStatus && resource.builtin) object['status'] ??= {};
  strategy.prepareForCreate?.(object, strategyContext(request));
}

function countsGeneration({ resource }: WriteRequest): boolean {
  return (resource.strategy.generation ?? 'none') !== 'none';
}

function storeNew(request: WriteRequest, object: KubeObject): KubeObject {
  const { resource, api, dryRun } = request;
  if (object.metadata.resourceVersion)
    throw internalError('resourceVersion should not be set on objects to be created');
  delete object.metadata.resourceVersion;
  const { namespace, name } = object.metadata;
  const existing = resource.bucket.get(storageKey(namespace, name));
  if (existing) {
    const error = alreadyExists(groupResourceOf(resource), name);
    if (!existing.metadata.deletionTimestamp) throw error;
    throw failure(409, 'AlreadyExists', `object is being deleted: ${error.message}`, error.status.details);
  }
  object.metadata = orderMembers(object.metadata, resource.builtin);
  if (dryRun) {
    delete object.metadata.resourceVersion;
    return object;
  }
  const stored = api.store.put(resource.bucket, resource.toStored(object));
  resource.strategy.onStored?.(stored, strategyContext(request));
  return resource.fromStored(stored);
}

const goOrder = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const;

/** Members in the order in which clients see them: that of Go's struct, or of the alphabet for custom resources. */
function orderMembers(metadata: KubeObject['metadata'], builtin: boolean): KubeObject['metadata'] {
  // The store fills in the resourceVersion, where it is not yet known.
  const complete = { ...metadata, resourceVersion: '' };
  const names = builtin ? goOrder.filter((name) => complete[name] !== undefined) : Object.keys(complete).sort();
  const members = names.map((name) => [name, complete[name as keyof typeof complete]]);
  return { ...Object.fromEntries(members), ...(builtin ? without(complete, goOrder) : {}) } as KubeObject['metadata'];
}

/** Five characters without vowels, as Kubernetes draws them; the prefix is cut so that the name fits 63. */
export function generateName(prefix: string): string {
  let suffix = '';
  for (let count = 0; count < 5; count++) suffix += suffixAlphabet[randomInt(suffixAlphabet.length)];
  return `${prefix.slice(0, 58)}${suffix}`;
}

/** Admission plugin NamespaceLifecycle: the namespace must exist and not be on its way out. */
function checkNamespace({ resource, api, namespace }: WriteRequest, object: KubeObject): void {
  if (!resource.namespaced || !namespace || isAccessReview(resource.group)) return;
  const found = api.find('', 'namespaces', undefined, namespace);
  if (!found) throw notFound({ group: '', resource: 'namespaces' }, namespace);
  if (!found.metadata.deletionTimestamp) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const error = forbidden(groupResourceOf(resource), object.metadata.name ?? '', why);
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  };
  throw failure(403, 'Forbidden', error.message, { ...error.status.details, causes: [cause] });
}

function isAccessReview(group: string): boolean {
  return group === 'authorization.k8s.io' || group === 'authentication.k8s.io';
}
