import type { ApiRequest } from '../http/messages.ts';
import type { RequestInfo } from '../http/request-info.ts';
import type { Api, User } from '../registry/api.ts';
import { failure } from '../status.ts';

/** Refuses with the API server's words what RBAC does not allow. */
export function authorizeRequest(api: Api, request: ApiRequest, user: User, info: RequestInfo, verb: string): void {
  if (!info.isResource) {
    const method = request.method === 'GET' ? 'get' : request.method.toLowerCase();
    if (api.authorizer.allowPath(user, method, decodeURI(request.path)) !== undefined) return;
    throw failure(
      403,
      'Forbidden',
      `forbidden: User ${JSON.stringify(user.name)} cannot ${method} path ${JSON.stringify(request.path)}`,
      {},
    );
  }
  const name = info.name ?? nameOfFieldSelector(request, verb);
  const check = {
    verb,
    group: info.group,
    resource: info.resource,
    ...(info.subresource ? { subresource: info.subresource } : {}),
    ...(info.namespace ? { namespace: info.namespace } : {}),
    ...(name === undefined ? {} : { name }),
  };
  if (api.authorize(user, check)) return;
  throw refusal(user, info, verb);
}

/** A list of one name is authorised like that object. */
function nameOfFieldSelector(request: ApiRequest, verb: string): string | undefined {
  if (verb !== 'list' && verb !== 'watch' && verb !== 'deletecollection') return undefined;
  return /^metadata\.name==?([^,]+)$/.exec(request.query.get('fieldSelector')?.[0] ?? '')?.[1];
}

export function refusal(user: User, info: RequestInfo, verb: string) {
  const { group, resource, subresource, namespace, name } = info;
  const qualified = group ? `${resource}.${group}` : resource;
  const subject = name === undefined ? qualified : `${qualified} ${JSON.stringify(name)}`;
  const target = subresource ? `${resource}/${subresource}` : resource;
  const scope = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope';
  const why = `User ${JSON.stringify(user.name)} cannot ${verb} resource ${JSON.stringify(target)} in API group ${JSON.stringify(group)} ${scope}`;
  return failure(403, 'Forbidden', `${subject} is forbidden: ${why}`, {
    ...(name === undefined ? {} : { name }),
    ...(group ? { group } : {}),
    kind: resource,
  });
}
