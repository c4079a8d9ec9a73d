import { isDeepStrictEqual } from 'node:util';
import type { JsonObject, KubeObject } from '@flux/apimachinery';
import { isOfFlux } from '../backup/flux-definitions.ts';
import { portableObject } from '../backup/portable-object.ts';

/** Marks what a restore suspended and has to resume. */
export const resumeAnnotation = 'restore.toolkit.fluxcd.io/resume';

/** Who writes what a restore writes, until the owners of the archive take the fields over. */
export const restoreManager = 'flux-restore';

/** Whether a restore began to write the object and was interrupted before it had done everything. */
export function isUnfinished({ metadata }: KubeObject): boolean {
  const isMarked = metadata.annotations?.[resumeAnnotation] !== undefined;
  return isMarked || (metadata.managedFields ?? []).some(({ manager }) => manager === restoreManager);
}

/** Whether an object of the cluster is the one of the archive, but for its status, who wrote it, and being suspended. */
export function isSame(archived: KubeObject, live: KubeObject): boolean {
  return isDeepStrictEqual(comparable(archived), comparable(live));
}

function comparable(object: KubeObject): JsonObject {
  const { metadata, spec, ...content } = portableObject(object, { keepStatus: false });
  const { labels = {}, annotations = {}, ownerReferences = [] } = metadata;
  const wanted = { ...(spec as JsonObject | undefined) };
  if (isOfFlux(object)) delete wanted['suspend'];
  // Requests to reconcile come and go.
  const lasting = Object.entries(annotations).filter(
    ([key]) => key !== resumeAnnotation && !key.startsWith('reconcile.fluxcd.io/'),
  );
  const owners = ownerReferences.map(({ kind, name }) => `${kind}/${name}`);
  return { ...content, labels, annotations: Object.fromEntries(lasting), owners, spec: wanted };
}
