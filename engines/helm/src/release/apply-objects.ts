import { isAlreadyExists, isConflict, isNotFound, type KubeObject } from '@flux/apimachinery';
import { createClientSidePatch } from './client-side-patch.ts';
import { managedFieldsUpgrade } from './managed-fields.ts';
import { isGenerated } from './ownership.ts';
import type { DeletionPropagation } from './release-cluster.ts';
import type { ReleaseContext } from './release-context.ts';
import { joinErrors, messageOf, ReleaseError, wrapError } from './release-error.ts';
import { indexObjects, type ReleaseObject, subjectOf } from './release-objects.ts';

/** Requests in flight at once. */
const concurrency = 16;
const conflictRetries = 5;

export interface WriteMethod {
  serverSideApply: boolean;
  /** Under server-side apply: takes over fields that others manage. */
  forceConflicts?: boolean;
  /** Client-side: PUT instead of a patch (HELM-KUBE-07). */
  forceReplace?: boolean;
  /** Client-side: a three-way merge also for kinds that are not built in. */
  threeWayForUnstructured?: boolean;
  /** Under server-side apply: first takes over what client-side apply of the same manager wrote. */
  upgradesFieldManager?: boolean;
}

/** Creates all objects, those of one kind side by side; failures do not stop the others (HELM-KUBE-03). */
export async function createObjects(
  context: ReleaseContext,
  objects: readonly ReleaseObject[],
  method: WriteMethod,
): Promise<void> {
  await performByKind(context, objects, (item) => createObject(context, item, method));
}

export interface UpdateResult {
  /** Tried to create, also those that failed. */
  created: ReleaseObject[];
  /** Set when something failed; the rest of the result holds all the same. */
  error?: unknown;
}

/**
 * Brings `targets` into the cluster and removes those of `originals` that are none of them (HELM-KUBE-04). Failed creations
 * abort, failed updates are collected, and nothing is removed after a failure.
 */
export async function updateObjects(
  context: ReleaseContext,
  objects: { originals: readonly ReleaseObject[]; targets: readonly ReleaseObject[] },
  method: WriteMethod,
): Promise<UpdateResult> {
  const created: ReleaseObject[] = [];
  const errors: unknown[] = [];
  const findOriginal = indexObjects(objects.originals);
  try {
    await forEachKind(context, objects.targets, async (item) => {
      const live = await lookUp(context, item);
      if (!live) {
        created.push(item);
        await createObject(context, item, method).catch((error: unknown) => {
          throw wrapError('failed to create resource', error);
        });
        return;
      }
      const original = findOriginal(item)?.object ?? live;
      await updateObject(context, { original, target: item, live }, method).catch((error: unknown) =>
        errors.push(error),
      );
    });
    context.signal?.throwIfAborted();
  } catch (error) {
    return { created, error };
  }
  if (errors.length === 0) errors.push(...(await removeOthers(context, objects)));
  return errors.length === 0 ? { created } : { created, error: joinErrors(errors, ' && ') };
}

async function lookUp(context: ReleaseContext, item: ReleaseObject): Promise<KubeObject | undefined> {
  if (isGenerated(item)) return undefined;
  try {
    return await context.cluster.find(item.ref, signalOf(context));
  } catch (error) {
    throw wrapError('could not get information about the resource', error);
  }
}

async function createObject(context: ReleaseContext, item: ReleaseObject, method: WriteMethod): Promise<void> {
  if (method.serverSideApply && !isGenerated(item)) return applyObject(context, item, method);
  const { fieldManager, cluster } = context;
  item.live = await retryOnConflict(() => cluster.create(item.object, { fieldManager, ...signalOf(context) }));
}

async function applyObject(context: ReleaseContext, item: ReleaseObject, method: WriteMethod): Promise<void> {
  try {
    item.live = await context.cluster.apply(item.object, {
      fieldManager: context.fieldManager,
      fieldValidation: 'Strict',
      force: method.forceConflicts ?? false,
      ...signalOf(context),
    });
  } catch (error) {
    context.signal?.throwIfAborted();
    const what = isConflict(error) ? 'conflict occurred while applying object' : 'server-side apply failed for object';
    throw wrapError(`${what} ${subjectOf(item)}`, error);
  }
}

interface Versions {
  original: KubeObject;
  target: ReleaseObject;
  live: KubeObject;
}

function updateObject(context: ReleaseContext, versions: Versions, method: WriteMethod): Promise<void> {
  if (method.forceReplace) return replaceObject(context, versions.target);
  if (method.serverSideApply) return applyOver(context, versions, method);
  return patchObject(context, versions, method);
}

async function replaceObject(context: ReleaseContext, item: ReleaseObject): Promise<void> {
  const { fieldManager, cluster } = context;
  try {
    // the newest version, as kubectl replace does: a PUT without one is refused for some kinds
    item.live = await retryOnConflict(async () => {
      const { resourceVersion = '' } = (await cluster.get(item.ref, signalOf(context))).metadata;
      const object = { ...item.object, metadata: { ...item.object.metadata, resourceVersion } };
      return cluster.update(object, { fieldManager, fieldValidation: 'Strict', ...signalOf(context) });
    });
  } catch (error) {
    throw wrapError('failed to replace object', error);
  }
}

async function applyOver(context: ReleaseContext, { target, live }: Versions, method: WriteMethod): Promise<void> {
  if (method.upgradesFieldManager) await upgradeFieldManager(context, target, live);
  await applyObject(context, target, method);
}

