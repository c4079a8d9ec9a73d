import { isNotFound } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import { forEachKind } from './by-kind.ts';
import type { DeletionPropagation } from './release-cluster.ts';
import { type ReleaseContext, signalOf } from './release-context.ts';
import { wrapError } from './release-error.ts';
import { indexObjects, namesOf, type ReleaseObject } from './release-objects.ts';

/** Objects of the old manifest that the new one does not have; `helm.sh/resource-policy: keep` on the live object saves it. */
export async function removeOthers(
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
    context.log?.('deleting resource', { kind, name, namespace });
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
  await forEachKind(context, objects, async (item) => {
    try {
      context.log?.('starting delete resource', namesOf(item));
      await context.cluster.delete(item.ref, { propagationPolicy, ...signalOf(context) });
    } catch (error) {
      if (!isNotFound(error)) errors.push(error);
    }
  });
  return errors;
}
