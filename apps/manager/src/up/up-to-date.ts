import type { KubeObject } from '@flux/apimachinery';
import { stateOf } from './object-state.ts';

/**
 * Whether what the objects say is about now: the source of the fleet has answered the request of this start, and no
 * Kustomization is Ready for an older revision than its source has. A store that goes on from an earlier run is full of
 * Ready objects at first.
 */
export function isUpToDate(objects: readonly KubeObject[], requestedAt: string): boolean {
  const sources = new Map(
    objects
      .filter(({ kind }) => kind === 'GitRepository')
      .map((object) => [`${object.metadata.namespace}/${object.metadata.name}`, object]),
  );
  const root = sources.get('flux-system/flux-system');
  if (root?.['status']?.lastHandledReconcileAt !== requestedAt) return false;
  const appliers = objects.filter(({ kind }) => kind === 'Kustomization');
  return appliers.length > 0 && appliers.every((applier) => !lagsBehind(applier, sources));
}

function lagsBehind(applier: KubeObject, sources: ReadonlyMap<string, KubeObject>): boolean {
  if (stateOf(applier) !== 'ready') return false;
  const { kind, name, namespace = applier.metadata.namespace } = applier['spec'].sourceRef;
  const source = kind === 'GitRepository' ? sources.get(`${namespace}/${name}`) : undefined;
  const revision = source?.['status']?.artifact?.revision;
  return revision !== undefined && applier['status']?.lastAppliedRevision !== revision;
}
