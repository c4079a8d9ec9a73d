import type { KubeObject } from '@flux/apimachinery';
import { formatTime } from '@flux/gotypes';
import { mustWait, mutateWithWebhooks, validate, validateWithWebhooks } from '../admission/admit.ts';
import type { Attributes } from '../admission/attributes.ts';
import { badRequest, conflict, type FieldError, invalid, invalidField, notFound, unsupportedField } from '../status.ts';
import { storageKey } from '../storage/bucket.ts';
import { groupResourceOf, type Resource } from './resource.ts';
import { strategyContext, type WriteRequest } from './write-request.ts';

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: string;
  orphanDependents?: boolean;
  uid?: string;
  resourceVersion?: string;
}

export interface DeleteResult {
  object: KubeObject;
  /** False when finalizers or a grace period keep it for now. */
  gone: boolean;
}

export function deleteObject(request: WriteRequest, options: DeleteOptions): DeleteResult {
  const live = findLive(request, options);
  validate(deletionOf(request, live));
  return removeLive(request, options, live);
}

/** The same for requests of clients, which may have to wait for admission webhooks; what changed meanwhile is asked about again. */
export async function deleteAdmitted(request: WriteRequest, options: DeleteOptions): Promise<DeleteResult> {
  if (!mustWait(request)) return deleteObject(request, options);
  for (;;) {
    const live = findLive(request, options);
    const deletion = deletionOf(request, live);
    await mutateWithWebhooks(deletion, () => undefined);
    await validateWithWebhooks(deletion);
    if (findLive(request, options) === live) return removeLive(request, options, live);
  }
}

function findLive(request: WriteRequest, options: DeleteOptions): KubeObject {
  const { resource } = request;
  const live = resource.bucket.get(storageKey(request.namespace, request.name!));
  if (!live) throw notFound(groupResourceOf(resource), request.name!);
  checkPreconditions(resource, live, options);
  return live;
}

function deletionOf(write: WriteRequest, live: KubeObject): Attributes {
  return { operation: 'DELETE', write, object: undefined, oldObject: write.resource.fromStored(live) };
}

function removeLive(request: WriteRequest, options: DeleteOptions, live: KubeObject): DeleteResult {
  const { resource } = request;
  const key = storageKey(request.namespace, request.name!);
  const special = resource.strategy.markDeleted?.(live, strategyContext(request));
  if (special) return { object: special === live ? live : storeMark(request, special), gone: false };
  const finalizers = finalizersAfter(live, resource, options);
  const grace = resource.strategy.gracePeriod?.(live, options.gracePeriodSeconds) ?? 0;
  if (finalizers.length === 0 && grace === 0) {
    // Kinds with a grace period are marked even when there is nothing to wait for.
    const last = resource.strategy.gracePeriod ? markDeleted(request, live, finalizers, 0) : live;
    return { object: removeNow(request, key, last, finalizers), gone: true };
  }
  const marked = markDeleted(request, live, finalizers, grace);
  return { object: marked, gone: false };
}

