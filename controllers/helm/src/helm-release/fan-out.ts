import type { HelmRelease } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import {
  type Change,
  dependencyKeys,
  fanOutIndexes,
  isReady,
  keyOf,
  keysWaitingFor,
  type ObjectView,
  type PassProgress,
  refKey,
  usersOfConfig,
} from '@flux/runtime';
import type { MadeChart } from './deps.ts';
import { chartTemplateKeyOf } from './names.ts';
import { kubeConfigRefOf } from './steps/remote-cluster.ts';
import { isFailing } from './steps/resolve-source.ts';

type Attempts = ReadonlyMap<string, PassProgress>;

export const indexes = {
  [fanOutIndexes.source]: sourceKeys,
  [fanOutIndexes.dependency]: dependencyKeys,
  [fanOutIndexes.config]: configKeys,
};

/** Not by the status: a HelmChart may be ready before the status that names it is written. */
function sourceKeys(object: HelmRelease): string[] {
  const { namespace = '' } = object.metadata;
  if (object.spec.chartRef) return [refKey({ namespace, ...object.spec.chartRef })];
  const key = chartTemplateKeyOf(object);
  return key ? [refKey({ kind: 'HelmChart', ...key })] : [];
}

/** ConfigMaps and Secrets whose content changes what is released or where (HELM-FLOW-15). */
function configKeys(object: HelmRelease): string[] {
  const { namespace = '' } = object.metadata;
  const refs = (object.spec.valuesFrom ?? []).map(({ kind, name }) => refKey({ kind, namespace, name }));
  const kubeConfig = kubeConfigRefOf(object);
  return kubeConfig ? [...refs, refKey(kubeConfig)] : refs;
}

/** What a new revision of a chart, or one that became ready, queues (HELM-FLOW-15). */
export function keysForSource(change: Change, own: ObjectView<HelmRelease>, attempts: Attempts): string[] {
  const { before, after, object } = change;
  const artifact = after?.['status']?.artifact;
  if (!artifact || (change.type === 'updated' && !isNews(before, after))) return [];
  const revision: string = artifact.revision;
  return own
    .byIndex(fanOutIndexes.source, refKey({ kind: object.kind, ...object.metadata }))
    .filter((user) => attempts.get(keyOf(user))?.revision !== revision && !isAt(user, object.kind, revision))
    .map(keyOf);
}

/** A HelmChart that fails ends the wait of the HelmRelease that has just made it. */
export function keysWaitingForChart(
  { before, after, object }: Change,
  own: ObjectView<HelmRelease>,
  charts: ReadonlyMap<string, MadeChart>,
): string[] {
  if (!after || !isFailing(after) || (before && isFailing(before))) return [];
  return own
    .byIndex(fanOutIndexes.source, refKey({ kind: object.kind, ...object.metadata }))
    .map(keyOf)
    .filter((key) => charts.get(key)?.writtenAt);
}

function isNews(before: KubeObject | undefined, after: KubeObject | undefined): boolean {
  const revision = (source: KubeObject | undefined) => source?.['status']?.artifact?.revision;
  if (revision(before) !== revision(after)) return true;
  return after !== undefined && isReady(after) && !(before !== undefined && isReady(before));
}

/** It has got this revision already. Passes under way are known; a condition may be that of a process that was killed. */
function isAt(object: HelmRelease, kind: string, revision: string): boolean {
  if (!isReady(object)) return false;
  const { lastAttemptedRevision, lastAttemptedRevisionDigest } = object.status ?? {};
  if (kind === 'HelmChart') return lastAttemptedRevision === revision;
  return lastAttemptedRevisionDigest === revision.slice(revision.lastIndexOf('@') + 1);
}

/** What a change of a labelled ConfigMap or Secret queues. */
export function keysForConfig(change: Change, own: ObjectView<HelmRelease>): string[] {
  return usersOfConfig(change, own).map(keyOf);
}

/** What a HelmRelease that became ready, or changed otherwise, wakes: those that may be waiting for it. */
export function keysForDependency(change: Change, own: ObjectView<HelmRelease>, attempts: Attempts): string[] {
  return keysWaitingFor(change, own, { attempts });
}
