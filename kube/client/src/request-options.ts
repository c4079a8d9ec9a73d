import type {
  DeleteOptions,
  ImpersonatedUser,
  ListOptions,
  PatchType,
  TransportRequest,
  TransportResponse,
  WriteOptions,
} from './cluster.ts';

type Query = NonNullable<TransportRequest['query']>;

export const patchContentTypes: Readonly<Record<PatchType | 'apply', string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

export function listQuery(options: ListOptions): Query {
  return {
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    limit: options.limit?.toString(),
    continue: options.continue,
    resourceVersion: options.resourceVersion,
    resourceVersionMatch: options.resourceVersionMatch,
  };
}

/** Asks for metadata alone; a server that cannot do that sends everything. */
export function formHeaders(form: 'PartialObjectMetadata' | 'PartialObjectMetadataList', options: ListOptions) {
  return options.metadataOnly ? { accept: `application/json;as=${form};g=meta.k8s.io;v=v1,application/json` } : {};
}

export function watchQuery(options: ListOptions & { allowWatchBookmarks?: boolean; timeoutSeconds?: number }): Query {
  return {
    ...listQuery(options),
    watch: 'true',
    allowWatchBookmarks: options.allowWatchBookmarks ? 'true' : undefined,
    timeoutSeconds: options.timeoutSeconds?.toString(),
  };
}

export function writeQuery(options: WriteOptions): Query {
  return {
    fieldManager: options.fieldManager,
    fieldValidation: options.fieldValidation,
    dryRun: options.dryRun ? 'All' : undefined,
  };
}

/** DeleteOptions of the API; undefined when nothing is asked for. */
export function deleteBody(options: DeleteOptions): unknown {
  const { propagationPolicy, gracePeriodSeconds, uid, resourceVersion, dryRun } = options;
  const preconditions = { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) };
  const body = {
    ...(propagationPolicy ? { propagationPolicy } : {}),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(Object.keys(preconditions).length > 0 ? { preconditions } : {}),
    ...(dryRun ? { dryRun: ['All'] } : {}),
  };
  return Object.keys(body).length > 0 ? { kind: 'DeleteOptions', apiVersion: 'v1', ...body } : undefined;
}

/** The texts of `Warning: 299 - "text"` headers. */
export function warningTexts(response: TransportResponse): string[] {
  const header = response.headers['warning'];
  if (header === undefined) return [];
  const values = typeof header === 'string' ? [header] : header;
  const texts: string[] = [];
  for (const value of values) {
    for (const match of value.matchAll(/\b\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)) {
      texts.push((match[1] ?? '').replace(/\\(.)/g, '$1'));
    }
  }
  return texts;
}

/** Impersonation as client-go sends it: keys of extra lower-cased and escaped, an empty part left out. */
export function impersonationHeaders(user: Partial<ImpersonatedUser>): Record<string, string | readonly string[]> {
  const headers: Record<string, string | readonly string[]> = {};
  if (user.name) headers['impersonate-user'] = user.name;
  if (user.uid) headers['impersonate-uid'] = user.uid;
  if (user.groups?.length) headers['impersonate-group'] = user.groups;
  for (const [key, values] of Object.entries(user.extra ?? {})) {
    headers[`impersonate-extra-${encodeURIComponent(key.toLowerCase())}`] = values;
  }
  return headers;
}
