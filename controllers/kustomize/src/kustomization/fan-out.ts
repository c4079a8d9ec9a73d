import type { Kustomization } from '@flux/api';
import type { Condition, KubeObject } from '@flux/apimachinery';
import { FluxError } from '@flux/errors';
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
import { hasSameSource } from './steps/check-dependencies.ts';
import { sourceRefOf } from './steps/resolve-source.ts';

/** Kustomizations that wait for each other; the whole batch is left to the interval (KUS-FLOW-12). */
class DependencyCycleError extends FluxError {
  override readonly code = 'DEPENDENCY_CYCLE';
}

type Attempts = ReadonlyMap<string, PassProgress>;

export const indexes = {
  [fanOutIndexes.source]: (object: Kustomization) => [refKey(sourceRefOf(object))],
  [fanOutIndexes.dependency]: dependencyKeys,
  [fanOutIndexes.config]: configKeys,
};

/** ConfigMaps and Secrets whose content changes what is applied (KUS-CTRL-05). */
function configKeys({ spec, metadata }: Kustomization): string[] {
  const { kubeConfig, decryption, postBuild } = spec;
  const refs = (postBuild?.substituteFrom ?? []).map(({ kind, name }) => ({ kind, name }));
  if (decryption?.secretRef) refs.push({ kind: 'Secret', name: decryption.secretRef.name });
  if (kubeConfig?.secretRef) refs.push({ kind: 'Secret', name: kubeConfig.secretRef.name });
  if (kubeConfig && 'configMapRef' in kubeConfig && kubeConfig.configMapRef) {
    refs.push({ kind: 'ConfigMap', name: kubeConfig.configMapRef.name });
  }
  return refs.map(({ kind, name }) => refKey({ kind, namespace: metadata.namespace ?? '', name }));
}

/** What a new artifact of a source queues, dependencies first; `attempts` are those under way (KUS-FLOW-12). */
export function keysForSource(change: Change, own: ObjectView<Kustomization>, attempts: Attempts): string[] {
  const { before, after, object } = change;
  const revision = revisionOf(after);
  if (revision === undefined || (change.type === 'updated' && revisionOf(before) === revision)) return [];
  const users = own.byIndex(fanOutIndexes.source, refKey({ kind: object.kind, ...object.metadata }));
  return sortByDependencies(
    users.filter((user) => attempts.get(keyOf(user))?.revision !== revision && !isAt(user, revision)),
  );
}

function revisionOf(source: KubeObject | undefined): string | undefined {
  return source?.['status']?.artifact?.revision;
}

/** It has got this revision already, or is about to. */
function isAt(object: Kustomization, revision: string): boolean {
  const conditions: readonly Condition[] = object.status?.conditions ?? [];
  const isBusy = conditions.some(({ type, status }) => type === 'Reconciling' && status === 'True');
  return (isReady(object) || isBusy) && object.status?.lastAttemptedRevision === revision;
}

/** What a change of a labelled ConfigMap or Secret queues. */
export function keysForConfig(change: Change, own: ObjectView<Kustomization>): string[] {
  return sortByDependencies(usersOfConfig(change, own));
}

/**
 * What a Kustomization that became ready, or changed otherwise, wakes: besides those that say that they wait, the ones that
 * have not tried what the dependency has applied.
 */
export function keysForDependency(change: Change, own: ObjectView<Kustomization>, attempts: Attempts): string[] {
  return keysWaitingFor(change, own, { attempts, isBehind });
}

function isBehind(dependent: Kustomization, dependency: Kustomization): boolean {
  const applied = dependency.status?.lastAppliedRevision;
  return hasSameSource(dependent, dependency) && dependent.status?.lastAttemptedRevision !== applied;
}

/**
 * Keys with each dependency before its dependents. Dependencies outside the batch are named too, as Flux does; edges beyond
 * them are not known.
 */
export function sortByDependencies(batch: readonly Kustomization[]): string[] {
  const byKey = new Map(batch.map((object) => [keyOf(object), object]));
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (key: string) => {
    if (done.has(key)) return;
    const start = path.indexOf(key);
    if (start >= 0) {
      const cycle = [...path.slice(start), key].join(' -> ');
      throw new DependencyCycleError(`circular dependency detected: ${cycle}`);
    }
    path.push(key);
    const object = byKey.get(key);
    for (const dependency of object ? dependencyKeys(object) : []) visit(dependency);
    path.pop();
    done.add(key);
  };
  for (const key of byKey.keys()) visit(key);
  return [...done];
}
