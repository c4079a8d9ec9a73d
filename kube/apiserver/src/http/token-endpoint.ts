import type { KubeObject } from '@flux/apimachinery';
import { formatTime } from '@flux/gotypes';
import { accountUser } from '../auth/service-account.ts';
import { issuer, type Tokens } from '../auth/tokens.ts';
import { decodeStruct } from '../decode/go-types.ts';
import { badRequest, conflict, type FieldError, invalid, invalidField, notFound } from '../status.ts';
import { storageKey } from '../storage/bucket.ts';
import { readBody } from './body.ts';
import { type Call, writeRequest } from './endpoint.ts';
import { type ApiResponse, objectResponse } from './messages.ts';

const definition = 'io.k8s.api.authentication.v1.TokenRequest';

interface Bound {
  kind: string;
  apiVersion: string;
  name: string;
  uid: string;
}

/** TokenRequest: a token of the ServiceAccount, bound to a pod or secret if asked. */
export function tokenEndpoint(call: Call, tokens: Tokens): ApiResponse {
  const { api, resource, info } = call;
  const { fieldManager } = writeRequest(call, 'CreateOptions');
  const account = resource.bucket.get(storageKey(info.namespace, info.name!));
  if (!account) throw notFound({ group: '', resource: 'serviceaccounts' }, info.name!);
  const { value } = readBody(call.request.body, 'TokenRequest');
  const object = decodeStruct(definition, value ?? {}, { strict: [] }) as KubeObject;
  checkNames(object, info.name!);
  const spec = object['spec'] ?? {};
  const seconds = spec.expirationSeconds ?? 3600;
  const audiences: string[] = spec.audiences?.length ? spec.audiences : [issuer];
  const errors = expiryProblems(seconds);
  if (errors.length > 0) throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', errors);
  const now = Math.floor(api.now().getTime() / 1000);
  const { token } = tokens.issue({
    aud: audiences,
    exp: now + seconds,
    iat: now,
    nbf: now,
    sub: accountUser(info.namespace!, info.name!),
    'kubernetes.io': {
      namespace: info.namespace!,
      serviceaccount: { name: info.name!, uid: account.metadata.uid! },
      ...boundTo(call, spec.boundObjectRef),
    },
  });
  return objectResponse(201, {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: {
      name: info.name,
      namespace: info.namespace,
      uid: account.metadata.uid,
      creationTimestamp: formatTime(api.now()),
      managedFields: [ownership(fieldManager, spec, formatTime(api.now()))],
    },
    spec: { audiences, expirationSeconds: seconds, boundObjectRef: spec.boundObjectRef ?? null },
    status: { token, expirationTimestamp: formatTime(new Date((now + seconds) * 1000)) },
  });
}

/** The request may name the account, but no other. */
function checkNames({ metadata }: KubeObject, name: string): void {
  if (!metadata?.name || metadata.name === name) return;
  const error = invalidField('metadata.name', metadata.name, 'must match the service account name if specified');
  throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, name, [error]);
}

/** What the requester wrote, as the field manager of the real server records it. */
function ownership(manager: string, spec: Record<string, unknown>, time: string) {
  const bound = spec['boundObjectRef'] as Record<string, unknown> | null | undefined;
  const fields: Record<string, unknown> = { 'f:expirationSeconds': {} };
  if (Array.isArray(spec['audiences']) && spec['audiences'].length > 0) fields['f:audiences'] = {};
  if (bound) fields['f:boundObjectRef'] = Object.fromEntries(Object.keys(bound).map((key) => [`f:${key}`, {}]));
  const fieldsV1 = { 'f:spec': fields };
  return {
    manager,
    operation: 'Update',
    apiVersion: 'authentication.k8s.io/v1',
    time,
    fieldsType: 'FieldsV1',
    fieldsV1,
    subresource: 'token',
  };
}

function expiryProblems(seconds: number): FieldError[] {
  const field = 'spec.expirationSeconds';
  if (seconds < 600) return [invalidField(field, seconds, 'may not specify a duration less than 10 minutes')];
  if (seconds > 2 ** 32) return [invalidField(field, seconds, 'may not specify a duration larger than 2^32 seconds')];
  return [];
}

function boundTo({ api, info }: Call, reference: Bound | null | undefined) {
  if (!reference) return {};
  const plural = { Pod: 'pods', Secret: 'secrets' }[reference.kind];
  if (!plural || reference.apiVersion !== 'v1') {
    const version = reference.apiVersion.includes('/') ? reference.apiVersion : `/${reference.apiVersion}`;
    throw badRequest(`cannot bind token to object of type ${version}, Kind=${reference.kind}`);
  }
  const object = api.find('', plural, info.namespace, reference.name);
  if (!object) throw notFound({ group: '', resource: plural }, reference.name);
  if (reference.uid && reference.uid !== object.metadata.uid) {
    const why = `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict({ group: '', resource: plural }, reference.name, why);
  }
  return { [reference.kind.toLowerCase()]: { name: reference.name, uid: object.metadata.uid! } };
}
