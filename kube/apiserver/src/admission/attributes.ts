import { randomUUID } from 'node:crypto';
import type { KubeObject } from '@flux/apimachinery';
import type { Resource } from '../registry/resource.ts';
import type { WriteRequest } from '../registry/write-request.ts';

/** What admission looks at: a change before it is stored. */
export interface Attributes {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly write: WriteRequest;
  /** The object as it would be stored, which mutations replace; undefined when it is deleted. */
  object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
}

export function nameOf({ object, oldObject, write }: Attributes): string {
  return object?.metadata.name ?? oldObject?.metadata.name ?? write.name ?? '';
}

/** The namespace that the object is in, or is. */
export function namespaceOf(attributes: Attributes): KubeObject | undefined {
  const { write, object, oldObject } = attributes;
  if (isNamespace(write.resource)) return object ?? oldObject;
  return write.namespace ? write.api.find('', 'namespaces', undefined, write.namespace) : undefined;
}

function isNamespace({ group, plural }: Resource): boolean {
  return group === '' && plural === 'namespaces';
}

/** An object of one resource as another that shows the same objects. */
export function convert(object: KubeObject, from: Resource, to: Resource): KubeObject {
  return from === to ? object : to.fromStored(from.toStored(object));
}

/** An object at the version in which a policy or webhook wants to see it. */
export function atVersion(object: KubeObject | undefined, from: Resource, to: Resource): KubeObject | null {
  return object === undefined ? null : convert(object, from, to);
}

const optionsKinds = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const;

/** An AdmissionRequest without the objects, as expressions see it in `request` and webhooks in their review. */
export function requestVariable(attributes: Attributes, matched = attributes.write.resource): Record<string, unknown> {
  const { write, operation } = attributes;
  const { resource, user, subresource, dryRun } = write;
  const name = nameOf(attributes);
  const namespace = isNamespace(resource) ? name : write.namespace;
  const withSubresource = subresource ? { subResource: subresource } : {};
  return {
    uid: randomUUID(),
    kind: kindOf(matched),
    resource: resourceOf(matched),
    ...withSubresource,
    requestKind: kindOf(resource),
    requestResource: resourceOf(resource),
    ...(subresource ? { requestSubResource: subresource } : {}),
    ...(name ? { name } : {}),
    ...(namespace ? { namespace } : {}),
    operation,
    userInfo: {
      username: user.name,
      ...(user.uid ? { uid: user.uid } : {}),
      groups: [...user.groups],
      ...(user.extra && Object.keys(user.extra).length > 0 ? { extra: user.extra } : {}),
    },
    dryRun,
    options: { kind: optionsKinds[operation], apiVersion: 'meta.k8s.io/v1', ...write.options },
  };
}

function kindOf({ group, version, kind }: Resource) {
  return { group, version, kind };
}

function resourceOf({ group, version, plural }: Resource) {
  return { group, version, resource: plural };
}
