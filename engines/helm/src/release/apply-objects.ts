import { isAlreadyExists, isConflict, type KubeObject } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import { forEachKind, performByKind } from './by-kind.ts';
import { createClientSidePatch } from './client-side-patch.ts';
import { removeOthers } from './delete-objects.ts';
import { managedFieldsUpgrade } from './managed-fields.ts';
import { isGenerated } from './ownership.ts';
import { type ReleaseContext, signalOf } from './release-context.ts';
import { joinErrors, wrapError } from './release-error.ts';
import { indexObjects, namesOf, type ReleaseObject, subjectOf } from './release-objects.ts';

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
  context.log?.('creating resource(s)', { resources: objects.length });
  logCreation(context, method);
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
  logCreation(context, method);
  logUpdate(context, method);
  context.log?.('checking resources for changes', { resources: objects.targets.length });
  try {
    await forEachKind(context, objects.targets, async (item) => {
      const live = await lookUp(context, item);
      if (!live) {
        created.push(item);
        await createObject(context, item, method).catch((error: unknown) => {
          throw wrapError('failed to create resource', error);
        });
        context.log?.('created a new resource', namesOf(item));
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

/** Everything is written for real, and checked strictly: what Helm could do otherwise is no option here. */
const always = { dryRun: false, fieldValidationDirective: 'Strict' };

function logCreation({ log }: ReleaseContext, { serverSideApply, forceConflicts = false }: WriteMethod): void {
  if (!serverSideApply) log?.('using client-side apply for resource creation');
  else log?.('using server-side apply for resource creation', { ...always, forceConflicts });
}

function logUpdate({ log }: ReleaseContext, method: WriteMethod): void {
  const { forceConflicts = false, upgradesFieldManager = false, threeWayForUnstructured = false } = method;
  if (method.forceReplace) {
    log?.('using resource replace update strategy', { fieldValidationDirective: 'Strict' });
  } else if (method.serverSideApply) {
    const details = { ...always, forceConflicts, upgradeClientSideFieldManager: upgradesFieldManager };
    log?.('using server-side apply for resource update', details);
  } else {
    const details = { threeWayMergeForUnstructured: threeWayForUnstructured };
    log?.('using client-side apply for resource update', details);
  }
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
  if (method.serverSideApply && !isGenerated(item)) {
    return applyObject(context, item, method, ['Created resource via patch', 'Error creating resource via patch']);
  }
  const { fieldManager, cluster } = context;
  item.live = await retryOnConflict(() => cluster.create(item.object, { fieldManager, ...signalOf(context) }));
}

async function applyObject(
  context: ReleaseContext,
  item: ReleaseObject,
  method: WriteMethod,
  [success, failure]: readonly [string, string],
): Promise<void> {
  const { ref, mapping } = item;
  const gvk = `${mapping.group}/${mapping.version}, Kind=${mapping.kind}`;
  const details = { gvk, name: ref.name, namespace: ref.namespace ?? '' };
  try {
    item.live = await context.cluster.apply(item.object, {
      fieldManager: context.fieldManager,
      fieldValidation: 'Strict',
      force: method.forceConflicts ?? false,
      ...signalOf(context),
    });
    context.log?.(success, details);
  } catch (error) {
    context.signal?.throwIfAborted();
    context.log?.(failure, { ...details, error: messageOf(error) });
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
  await applyObject(context, target, method, ['Patched resource', 'Error patching resource']);
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

async function retryOnConflict<T>(attempt: () => Promise<T>): Promise<T> {
  for (let count = 1; ; count += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isConflict(error) || isAlreadyExists(error) || count >= conflictRetries) throw error;
    }
  }
}

/** What a waiter is told of objects: the state after our write. */
export function liveStates(objects: readonly ReleaseObject[]): KubeObject[] {
  return objects.map(({ object, live }) => live ?? object);
}

export function describeMethod({ serverSideApply }: WriteMethod): 'ssa' | 'csa' {
  return serverSideApply ? 'ssa' : 'csa';
}
