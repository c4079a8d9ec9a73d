import type { KubeObject } from '@flux/apimachinery';
import { formatTime } from '@flux/gotypes';
import { review } from '../auth/reviews.ts';
import type { Tokens } from '../auth/tokens.ts';
import type { Group } from '../discovery/groups.ts';
import { recordUpdate } from '../registry/ownership.ts';
import { adoptNamespace } from '../registry/write-request.ts';
import { badRequest, conflict, failure, methodNotAllowed, modifiedConflict, notFound } from '../status.ts';
import { storageKey } from '../storage/bucket.ts';
import { copyJson } from '../storage/freeze.ts';
import { readBody } from './body.ts';
import { type Call, respond, writeRequest } from './endpoint.ts';
import { evictEndpoint } from './evict-endpoint.ts';
import { type ApiResponse, objectResponse } from './messages.ts';
import { scaleEndpoint } from './scale-endpoint.ts';
import { tokenEndpoint } from './token-endpoint.ts';
import { decodeBody } from './write-endpoints.ts';

export interface SpecialParts {
  tokens: Tokens;
  url(): string;
  groups(): Group[];
  /** Members of /version that are not those of this server. */
  version?: Readonly<Record<string, string>>;
}

const reviewGroups = new Set(['authorization.k8s.io', 'authentication.k8s.io']);

/** Endpoints that are no plain storage of objects; `undefined` for all others. */
export async function serveSpecial(call: Call, parts: SpecialParts): Promise<ApiResponse | undefined> {
  const { resource, info, request } = call;
  if (reviewGroups.has(resource.group) && request.method === 'POST' && !info.name) return reviewEndpoint(call, parts);
  if (!resource.subresources.some(({ name }) => name === info.subresource)) return undefined;
  if (info.subresource === 'scale') return scaleEndpoint(call);
  if (resource.plural === 'serviceaccounts' && info.subresource === 'token') {
    if (request.method !== 'POST') throw methodNotAllowed();
    return tokenEndpoint(call, parts.tokens);
  }
  if (resource.plural === 'namespaces' && info.subresource === 'finalize') return finalizeEndpoint(call);
  if (resource.plural === 'pods') return podEndpoint(call);
  if (info.subresource === 'proxy') throw noKubelet(call);
  return undefined;
}

function reviewEndpoint(call: Call, { tokens }: SpecialParts): ApiResponse {
  const request = writeRequest(call, 'CreateOptions');
  const object = decodeBody(request, readBody(call.request.body, call.resource.kind));
  adoptNamespace(object, request);
  delete object['status'];
  recordUpdate(object, undefined, request);
  review(object, call.api, call.user, tokens);
  if (object.kind === 'SelfSubjectRulesReview') delete object.metadata.managedFields;
  return respond(call, 201, object);
}

/** PUT of a Namespace's spec.finalizers; the namespace goes when the last one does. */
async function finalizeEndpoint(call: Call): Promise<ApiResponse> {
  if (call.request.method !== 'PUT') throw methodNotAllowed();
  const { api, resource, info } = call;
  const request = writeRequest(call, 'UpdateOptions');
  const body = decodeBody(request, readBody(call.request.body, resource.kind));
  const live = resource.bucket.get(info.name!);
  if (!live) throw notFound({ group: '', resource: 'namespaces' }, info.name!);
  const version = body.metadata.resourceVersion;
  if (version && version !== live.metadata.resourceVersion) {
    throw modifiedConflict({ group: '', resource: 'namespaces' }, info.name!);
  }
  const finalizers: string[] = body['spec']?.finalizers ?? [];
  const object: KubeObject = { ...copyJson(live), spec: finalizers.length > 0 ? { finalizers } : {} };
  recordUpdate(object, live, request);
  const isGone = live.metadata.deletionTimestamp && finalizers.length === 0 && !(live.metadata.finalizers ?? []).length;
  if (isGone && !request.dryRun) api.store.remove(resource.bucket, info.name!, object);
  const answer = isGone || request.dryRun ? object : api.store.put(resource.bucket, object);
  await api.store.settled();
  return respond(call, 200, answer);
}

async function podEndpoint(call: Call): Promise<ApiResponse | undefined> {
  switch (call.info.subresource) {
    case 'binding':
      return bind(call);
    case 'eviction':
      return evictEndpoint(call);
    case 'log':
    case 'exec':
    case 'attach':
    case 'portforward':
    case 'proxy':
      throw noKubelet(call);
    default:
      return undefined;
  }
}

/** Pods of this server are simulated, so nothing runs that could be looked into. */
function noKubelet({ resource, info }: Call) {
  const object = resource.bucket.get(storageKey(info.namespace, info.name!));
  if (!object) return notFound({ group: resource.group, resource: resource.plural }, info.name!);
  const what = `${info.subresource} of ${resource.singular} ${info.namespace ?? ''}/${info.name}`;
  return failure(
    501,
    'NotImplemented',
    `${what} is not available: pods are simulated by the embedded API server and run no containers`,
  );
}

async function bind(call: Call): Promise<ApiResponse> {
  const { api, resource, info, request } = call;
  const pod = resource.bucket.get(storageKey(info.namespace, info.name!));
  if (!pod) throw notFound({ group: '', resource: 'pods' }, info.name!);
  const { value } = readBody(request.body, 'Binding');
  const node = (value as { target?: { name?: string } } | undefined)?.target?.name;
  if (!node) throw badRequest('the binding names no node');
  const assigned = pod['spec']?.nodeName;
  if (assigned) {
    const why = `pod ${info.name} is already assigned to node ${JSON.stringify(assigned)}`;
    throw conflict({ group: '', resource: 'pods/binding' }, info.name!, why);
  }
  api.store.put(resource.bucket, bound(pod, node, api.now()));
  await api.store.settled();
  return objectResponse(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}

/** The pod with its node and the condition that the scheduler's binding sets. */
export function bound(pod: KubeObject, nodeName: string, now: Date): KubeObject {
  const scheduled = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: formatTime(now),
  };
  const status = pod['status'] ?? {};
  const conditions = (status.conditions ?? []).filter(({ type }: { type: string }) => type !== 'PodScheduled');
  return { ...pod, spec: { ...pod['spec'], nodeName }, status: { ...status, conditions: [...conditions, scheduled] } };
}