function checkPreconditions(resource: Resource, live: KubeObject, { uid, resourceVersion }: DeleteOptions): void {
  const { metadata } = live;
  // The server names the kind here, where it names the resource elsewhere.
  const target = { group: resource.group, resource: resource.kind };
  if (resource.strategy.markDeleted) {
    checkOwnPreconditions(resource, live, { uid, resourceVersion });
    return;
  }
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`;
    throw conflict(target, metadata.name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
    throw conflict(target, metadata.name, why);
  }
}

/** Kinds whose deletion is no matter of finalizers alone have other words for the same. */
function checkOwnPreconditions(
  resource: Resource,
  { metadata }: KubeObject,
  given: { uid: string | undefined; resourceVersion: string | undefined },
): void {
  const problems = [
    [given.uid, metadata.uid, 'UID'],
    [given.resourceVersion, metadata.resourceVersion, 'ResourceVersion'],
  ] as const;
  for (const [wanted, found, name] of problems) {
    if (wanted === undefined || wanted === found) continue;
    const why = `Precondition failed: ${name} in precondition: ${wanted}, ${name} in object meta: ${found}`;
    throw conflict(groupResourceOf(resource), metadata.name, why);
  }
}

const policies = ['Foreground', 'Background', 'Orphan'];

/** Refuses options that contradict themselves, before anything is looked up. */
function checkOptions({ propagationPolicy, orphanDependents }: DeleteOptions, dryRun: unknown): FieldError[] {
  const errors: FieldError[] = [];
  if (propagationPolicy !== undefined && orphanDependents !== undefined) {
    const why = 'orphanDependents and deletionPropagation cannot be both set';
    errors.push(invalidField('propagationPolicy', propagationPolicy, why));
  }
  if (propagationPolicy !== undefined && !policies.includes(propagationPolicy)) {
    errors.push(unsupportedField('propagationPolicy', propagationPolicy, [...policies, 'nil']));
  }
  if (Array.isArray(dryRun) && dryRun.some((value) => value !== 'All')) {
    errors.push(unsupportedField('dryRun', dryRun, ['All']));
  }
  return errors;
}

/** Which finalizers the garbage collector needs for this propagation, besides those that the object has. */
function finalizersAfter(live: KubeObject, resource: Resource, options: DeleteOptions): string[] {
  const current = live.metadata.finalizers ?? [];
  const orphan = wantsOrphan(current, resource, options);
  const foreground = wantsForeground(current, options);
  const kept = current.filter((finalizer) => finalizer !== 'orphan' && finalizer !== 'foregroundDeletion');
  if (orphan) kept.push('orphan');
  if (foreground) kept.push('foregroundDeletion');
  const unchanged = kept.length === current.length && kept.every((finalizer) => current.includes(finalizer));
  return unchanged ? [...current] : kept;
}

function wantsOrphan(current: readonly string[], resource: Resource, options: DeleteOptions): boolean {
  if (options.orphanDependents !== undefined) return options.orphanDependents;
  if (options.propagationPolicy !== undefined) return options.propagationPolicy === 'Orphan';
  if (current.includes('orphan')) return true;
  if (current.includes('foregroundDeletion')) return false;
  return resource.strategy.defaultPropagation === 'Orphan';
}

function wantsForeground(current: readonly string[], options: DeleteOptions): boolean {
  if (options.orphanDependents !== undefined) return false;
  if (options.propagationPolicy !== undefined) return options.propagationPolicy === 'Foreground';
  return current.includes('foregroundDeletion');
}

function removeNow(request: WriteRequest, key: string, live: KubeObject, finalizers: readonly string[]): KubeObject {
  const { api, resource, dryRun } = request;
  const had = live.metadata.finalizers ?? [];
  const { finalizers: _finalizers, ...metadata } = live.metadata;
  const last = had.length > finalizers.length ? { ...live, metadata } : live;
  if (dryRun) return last;
  const removed = api.store.remove(resource.bucket, key, last);
  if (!removed) return last;
  resource.strategy.onRemoved?.(removed, strategyContext(request));
  return removed;
}

function markDeleted(request: WriteRequest, live: KubeObject, finalizers: string[], grace: number): KubeObject {
  const { api, resource } = request;
  const { metadata } = live;
  const unchanged = sameStrings(finalizers, metadata.finalizers ?? []);
  const graceful = resource.strategy.gracePeriod !== undefined;
  const shorter =
    graceful && metadata.deletionGracePeriodSeconds !== undefined && grace < metadata.deletionGracePeriodSeconds;
  if (metadata.deletionTimestamp && unchanged && !shorter) return live;
  const first = metadata.deletionTimestamp === undefined;
  const changed: KubeObject = { ...live, metadata: { ...metadata } };
  if (finalizers.length > 0) changed.metadata.finalizers = finalizers;
  else delete changed.metadata.finalizers;
  if (first || shorter) {
    changed.metadata.deletionTimestamp = formatTime(new Date(api.now().getTime() + grace * 1000));
    changed.metadata.deletionGracePeriodSeconds = grace;
  }
  if (first && metadata.generation) changed.metadata.generation = metadata.generation + 1;
  return storeMark(request, changed);
}

function storeMark(request: WriteRequest, changed: KubeObject): KubeObject {
  const { api, resource, dryRun } = request;
  if (dryRun) return changed;
  const stored = api.store.put(resource.bucket, changed);
  resource.strategy.onStored?.(stored, strategyContext(request));
  return stored;
}

function sameStrings(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** Reads DeleteOptions of the query and the body; the body wins. */
export function parseDeleteOptions(query: ReadonlyMap<string, readonly string[]>, body: unknown): DeleteOptions {
  const options: DeleteOptions = {};
  const grace = query.get('gracePeriodSeconds')?.[0];
  if (grace !== undefined) options.gracePeriodSeconds = parseInteger(grace);
  const policy = query.get('propagationPolicy')?.[0];
  if (policy !== undefined) options.propagationPolicy = policy;
  const orphan = query.get('orphanDependents')?.[0];
  if (orphan !== undefined) options.orphanDependents = orphan !== 'false' && orphan !== '0';
  const given = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  readBody(given, options);
  const errors = checkOptions(options, given['dryRun']);
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors);
  return options;
}

function readBody(body: Record<string, unknown>, options: DeleteOptions): void {
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions } = body;
  if (typeof gracePeriodSeconds === 'number') options.gracePeriodSeconds = gracePeriodSeconds;
  if (typeof propagationPolicy === 'string') options.propagationPolicy = propagationPolicy;
  if (typeof orphanDependents === 'boolean') options.orphanDependents = orphanDependents;
  if (typeof preconditions !== 'object' || preconditions === null) return;
  const { uid, resourceVersion } = preconditions as Record<string, unknown>;
  if (typeof uid === 'string') options.uid = uid;
  if (typeof resourceVersion === 'string') options.resourceVersion = resourceVersion;
}

function parseInteger(text: string): number {
  if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}
