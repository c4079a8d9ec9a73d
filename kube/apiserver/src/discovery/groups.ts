import type { Catalog } from '../registry/catalog.ts';
import type { Resource } from '../registry/resource.ts';

/** A group with its versions, the preferred one first. */
export interface Group {
  name: string;
  versions: string[];
}

/** Groups in the order in which the API server lists them; custom groups follow, by name. */
export function groupsOf(catalog: Catalog): Group[] {
  const groups = new Map<string, Group>();
  const builtin: string[] = [];
  const custom: string[] = [];
  for (const resource of catalog.all()) {
    let group = groups.get(resource.group);
    if (!group) {
      group = { name: resource.group, versions: [] };
      groups.set(resource.group, group);
      (resource.builtin ? builtin : custom).push(resource.group);
    }
    if (!group.versions.includes(resource.version)) group.versions.push(resource.version);
  }
  for (const name of custom) groups.get(name)!.versions.sort(compareVersions);
  return [...builtin, ...custom.sort()].map((name) => groups.get(name)!);
}

/** Kubernetes' priority: v2 before v1 before v1beta2 before v1alpha1; anything else last, by name. */
function compareVersions(a: string, b: string): number {
  const left = rank(a);
  const right = rank(b);
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : 1;
  return right.stage - left.stage || right.major - left.major || right.minor - left.minor;
}

function rank(version: string): { stage: number; major: number; minor: number } | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (!match) return undefined;
  const stage = match[2] === undefined ? 3 : match[2] === 'beta' ? 2 : 1;
  return { stage, major: Number(match[1]), minor: Number(match[3] ?? 0) };
}

export function resourcesOf(catalog: Catalog, group: string, version: string): Resource[] {
  const found = catalog.all().filter((resource) => resource.group === group && resource.version === version);
  return found.sort((a, b) => (a.plural < b.plural ? -1 : 1));
}

export function groupDocument({ name, versions }: Group): Record<string, unknown> {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

/** APIResourceList of one version. */
export function resourceListDocument(resources: readonly Resource[], groupVersion: string): Record<string, unknown> {
  const entries: unknown[] = [];
  for (const resource of resources) {
    entries.push({
      name: resource.plural,
      singularName: resource.singular,
      namespaced: resource.namespaced,
      kind: resource.kind,
      verbs: resource.verbs,
      ...(resource.shortNames.length ? { shortNames: resource.shortNames } : {}),
      ...(resource.categories.length ? { categories: resource.categories } : {}),
      ...(resource.storageVersionHash ? { storageVersionHash: resource.storageVersionHash } : {}),
    });
    for (const { name, kind, verbs, group, version } of resource.subresources) {
      entries.push({
        name: `${resource.plural}/${name}`,
        singularName: '',
        namespaced: resource.namespaced,
        ...(group && (group !== resource.group || version !== resource.version) ? { group, version } : {}),
        kind,
        verbs,
      });
    }
  }
  const typeMeta = groupVersion.includes('/')
    ? { kind: 'APIResourceList', apiVersion: 'v1' }
    : { kind: 'APIResourceList' };
  return { ...typeMeta, groupVersion, resources: entries };
}

/** One group of the aggregated document (apidiscovery.k8s.io/v2). */
export function aggregatedGroup(catalog: Catalog, { name, versions }: Group): Record<string, unknown> {
  return {
    metadata: name ? { name } : {},
    versions: versions.map((version) => ({
      version,
      resources: resourcesOf(catalog, name, version).map(aggregatedResource),
      freshness: 'Current',
    })),
  };
}

function aggregatedResource(resource: Resource): Record<string, unknown> {
  // Built-in kinds leave the group of the answer empty, which means "that of the resource".
  const kindOf = (kind: string) =>
    resource.builtin ? { group: '', version: '', kind } : { group: resource.group, version: resource.version, kind };
  const subresources = resource.subresources.map(({ name, kind, group, version, verbs }) => ({
    subresource: name,
    responseKind:
      group && (group !== resource.group || version !== resource.version) ? { group, version, kind } : kindOf(kind),
    verbs,
  }));
  return {
    resource: resource.plural,
    responseKind: kindOf(resource.kind),
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs: resource.verbs,
    ...(resource.shortNames.length ? { shortNames: resource.shortNames } : {}),
    ...(resource.categories.length ? { categories: resource.categories } : {}),
    ...(subresources.length ? { subresources } : {}),
  };
}
