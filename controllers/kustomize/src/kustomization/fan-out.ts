import type { Kustomization } from '@flux/api';
import type { Condition, KubeObject } from '@flux/apimachinery';
import { FluxError } from '@flux/errors';
import { type Change, keyOf, type ObjectView } from '@flux/runtime';
import type { Attempt } from './deps.ts';
import { hasSameSource, isReady } from './steps/check-dependencies.ts';
import { sourceRefOf } from './steps/resolve-source.ts';

/** Kustomizations that wait for each other; the whole batch is left to the interval (KUS-FLOW-12). */
class DependencyCycleError extends FluxError {
  override readonly code = 'DEPENDENCY_CYCLE';
}

type Attempts = ReadonlyMap<string, Attempt>;

/** Names under which Kustomizations are found by what they refer to. */
const indexNames = { source: 'source', dependency: 'dependency', config: 'config' } as const;

export const indexes = {
  [indexNames.source]: (object: Kustomization) => [sourceKey(sourceRefOf(object))],
  [indexNames.dependency]: dependencyKeys,
  [indexNames.config]: configKeys,
};

function sourceKey({ kind, namespace = '', name }: { kind: string; namespace?: string; name: string }): string {
  return `${kind}/${namespace}/${name}`;
}

function dependencyKeys({ spec, metadata }: Kustomization): string[] {
  return (spec.dependsOn ?? []).map(({ name, namespace }) => `${namespace ?? metadata.namespace}/${name}`);
}

/** ConfigMaps and Secrets whose content changes what is applied (KUS-CTRL-05). */
function configKeys({ spec, metadata }: Kustomization): string[] {
  const { kubeConfig, decryption, postBuild } = spec;
  const refs = (postBuild?.substituteFrom ?? []).map(({ kind, name }) => ({ kind, name }));
  if (decryption?.secretRef) refs.push({ kind: 'Secret', name: decryption.secretRef.name });
  if (kubeConfig?.secretRef) refs.push({ kind: 'Secret', name: kubeConfig.secretRef.name });
  if (kubeConfig && 'configMapRef' in kubeConfig && kubeConfig.configMapRef) {
    refs.push({ kind: 'ConfigMap', name: kubeConfig.configMapRef.name });
  }
  return refs.map(({ kind, name }) => sourceKey({ kind, namespace: metadata.namespace ?? '', name }));
}

/** What a new artifact of a source queues, dependencies first; `attempts` are those under way (KUS-FLOW-12). */
export function keysForSource(change: Change, own: ObjectView<Kustomization>, attempts: Attempts): string[] {
  const { before, after, object } = change;
  const revision = revisionOf(after);
  if (revision === undefined || (change.type === 'updated' && revisionOf(before) === revision)) return [];
  const users = own.byIndex(indexNames.source, sourceKey({ kind: object.kind, ...object.metadata }));
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
  const { before, after, object } = change;
  if (change.type === 'updated' && before?.metadata.resourceVersion === after?.metadata.resourceVersion) return [];
  const { kind, metadata } = object;
  return sortByDependencies(own.byIndex(indexNames.config, sourceKey({ kind, ...metadata })));
}

/** What a Kustomization that became ready, or changed otherwise, wakes: those that may be waiting for it. */
export function keysForDependency(change: Change, own: ObjectView<Kustomization>, attempts: Attempts): string[] {
  const dependency = change.after as Kustomization | undefined;
  if (!dependency || change.initial) return [];
  const dependents = own.byIndex(indexNames.dependency, keyOf(dependency));
  return dependents
    .filter((dependent) => !attempts.get(keyOf(dependent))?.hasDependencies && mayWaitFor(dependent, dependency))
    .map(keyOf);
}

/**
 * A dependent that is looking at its dependencies just now has not said yet that it waits, so besides those that do, the
 * ones count that have not tried what the dependency has applied.
 */
function mayWaitFor(dependent: Kustomization, dependency: Kustomization): boolean {
  const expression = dependent.spec.dependsOn?.some(({ readyExpr }) => readyExpr);
  if (!isReady(dependency) && !expression) return false;
  const ready = dependent.status?.conditions?.find(({ type }) => type === 'Ready');
  if (!ready || ready.reason === 'DependencyNotReady') return true;
  if (dependent.metadata.generation !== ready.observedGeneration) return true;
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
