import { randomInt, randomUUID } from 'node:crypto';
import type { KubeObject } from '@flux/apimachinery';
import { formatTime } from '@flux/gotypes';
import { mustWait, mutate, mutateWithWebhooks, validate, validateWithWebhooks } from '../admission/admit.ts';
import type { Attributes } from '../admission/attributes.ts';
import { enforceQuotas } from '../quota/enforce.ts';
import { alreadyExists, failure, forbidden, internalError, invalid, notFound } from '../status.ts';
import { storageKey } from '../storage/bucket.ts';
import { finalizerWarnings, validateMetadata } from './metadata.ts';
import { recordUpdate, restoreForeignParts } from './ownership.ts';
import { groupResourceOf } from './resource.ts';
import { adoptNamespace, strategyContext, type WriteRequest } from './write-request.ts';

/** What Kubernetes draws the random parts of names from: nothing that makes words. */
export const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

export interface CreateOptions {
  /** The object comes out of an apply and carries its managedFields. */
  applied?: boolean;
}

/** A new object on its way through admission. */
type Creation = Attributes & { object: KubeObject };

/**
 * Stores a new, decoded object. Flow: namespace → ownership → admission → server-owned parts → validation → policies →
 * storage, in the API server's order, because it decides which of several errors is answered.
 */
export function createObject(request: WriteRequest, object: KubeObject, options: CreateOptions = {}): KubeObject {
  const creation = beginCreation(request, object, options);
  mutate(creation, () => readmit(creation));
  finishCreation(creation);
  validate(creation);
  return storeNew(request, creation.object);
}

/** The same for requests of clients, which may have to wait for admission webhooks. */
export async function createAdmitted(
  request: WriteRequest,
  object: KubeObject,
  options: CreateOptions = {},
): Promise<KubeObject> {
  if (!mustWait(request)) return createObject(request, object, options);
  const creation = beginCreation(request, object, options);
  await mutateWithWebhooks(creation, () => readmit(creation));
  finishCreation(creation);
  await validateWithWebhooks(creation);
  checkNamespace(request, creation.object);
  return storeNew(request, creation.object);
}

function beginCreation(request: WriteRequest, object: KubeObject, options: CreateOptions): Creation {
  const { strategy } = request.resource;
  adoptNamespace(object, request);
  checkNamespace(request, object);
  strategy.setDefaults?.(object);
  delete object.metadata.deletionTimestamp;
  delete object.metadata.deletionGracePeriodSeconds;
  if (!options.applied) recordUpdate(object, undefined, request);
  restoreForeignParts(object, undefined, request);
  strategy.admit?.(object, strategyContext(request));
  return { operation: 'CREATE', write: request, object, oldObject: undefined };
}

function readmit({ write, object }: Creation): void {
  write.resource.strategy.admit?.(object, strategyContext(write));
}

function finishCreation({ write: request, object }: Creation): void {
  const { resource } = request;
  adoptNamespace(object, request);
  restoreForeignParts(object, undefined, request);
  prepareForCreate(request, object);
  const errors = [...validateMetadata(object, resource), ...validateNew(request, object)];
  if (errors.length > 0) throw invalid(resource, object.metadata.name ?? '', errors);
  const fromStrategy = resource.strategy.warnings?.(object, undefined, strategyContext(request)) ?? [];
  for (const text of [...finalizerWarnings(object), ...fromStrategy]) request.warn(text);
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
  const chargeQuotas = enforceQuotas(request, object);
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
  // The store fills in the resourceVersion, where it is not yet known.
  const shown = resource.inOrder({ ...object, metadata: { ...object.metadata, resourceVersion: '' } });
  if (dryRun) {
    delete shown.metadata.resourceVersion;
    return shown;
  }
  const stored = api.store.put(resource.bucket, resource.toStored(shown));
  resource.strategy.onStored?.(stored, strategyContext(request));
  chargeQuotas();
  return resource.fromStored(stored);
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
