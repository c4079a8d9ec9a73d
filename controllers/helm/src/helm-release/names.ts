import { type HelmRelease, helmReleaseNameLabel, helmReleaseNamespaceLabel } from '@flux/api';
import { sha256Hex } from '@flux/crypto';

const maxNameLength = 53;

/** HELM-NAME-01: what failure messages of install and upgrade print. */
export function fullReleaseNameOf({ spec, metadata }: HelmRelease): string {
  if (spec.releaseName) return spec.releaseName;
  return spec.targetNamespace ? `${spec.targetNamespace}-${metadata.name}` : metadata.name;
}

/** HELM-NAME-02: the name in Helm's storage. */
export function releaseNameOf(object: HelmRelease): string {
  return shortenName(fullReleaseNameOf(object));
}

/** Names beyond Helm's limit end in a digest of the whole. */
export function shortenName(name: string): string {
  return name.length <= maxNameLength ? name : `${name.slice(0, 40)}-${sha256Hex(name).slice(0, 12)}`;
}

/** HELM-NAME-03. */
export function releaseNamespaceOf({ spec, metadata }: HelmRelease): string {
  return spec.targetNamespace || (metadata.namespace ?? '');
}

export function storageNamespaceOf({ spec, metadata }: HelmRelease): string {
  return spec.storageNamespace || (metadata.namespace ?? '');
}

/** The labels by which an object is known to come of this HelmRelease. */
export function originLabelsOf({ metadata }: HelmRelease): Record<string, string> {
  return { [helmReleaseNameLabel]: metadata.name, [helmReleaseNamespaceLabel]: metadata.namespace ?? '' };
}

/** HELM-NAME-04: the HelmChart that is made for a chart template. */
export function chartTemplateKeyOf(object: HelmRelease): { namespace: string; name: string } | undefined {
  const { chart } = object.spec;
  if (!chart) return undefined;
  const own = object.metadata.namespace ?? '';
  return { namespace: chart.spec.sourceRef.namespace || own, name: `${own}-${object.metadata.name}` };
}
