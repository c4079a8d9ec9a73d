import { formatApiVersion, parseApiVersion } from '@flux/apimachinery/object';
import type { ResourceMapping, Transport, TransportRequest } from './cluster.ts';
import { headerValue, responseError } from './response-error.ts';

const aggregatedAccept = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',');

interface AggregatedResource {
  resource: string;
  responseKind?: { group?: string; version?: string; kind?: string };
  scope?: string;
  singularResource?: string;
  verbs?: string[];
  shortNames?: string[];
  categories?: string[];
}

interface AggregatedList {
  kind: 'APIGroupDiscoveryList';
  items?: { metadata?: { name?: string }; versions?: { version: string; resources?: AggregatedResource[] }[] }[];
}

interface ClassicResource {
  name: string;
  kind: string;
  group?: string;
  version?: string;
  namespaced?: boolean;
  singularName?: string;
  verbs?: string[];
  shortNames?: string[];
  categories?: string[];
}

type Get = (path: string) => Promise<unknown>;

/** What was found before: what has not changed since is neither sent nor read again. */
export interface KnownDiscovery {
  parts: Map<string, { etag: string; mappings: readonly ResourceMapping[] }>;
  all?: readonly ResourceMapping[];
}

/** All resources that the server serves: groups in the server's order, preferred versions first, without subresources. */
export async function discover(
  transport: Transport,
  options: { headers?: TransportRequest['headers']; known?: KnownDiscovery } = {},
): Promise<readonly ResourceMapping[]> {
  const headers = { ...options.headers, accept: aggregatedAccept };
  const get = getter(transport, headers);
  const known: KnownDiscovery = options.known ?? { parts: new Map() };
  let isChanged = known.all === undefined;
  const find = async (path: string, read: (body: unknown) => Promise<ResourceMapping[]>) => {
    const before = known.parts.get(path);
    const request: TransportRequest = {
      method: 'GET',
      path,
      headers: before ? { ...headers, 'if-none-match': before.etag } : headers,
    };
    const response = await transport.send(request);
    if (before && response.status === 304) return before.mappings;
    if (response.status !== 200) throw responseError(response, request);
    isChanged = true;
    if (!isAggregated(response.body)) return read(response.body);
    const mappings = fromAggregated(response.body);
    const etag = headerValue(response, 'etag');
    if (etag) known.parts.set(path, { etag, mappings });
    return mappings;
  };
  const [core, groups] = await Promise.all([
    find('/api', (body) => fromVersions(body, get)),
    find('/apis', (body) => fromGroups(body, get)),
  ]);
  if (isChanged) known.all = [...core, ...groups];
  return known.all ?? [];
}

/** The resources of one group and version: a small answer where all of them take long to read. */
export async function discoverVersion(
  transport: Transport,
  apiVersion: string,
  headers: TransportRequest['headers'] = {},
): Promise<ResourceMapping[]> {
  const path = groupVersionPath(parseApiVersion(apiVersion));
  return fromResourceList(await getter(transport, headers)(path), apiVersion);
}

function getter(transport: Transport, headers: NonNullable<TransportRequest['headers']>): Get {
  return async (path) => {
    const request: TransportRequest = { method: 'GET', path, headers };
    const response = await transport.send(request);
    if (response.status !== 200) throw responseError(response, request);
    return response.body;
  };
}

function isAggregated(body: unknown): body is AggregatedList {
  return (body as { kind?: unknown } | undefined)?.kind === 'APIGroupDiscoveryList';
}

function fromAggregated(list: AggregatedList): ResourceMapping[] {
  const mappings: ResourceMapping[] = [];
  for (const group of list.items ?? []) {
    for (const { version, resources } of group.versions ?? []) {
      for (const resource of resources ?? []) {
        const kind = resource.responseKind?.kind;
        if (!kind) continue; // a resource of which only subresources are served
        mappings.push({
          group: group.metadata?.name ?? '',
          version,
          kind,
          resource: resource.resource,
          namespaced: resource.scope === 'Namespaced',
          singular: resource.singularResource ?? '',
          shortNames: resource.shortNames ?? [],
          categories: resource.categories ?? [],
          verbs: resource.verbs ?? [],
        });
      }
    }
  }
  return mappings;
}

async function fromVersions(body: unknown, get: Get): Promise<ResourceMapping[]> {
  const versions = (body as { versions?: string[] }).versions ?? [];
  const lists = await Promise.all(
    versions.map(async (version) => fromResourceList(await get(`/api/${version}`), version)),
  );
  return lists.flat();
}

async function fromGroups(body: unknown, get: Get): Promise<ResourceMapping[]> {
  const groups = (body as { groups?: ClassicGroup[] }).groups ?? [];
  const lists = await Promise.all(
    groups.flatMap(orderVersions).map((groupVersion) => fromGroupVersion(groupVersion, get)),
  );
  return lists.flat();
}

interface ClassicGroup {
  versions?: { groupVersion: string }[];
  preferredVersion?: { groupVersion: string };
}

function orderVersions(group: ClassicGroup): string[] {
  const all = (group.versions ?? []).map((version) => version.groupVersion);
  const preferred = group.preferredVersion?.groupVersion;
  return preferred === undefined ? all : [preferred, ...all.filter((version) => version !== preferred)];
}

/** A group whose own server is down answers 503; it is left out, as its kinds cannot be used now anyway. */
async function fromGroupVersion(groupVersion: string, get: Get): Promise<ResourceMapping[]> {
  try {
    return fromResourceList(await get(`/apis/${groupVersion}`), groupVersion);
  } catch (error) {
    if ((error as { statusCode?: unknown }).statusCode === undefined) throw error;
    return [];
  }
}

function fromResourceList(body: unknown, groupVersion: string): ResourceMapping[] {
  const { group, version } = parseApiVersion(groupVersion);
  const resources = (body as { resources?: ClassicResource[] }).resources ?? [];
  return resources
    .filter((resource) => !resource.name.includes('/'))
    .map((resource) => ({
      group,
      version,
      kind: resource.kind,
      resource: resource.name,
      namespaced: resource.namespaced ?? false,
      singular: resource.singularName ?? '',
      shortNames: resource.shortNames ?? [],
      categories: resource.categories ?? [],
      verbs: resource.verbs ?? [],
    }));
}

/** `/api/v1` or `/apis/<group>/<version>`. */
export function groupVersionPath(mapping: { group: string; version: string }): string {
  const apiVersion = formatApiVersion(mapping.group, mapping.version);
  return mapping.group === '' ? `/api/${apiVersion}` : `/apis/${apiVersion}`;
}
