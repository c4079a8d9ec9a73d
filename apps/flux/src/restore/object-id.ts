import { type KubeObject, parseApiVersion } from '@flux/apimachinery';

/** Names an object whatever version it is read in. */
export function idOf(apiVersion: string, kind: string, namespace: string | undefined, name: string): string {
  return `${parseApiVersion(apiVersion).group}/${kind}/${namespace ?? ''}/${name}`;
}

export function objectId({ apiVersion, kind, metadata }: KubeObject): string {
  return idOf(apiVersion, kind, metadata.namespace, metadata.name);
}

/** `Kustomization/flux-system/apps`, as messages name it. */
export function subjectOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.namespace ? `${metadata.namespace}/` : ''}${metadata.name}`;
}
