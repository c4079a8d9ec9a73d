/** What a path is about, in the terms of the API. */
export interface RequestInfo {
  isResource: boolean;
  /** `api` or `apis`; empty for other paths. */
  prefix: string;
  group: string;
  version: string;
  namespace: string | undefined;
  resource: string;
  name: string | undefined;
  subresource: string;
  /** The old path form `/api/v1/watch/…`. */
  isWatch: boolean;
  /** Segments beyond the subresource, such as the path of a proxy. */
  rest: readonly string[];
}

const other: RequestInfo = {
  isResource: false,
  prefix: '',
  group: '',
  version: '',
  namespace: undefined,
  resource: '',
  name: undefined,
  subresource: '',
  isWatch: false,
  rest: [],
};

/** Parses `/api/v1/…` and `/apis/<group>/<version>/…`; `undefined` when the percent-encoding is broken. */
export function parseRequestInfo(path: string): RequestInfo | undefined {
  const segments: string[] = [];
  for (const part of path.split('/').filter((segment) => segment !== '')) {
    try {
      segments.push(decodeURIComponent(part));
    } catch {
      return undefined;
    }
  }
  const [prefix = ''] = segments;
  const isCore = prefix === 'api';
  if (!isCore && prefix !== 'apis') return other;
  const group = isCore ? '' : (segments[1] ?? '');
  const version = segments[isCore ? 1 : 2] ?? '';
  const all = segments.slice(isCore ? 2 : 3);
  const isWatch = all[0] === 'watch' && all.length > 1;
  const parts = isWatch ? all.slice(1) : all;
  if (parts.length === 0) return { ...other, prefix, group, version };
  return { ...other, isResource: true, isWatch, prefix, group, version, ...parseResource(parts) };
}

function parseResource(parts: string[]): Pick<RequestInfo, 'namespace' | 'resource' | 'name' | 'subresource' | 'rest'> {
  const [first, namespace, third] = parts as [string, ...(string | undefined)[]];
  const namespaceSubresource = third === 'status' || third === 'finalize';
  if (first === 'namespaces' && namespace !== undefined) {
    if (third === undefined || namespaceSubresource) {
      return { namespace, resource: 'namespaces', name: namespace, subresource: third ?? '', rest: parts.slice(3) };
    }
    const [, , resource = '', name, subresource = '', ...rest] = parts;
    return { namespace, resource, name, subresource, rest };
  }
  const [resource = '', name, subresource = '', ...rest] = parts;
  return { namespace: undefined, resource, name, subresource, rest };
}

/** The verb that authorisation checks. */
export function verbOf(method: string, info: RequestInfo, isWatch: boolean): string {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (isWatch && info.isResource) return 'watch';
      return info.name === undefined ? 'list' : 'get';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return info.name === undefined ? 'deletecollection' : 'delete';
    default:
      return method.toLowerCase();
  }
}