async function upgradeFieldManager(context: ReleaseContext, target: ReleaseObject, live: KubeObject): Promise<void> {
  const { cluster, fieldManager } = context;
  let current = live;
  await retryOnConflict(async () => {
    const patch = managedFieldsUpgrade(current, fieldManager);
    if (!patch) return;
    try {
      await cluster.patch(target.ref, 'json', patch, { fieldManager, ...signalOf(context) });
    } catch (error) {
      if (!isConflict(error)) {
        throw wrapError(`failed to patch object to upgrade CSA field manager ${subjectOf(target)}`, error);
      }
      current = await cluster.get(target.ref, signalOf(context));
      throw error;
    }
  });
}

async function patchObject(context: ReleaseContext, versions: Versions, method: WriteMethod): Promise<void> {
  const { target, live } = versions;
  const { ref } = target;
  const { type, patch } = clientSidePatch(versions, method);
  if (Object.keys(patch).length === 0) {
    target.live = live;
    return;
  }
  try {
    const options = { fieldManager: context.fieldManager, ...signalOf(context) };
    target.live = await context.cluster.patch(ref, type, patch, options);
  } catch (error) {
    throw wrapError(`cannot patch "${ref.name}" with kind ${ref.kind}`, error);
  }
}

function clientSidePatch(versions: Versions, method: WriteMethod) {
  try {
    return createClientSidePatch(versions, { threeWay: method.threeWayForUnstructured ?? false });
  } catch (error) {
    throw wrapError('failed to create patch', error);
  }
}

/** Objects of the old manifest that the new one does not have; `helm.sh/resource-policy: keep` on the live object saves it. */
async function removeOthers(
  context: ReleaseContext,
  { originals, targets }: { originals: readonly ReleaseObject[]; targets: readonly ReleaseObject[] },
): Promise<unknown[]> {
  const findTarget = indexObjects(targets);
  const errors: unknown[] = [];
  for (const item of originals.filter((original) => !findTarget(original))) {
    context.signal?.throwIfAborted();
    const { kind, name, namespace = '' } = item.ref;
    const live = await context.cluster.find(item.ref, signalOf(context)).catch((error: unknown) => {
      context.log?.('unable to get object', { kind, name, namespace, error: messageOf(error) });
      return undefined;
    });
    if (!live || live.metadata.annotations?.['helm.sh/resource-policy'] === 'keep') continue;
    try {
      await context.cluster.delete(item.ref, { propagationPolicy: 'Background', ...signalOf(context) });
    } catch (error) {
      if (isNotFound(error)) continue;
      errors.push(wrapError(`failed to delete resource namespace=${namespace}, name=${name}, kind=${kind}`, error));
    }
  }
  return errors;
}

/** Deletes all, those of one kind side by side; absent ones count as deleted. Answers the failures. */
export async function deleteObjects(
  context: ReleaseContext,
  objects: readonly ReleaseObject[],
  propagationPolicy: DeletionPropagation,
): Promise<unknown[]> {
  const errors: unknown[] = [];
  await forEachKind(context, objects, async ({ ref }) => {
    try {
      await context.cluster.delete(ref, { propagationPolicy, ...signalOf(context) });
    } catch (error) {
      if (!isNotFound(error)) errors.push(error);
    }
  });
  return errors;
}

/** Like `forEachKind`, but goes on after failures and joins them at the end. */
async function performByKind(
  context: ReleaseContext,
  objects: readonly ReleaseObject[],
  perform: (item: ReleaseObject) => Promise<void>,
): Promise<void> {
  const errors: unknown[] = [];
  await forEachKind(context, objects, (item) => perform(item).catch((error: unknown) => void errors.push(error)));
  context.signal?.throwIfAborted();
  if (errors.length > 0) throw joinErrors(errors, '\n');
}

/** Runs of equal kinds one after the other, the objects of a run side by side; the first failure ends it after its run. */
async function forEachKind(
  context: ReleaseContext,
  objects: readonly ReleaseObject[],
  perform: (item: ReleaseObject) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < objects.length; ) {
    let end = start + 1;
    while (end < objects.length && end - start < concurrency && isSameKind(objects[start]!, objects[end]!)) end += 1;
    context.signal?.throwIfAborted();
    const results = await Promise.allSettled(objects.slice(start, end).map(perform));
    const failure = results.find((result) => result.status === 'rejected');
    if (failure) throw failure.reason;
    start = end;
  }
}

function isSameKind(a: ReleaseObject, b: ReleaseObject): boolean {
  return a.ref.kind === b.ref.kind;
}

async function retryOnConflict<T>(attempt: () => Promise<T>): Promise<T> {
  for (let count = 1; ; count += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isConflict(error) || isAlreadyExists(error) || count >= conflictRetries) throw error;
    }
  }
}

/** For calls that take a signal. */
export function signalOf({ signal }: ReleaseContext): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}

/** What a waiter is told of objects: the state after our write. */
export function liveStates(objects: readonly ReleaseObject[]): KubeObject[] {
  return objects.map(({ object, live }) => live ?? object);
}

export function describeMethod({ serverSideApply }: WriteMethod): 'ssa' | 'csa' {
  return serverSideApply ? 'ssa' : 'csa';
}

/** Refused combinations of options, in Helm's words. */
export function checkMethod(method: WriteMethod): WriteMethod {
  if (method.serverSideApply && method.forceReplace) {
    const text = 'invalid operation: cannot use server-side apply and force replace together';
    throw new ReleaseError(text);
  }
  return method;
}
