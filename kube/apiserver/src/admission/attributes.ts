import { randomUUID } from 'node:crypto';
import type { KubeObject } from '@flux/apimachinery';
import type { WriteRequest } from '../registry/write-request.ts';

/** What admission looks at: a change before it is stored. */
export interface Attributes {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly write: WriteRequest;
  /** The object as it would be stored; undefined when it is deleted. */
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
}

export function nameOf({ object, oldObject, write }: Attributes): string {
  return object?.metadata.name ?? oldObject?.metadata.name ?? write.name ?? '';
}

/** The namespace that the object is in, or is. */
export function namespaceOf(attributes: Attributes): KubeObject | undefined {
  const { write, object, oldObject } = attributes;
  const { resource, api } = write;
  if (resource.group === '' && resource.plural === 'namespaces') return object ?? oldObject;
  return write.namespace ? api.find('', 'namespaces', undefined, write.namespace) : undefined;
}

/** `request` of expressions: an AdmissionRequest without the objects. */
export function requestVariable(attributes: Attributes): Record<string, unknown> {
  const { write, operation } = attributes;
  const { resource, user, namespace, subresource, dryRun } = write;
  const { group, version } = resource;
  const kind = { group, version, kind: resource.kind };
  const named = { group, version, resource: resource.plural };
  return {
    uid: randomUUID(),
    kind,
    resource: named,
    subResource: subresource,
    requestKind: kind,
    requestResource: named,
    requestSubResource: subresource,
    name: nameOf(attributes),
    ...(namespace ? { namespace } : {}),
    operation,
    userInfo: { username: user.name, uid: user.uid ?? '', groups: [...user.groups], extra: user.extra ?? {} },
    dryRun,
    options: {},
  };
}
