import { StatusError } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import { authenticate, type TokenAuthenticator } from '../auth/authenticate.ts';
import { authorizeRequest, refusal } from '../auth/authorize.ts';
import { impersonate } from '../auth/impersonate.ts';
import type { Discovery } from '../discovery/discovery.ts';
import type { Api, User } from '../registry/api.ts';
import { flag } from '../registry/list-options.ts';
import { groupResourceOf } from '../registry/resource.ts';
import { failure, methodNotAllowed, notFound, notServed } from '../status.ts';
import type { Call } from './endpoint.ts';
import { type ApiRequest, type ApiResponse, objectResponse, type RequestHead, textResponse } from './messages.ts';
import { patchEndpoint } from './patch-endpoint.ts';
import { servePlainPath } from './plain-paths.ts';
import { getObject, listOrWatch } from './read-endpoints.ts';
import { parseRequestInfo, type RequestInfo, verbOf } from './request-info.ts';
import { serveSpecial } from './special-endpoints.ts';
import { createEndpoint, deleteCollectionEndpoint, deleteEndpoint, updateEndpoint } from './write-endpoints.ts';

export interface Dispatcher {
  api: Api;
  discovery: Discovery;
  authenticateToken: TokenAuthenticator;
  /** Whether requests without credentials are served beyond the health checks; what they may do is for RBAC to say. */
  anonymous: boolean;
  special: Parameters<typeof serveSpecial>[1];
  /** Called for errors that are ours. */
  onPanic(error: unknown, request: ApiRequest): void;
}

/** The whole life of a request: who, may they, what, answer. Never throws. */
export async function dispatch(dispatcher: Dispatcher, request: ApiRequest): Promise<ApiResponse> {
  const warnings: string[] = [];
  try {
    const response = await route(dispatcher, request, warnings);
    return addWarnings(response, warnings);
  } catch (error) {
    return addWarnings(errorResponse(dispatcher, request, error), warnings);
  }
}

/** Who sends the request; somebody unknown may only look after the health of the server, unless the server is told otherwise. */
function authenticateKnown(dispatcher: Dispatcher, request: ApiRequest): User {
  const user = request.user ?? authenticate(request, dispatcher.authenticateToken);
  const isKnown = !user.groups.includes('system:unauthenticated');
  if (isKnown || dispatcher.anonymous || /^\/(?:livez|readyz|healthz)(?:\/|$)/.test(request.path)) return user;
  throw failure(401, 'Unauthorized', 'Unauthorized');
}

/** Who sends a request that has a body, or the answer to somebody unknown, whose body need not be read. */
export function identify(dispatcher: Dispatcher, head: RequestHead): { user?: User; refusal?: ApiResponse } {
  if (head.method === 'GET' || head.method === 'HEAD') return {};
  const request: ApiRequest = { ...head, body: { kind: 'none' } };
  try {
    return { user: authenticateKnown(dispatcher, request) };
  } catch (error) {
    return { refusal: errorResponse(dispatcher, request, error) };
  }
}

/** How much the headers of warnings may hold, and one of them when that is not enough. */
const maxWarningLength = 4096;
const maxItemLength = 256;

function shorten(warnings: readonly string[]): string[] {
  const texts = [...new Set(warnings)];
  let length = texts.reduce((sum, text) => sum + text.length, 0);
  if (length <= maxWarningLength) return texts;
  length = 0;
  return texts
    .map((text) => text.slice(0, maxItemLength))
    .filter((text) => {
      length += text.length;
      return length <= maxWarningLength;
    });
}

function addWarnings(response: ApiResponse, warnings: readonly string[]): ApiResponse {
  if (warnings.length === 0) return response;
  const texts = shorten(warnings).map((text) => `299 - ${JSON.stringify(text)}`);
  return { ...response, headers: { ...response.headers, warning: texts } };
}

function errorResponse(dispatcher: Dispatcher, request: ApiRequest, error: unknown): ApiResponse {
  if (error instanceof StatusError) {
    const response = objectResponse(error.statusCode, error.status);
    const seconds = error.status.details?.retryAfterSeconds;
    return seconds === undefined ? response : { ...response, headers: { 'retry-after': String(seconds) } };
  }
  dispatcher.onPanic(error, request);
  const message = `Internal error occurred: ${messageOf(error)}`;
  return objectResponse(500, failure(500, 'InternalError', message, { causes: [{ message }] }).status);
}

