import type { KubeObject } from '@flux/apimachinery';

/** Where Helm keeps the revisions of a release. */
export interface HelmStorage {
  namespace: string;
  name: string;
}

const secretType = 'helm.sh/release.v1';

/**
 * Where the releases of a HelmRelease are, by its status: the present one, and those that a change of its name left. Releases
 * of other clusters are kept there and not in this one.
 */
export function helmStorageOf({ kind, spec, status }: KubeObject): HelmStorage[] {
  const namespace: unknown = status?.storageNamespace;
  if (kind !== 'HelmRelease' || spec?.kubeConfig !== undefined || typeof namespace !== 'string') return [];
  const history: unknown = status?.history;
  const names = Array.isArray(history) ? history.map((snapshot) => String(snapshot?.name ?? '')) : [];
  return [...new Set(names)].filter((name) => name !== '').map((name) => ({ namespace, name }));
}

/** Selects what Helm stores, of all releases: one by one, the Secrets of a namespace would be read for each. */
export const helmSelector = 'owner=helm';

export function storageKey({ namespace, name }: HelmStorage): string {
  return `${namespace}/${name}`;
}

/** The release that a Secret is a revision of. */
export function releaseOf({ kind, type, metadata }: KubeObject): HelmStorage | undefined {
  const name = metadata.labels?.['name'];
  if (kind !== 'Secret' || type !== secretType || name === undefined) return undefined;
  return { namespace: metadata.namespace ?? '', name };
}
