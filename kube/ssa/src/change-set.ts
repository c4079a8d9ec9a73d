import { gvkOf, type KubeObject, type ObjectRef, refOf } from '@flux/apimachinery';

/** KUS-APPLY-19. */
export type ChangeAction = 'created' | 'configured' | 'unchanged' | 'deleted' | 'skipped' | 'unknown';

/** What happened to one object. */
export interface Change {
  /** As the API server knows it: without a namespace for cluster-scoped kinds. */
  ref: ObjectRef;
  action: ChangeAction;
  /** Of the object after the change, where it is known: a wait must not mistake an older state for it. */
  uid?: string;
  generation?: number;
  /** The server's answer shows it ready already, so nobody needs to wait for it. */
  isCurrent?: boolean;
}

/** In the order in which objects were applied or deleted. */
export type ChangeSet = readonly Change[];

export function changeOf(object: KubeObject, action: ChangeAction): Change {
  return { ref: refOf(object), action };
}

/** The change with what the server answered to the write. */
export function settledChange(change: Change, { metadata }: KubeObject): Change {
  const { uid, generation } = metadata;
  return { ...change, ...(uid ? { uid } : {}), ...(generation === undefined ? {} : { generation }) };
}

/** `<Kind>/<namespace>/<name>`, the namespace left out for cluster-scoped objects. */
export function formatRef(ref: ObjectRef): string {
  return ref.namespace ? `${ref.kind}/${ref.namespace}/${ref.name}` : `${ref.kind}/${ref.name}`;
}

/** `<Kind>/<namespace>/<name> <action>`. */
export function formatChange(change: Change): string {
  return `${formatRef(change.ref)} ${change.action}`;
}

/** The lines of the objects that were written: what users are told of an apply. */
export function writtenLines(changes: ChangeSet): string[] {
  return changes.filter(({ action }) => action === 'created' || action === 'configured').map(formatChange);
}

/** Identifies an object across versions: group, kind, namespace, name. */
export function identityOf(ref: ObjectRef): string {
  return `${ref.namespace ?? ''}/${ref.name}/${gvkOf(ref).group}/${ref.kind}`;
}
