import type { KubeObject } from '@flux/apimachinery';
import { isReady, readConditions, readyCondition } from './conditions.ts';
import type { Watch } from './definition.ts';
import { type Change, type KindRef, keyOf, type ObjectView } from './watch-cache.ts';

/** How far a pass is: watches report once more what it has read already. */
export interface PassProgress {
  /** Revision of the source. */
  revision: string;
  /** It found its dependencies ready, and waits for none of them. */
  hasDependencies: boolean;
}

/** An object that may wait for others of its kind. */
type Dependent = KubeObject & { spec: { dependsOn?: { name: string; namespace?: string; readyExpr?: string }[] } };

/** Names under which objects are found by what they refer to. */
export const fanOutIndexes = { source: 'source', dependency: 'dependency', config: 'config' } as const;

/** Names an object in the indexes of those that refer to it. */
export function refKey({ kind, namespace = '', name }: { kind: string; namespace?: string; name: string }): string {
  return `${kind}/${namespace}/${name}`;
}

/** Keys of what `spec.dependsOn` names. */
export function dependencyKeys({ spec, metadata }: Dependent): string[] {
  return (spec.dependsOn ?? []).map(({ name, namespace }) => `${namespace ?? metadata.namespace}/${name}`);
}

/** Objects that refer to a labelled ConfigMap or Secret, once that has changed. */
export function usersOfConfig<T extends KubeObject>({ type, before, after, object }: Change, own: ObjectView<T>): T[] {
  if (type === 'updated' && before?.metadata.resourceVersion === after?.metadata.resourceVersion) return [];
  return [...own.byIndex(fanOutIndexes.config, refKey({ kind: object.kind, ...object.metadata }))];
}

interface Waiting<T> {
  /** Passes under way, by key. */
  attempts: ReadonlyMap<string, PassProgress>;
  /** Whether a dependent that does not say that it waits has to look again all the same. */
  isBehind?(dependent: T, dependency: T): boolean;
}

/**
 * What a dependency that became ready, or changed otherwise, wakes: those that may be waiting for it. One that is looking at
 * its dependencies just now has not said yet that it waits, but neither has it observed its generation.
 */
export function keysWaitingFor<T extends Dependent>(
  { after, initial }: Change,
  own: ObjectView<T>,
  { attempts, isBehind }: Waiting<T>,
): string[] {
  const dependency = after as T | undefined;
  if (!dependency || initial) return [];
  const mayWait = (dependent: T) => {
    const hasExpression = dependent.spec.dependsOn?.some(({ readyExpr }) => readyExpr);
    if (!isReady(dependency) && !hasExpression) return false;
    return saysItWaits(dependent) || (isBehind?.(dependent, dependency) ?? false);
  };
  return own
    .byIndex(fanOutIndexes.dependency, keyOf(dependency))
    .filter((dependent) => !attempts.get(keyOf(dependent))?.hasDependencies && mayWait(dependent))
    .map(keyOf);
}

function saysItWaits(object: KubeObject): boolean {
  const ready = readConditions(object).find(({ type }) => type === readyCondition);
  return !ready || ready.reason === 'DependencyNotReady' || ready.observedGeneration !== object.metadata.generation;
}

interface Mappings<T extends KubeObject> {
  /** Of ConfigMaps and Secrets; empty watches none. */
  configSelector: string;
  dependency: Watch<T>['mapToKeys'];
  config: Watch<T>['mapToKeys'];
}

/** Watches of the kind itself, for dependencies, and of labelled ConfigMaps and Secrets (KUS-CTRL-05, HELM-FLOW-15). */
export function fanOutWatches<T extends KubeObject>(
  { apiVersion, kind }: KindRef,
  { configSelector, dependency, config }: Mappings<T>,
): Watch<T>[] {
  const configKinds = configSelector === '' ? [] : ['ConfigMap', 'Secret'];
  return [
    { kind: { apiVersion, kind }, replay: false, mapToKeys: dependency },
    ...configKinds.map((name) => ({
      kind: { apiVersion: 'v1', kind: name },
      labelSelector: configSelector,
      metadataOnly: true,
      replay: false,
      mapToKeys: config,
    })),
  ];
}
