import { isNotFound, type KubeObject, refOf } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import type { ApplyOptions } from './apply-options.ts';
import { type Change, changeOf } from './change-set.ts';
import { hasDrifted } from './drift.ts';
import { dryRunError, isImmutableError } from './errors.ts';
import { compileIgnoreRules, withoutIgnoredFields } from './ignore-rules.ts';
import { maskSecretValues } from './mask.ts';
import { matchesMetadata } from './metadata-match.ts';
import { isSecret } from './normalize/normalize.ts';

export type DiffOptions = Pick<
  ApplyOptions,
  'owner' | 'force' | 'forceSelector' | 'exclusions' | 'ifNotPresent' | 'ignore'
>;

/** What an apply would do to an object; `live` and `merged` are there for an object that would be configured. */
export interface ObjectDiff {
  change: Change;
  live?: KubeObject;
  merged?: KubeObject;
}

/**
 * Compares an object with the cluster by a dry run, for `flux diff`. managedFields and ignored fields are left out, the
 * values of Secrets masked.
 */
export async function diffObject(cluster: Cluster, desired: KubeObject, options: DiffOptions): Promise<ObjectDiff> {
  const live = await cluster.find(refOf(desired)).catch(() => undefined);
  if (isSkipped(desired, live, options)) return { change: changeOf(live ?? desired, 'skipped') };
  const merged = await dryRun(cluster, desired, live, options);
  if (!merged || !live || !merged.metadata.resourceVersion) return { change: changeOf(merged ?? desired, 'created') };
  const rules = compileIgnoreRules(options.ignore ?? []);
  const before = withoutIgnoredFields(live, merged, rules);
  const after = withoutIgnoredFields(merged, merged, rules);
  if (!hasDrifted(before, after)) return { change: changeOf(merged, 'unchanged') };
  return { change: changeOf(desired, 'configured'), ...shown(before, after) };
}

function isSkipped(desired: KubeObject, live: KubeObject | undefined, options: DiffOptions): boolean {
  const { exclusions = {}, ifNotPresent = {} } = options;
  if (matchesMetadata(desired, exclusions) || matchesMetadata(live, exclusions)) return true;
  return live !== undefined && matchesMetadata(desired, ifNotPresent);
}

/** Undefined when the object would be recreated. */
async function dryRun(
  cluster: Cluster,
  desired: KubeObject,
  live: KubeObject | undefined,
  options: DiffOptions,
): Promise<KubeObject | undefined> {
  try {
    return await cluster.apply(desired, { fieldManager: options.owner.field, force: true, dryRun: true });
  } catch (error) {
    const { force, forceSelector = {} } = options;
    const isForced = force || matchesMetadata(desired, forceSelector) || matchesMetadata(live, forceSelector);
    if (isForced && !isNotFound(error) && isImmutableError(error)) return undefined;
    throw dryRunError(desired, error);
  }
}

function shown(live: KubeObject, merged: KubeObject): Pick<ObjectDiff, 'live' | 'merged'> {
  const [before, after] = [withoutManagedFields(live), withoutManagedFields(merged)];
  if (!isSecret(merged)) return { live: before, merged: after };
  const [maskedBefore = before, maskedAfter = after] = maskSecretValues(before, after);
  return { live: maskedBefore, merged: maskedAfter };
}

function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
