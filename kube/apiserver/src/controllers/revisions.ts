import { deepEqual, type KubeObject } from '@flux/apimachinery';
import type { Resource } from '../registry/resource.ts';
import { type ControllerContext, controllerOf, controllerReference } from './context.ts';
import { templateHash } from './template-hash.ts';

/** Where the controllers of StatefulSets and DaemonSets note the hash of a revision. */
const hashLabels: Readonly<Record<string, string>> = {
  StatefulSet: 'controller.kubernetes.io/hash',
  DaemonSet: 'controller-revision-hash',
};

/** The revision of an owner's present template. */
export interface TemplateRevision {
  readonly name: string;
  readonly hash: string;
}

/**
 * Keeps the ControllerRevisions of an owner: one for each template it had, the present one with the highest number, and no
 * more old ones than its limit says. `kubectl rollout history` and `undo` read them.
 */
export function keepRevisions(
  { api, writer }: ControllerContext,
  resource: Resource,
  owner: KubeObject,
  inUse: ReadonlySet<string>,
): TemplateRevision {
  const revisions = api.resource('apps', 'controllerrevisions');
  const { name, namespace, uid, annotations } = owner.metadata;
  const { template, revisionHistoryLimit = 10 } = owner['spec'];
  const data = { spec: { template: { ...template, $patch: 'replace' } } };
  const owned = revisions.bucket
    .values(namespace)
    .filter((revision) => controllerOf(revision)?.uid === uid)
    .sort((a, b) => numberOf(a) - numberOf(b));
  const newest = owned.at(-1);
  const same = owned.findLast((revision) => deepEqual(revision['data'], data));
  const label = hashLabels[resource.kind] ?? '';
  const hash = same?.metadata.labels?.[label] ?? templateHash(template);
  const next = newest ? numberOf(newest) + 1 : 1;
  if (!same) {
    writer.create(revisions, {
      metadata: {
        name: `${name}-${hash}`,
        namespace,
        labels: { ...template.metadata?.labels, [label]: hash },
        ...(annotations ? { annotations } : {}),
        ownerReferences: [controllerReference(resource, owner)],
      },
      data,
      revision: next,
    });
  } else if (same !== newest) {
    writer.update(revisions, same, (object) => Object.assign(object, { revision: next }));
  }
  const old = owned.filter((revision) => revision !== same && !inUse.has(revision.metadata.name));
  for (const revision of old.slice(0, Math.max(0, old.length - revisionHistoryLimit))) {
    writer.delete(revisions, revision);
  }
  return { name: `${name}-${hash}`, hash };
}

function numberOf({ revision }: KubeObject): number {
  return revision ?? 0;
}
