import { type KubeObject, parseApiVersion } from '@flux/apimachinery';

const fluxGroup = /(^|\.)fluxcd\.(io|controlplane\.io)$/;

export function isDefinition({ apiVersion, kind }: { apiVersion: string; kind: string }): boolean {
  return kind === 'CustomResourceDefinition' && apiVersion.startsWith('apiextensions.k8s.io/');
}

/** Whether a group is one of Flux: `source.toolkit.fluxcd.io` and its sisters, of whatever age. */
export function isFluxGroup(group: string): boolean {
  return fluxGroup.test(group);
}

/** Whether an object is of a kind of Flux. */
export function isOfFlux({ apiVersion }: { apiVersion: string }): boolean {
  return isFluxGroup(parseApiVersion(apiVersion).group);
}

/** The kind of a definition in the version in which it is stored. */
export function storedKindOf({ spec }: KubeObject): { apiVersion: string; kind: string } {
  const versions: { name: string; storage?: boolean }[] = spec.versions ?? [];
  const version = versions.find(({ storage }) => storage)?.name ?? 'v1';
  return { apiVersion: `${spec.group}/${version}`, kind: spec.names.kind };
}