async function route(dispatcher: Dispatcher, request: ApiRequest, warnings: string[]): Promise<ApiResponse> {
  const { api } = dispatcher;
  const info = parseRequestInfo(request.path);
  if (!info) return textResponse(400, 'Bad Request');
  const isWatch = request.method === 'GET' && (info.isWatch || (flag(request.query, 'watch') ?? false));
  const verb = verbOf(request.method, info, isWatch);
  const user = impersonate(request, authenticateKnown(dispatcher, request), api, (self, mode) =>
    refusal(self, info, `impersonate-on:${mode}:${verb}`),
  );
  authorizeRequest(api, request, user, info, verb);
  if (!info.isResource) {
    return dispatcher.discovery.serve(request, info) ?? servePlainPath(request, dispatcher.special);
  }
  const resource = api.catalog.find(info.group, info.version, info.resource);
  if (!resource) return unknownResource(dispatcher, info);
  if (resource.deprecation) warnings.push(resource.deprecation);
  const call: Call = { api, request, info: scopeInfo(info, resource.namespaced), resource, user, warnings };
  if (!resource.builtin && !resource.namespaced && info.namespace !== undefined) return pageNotFound();
  checkScope(call, info);
  return (await serveSpecial(call, dispatcher.special)) ?? serve(call);
}

/** Requests of built-in groups get a Status; other groups are plain 404 (KUBE-CRD-02). */
function unknownResource({ api }: Dispatcher, { group, version }: RequestInfo): ApiResponse {
  const isBuiltin = api.catalog.all().some((resource) => resource.builtin && resource.group === group);
  if (!isBuiltin && !api.catalog.hasVersion(group, version)) return pageNotFound();
  throw notServed();
}

function pageNotFound(): ApiResponse {
  return textResponse(404, '404 page not found\n');
}

/** For a Namespace the path names the object itself; everything below works with the name alone. */
function scopeInfo(info: RequestInfo, namespaced: boolean): RequestInfo {
  return namespaced ? info : { ...info, namespace: undefined };
}

function checkScope({ request, resource }: Call, info: RequestInfo): void {
  const { namespace, name, subresource, rest } = info;
  if (rest.length > 0 && !['proxy', 'log'].includes(subresource)) throw notServed();
  if (name?.includes('/')) throw notServed();
  if (!resource.namespaced && namespace !== undefined && resource.plural !== 'namespaces') throw notServed();
  if (!resource.namespaced || namespace !== undefined) return;
  if (name !== undefined) throw notServed();
  if (request.method !== 'GET') throw methodNotAllowed();
}

/** A collection is created into, an item is changed. */
function namesWrongly(verb: string, name: string | undefined): boolean {
  return verb === 'create' ? name !== undefined : (verb === 'update' || verb === 'patch') && name === undefined;
}

async function serve(call: Call): Promise<ApiResponse> {
  const { info, resource, request } = call;
  const verb = verbOf(request.method, info, false);
  if (info.subresource) {
    const subresource = resource.subresources.find(({ name }) => name === info.subresource);
    if (!subresource) throw resource.builtin ? notServed() : notFound(groupResourceOf(resource), info.name ?? '');
    if (!subresource.verbs.includes(verb)) throw methodNotAllowed();
  } else if (!resource.verbs.includes(verb) || request.method === 'HEAD' || namesWrongly(verb, info.name)) {
    throw methodNotAllowed();
  }
  switch (verb) {
    case 'get':
      return info.isWatch ? listOrWatch(call) : getObject(call);
    case 'list':
      return listOrWatch(call);
    case 'create':
      return createEndpoint(call);
    case 'update':
      return updateEndpoint(call);
    case 'patch':
      return patchEndpoint(call);
    case 'delete':
      return deleteEndpoint(call);
    case 'deletecollection':
      return deleteCollectionEndpoint(call);
    default:
      throw methodNotAllowed();
  }
}
