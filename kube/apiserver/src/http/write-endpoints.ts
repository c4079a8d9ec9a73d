import { isNotFound, type KubeObject } from '@flux/apimachinery';
import { GoDecodeError } from '../decode/decode-error.ts';
import { createAdmitted } from '../registry/create.ts';
import { type DeleteOptions, deleteAdmitted, parseDeleteOptions } from '../registry/delete.ts';
import { listObjects } from '../registry/list.ts';
import { parseListOptions } from '../registry/list-options.ts';
import { apiVersionOf, goTypeName, type Resource } from '../registry/resource.ts';
import { updateAdmitted } from '../registry/update.ts';
import { checkName, type WriteRequest } from '../registry/write-request.ts';
import { badRequest, invalid, invalidField } from '../status.ts';
import { storageKey } from '../storage/bucket.ts';
import { stringifyJson } from '../storage/json.ts';
import { type ParsedBody, readBody } from './body.ts';
import { type Call, formOf, respond, writeRequest } from './endpoint.ts';
import { type ApiResponse, objectResponse } from './messages.ts';
import { negotiate } from './negotiate.ts';

export async function createEndpoint(call: Call): Promise<ApiResponse> {
  const request = writeRequest(call, 'CreateOptions');
  negotiate(call.request.headers['accept']);
  const body = readBody(call.request.body, call.resource.kind);
  const object = decodeBody(request, body);
  const created = await createAdmitted(request, object);
  await call.api.store.settled();
  return respond(call, 201, created);
}

export async function updateEndpoint(call: Call): Promise<ApiResponse> {
  const request = writeRequest(call, 'UpdateOptions');
  const { resource } = call;
  const object = decodeBody(request, readBody(call.request.body, resource.kind));
  checkName(object, request.name!);
  const exists = resource.bucket.get(storageKey(request.namespace, request.name!)) !== undefined;
  if (!exists && resource.strategy.createsOnUpdate && request.subresource === '') {
    const created = await createAdmitted(request, object);
    await call.api.store.settled();
    return respond(call, 201, created);
  }
  const updated = await updateAdmitted(request, () => object);
  await call.api.store.settled();
  return respond(call, 200, updated);
}

export async function deleteEndpoint(call: Call): Promise<ApiResponse> {
  const { request, options } = deletionRequest(call);
  const { resource } = call;
  warnOfOrphans(call, options);
  const { object, gone } = await deleteAdmitted(request, options);
  await call.api.store.settled();
  if (!gone || resource.strategy.answersDeletedObject) return respond(call, 200, resource.fromStored(object));
  const { name, uid } = object.metadata;
  const { group, plural } = resource;
  return objectResponse(200, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(group ? { group } : {}), kind: plural, uid },
  });
}

function warnOfOrphans({ resource, warnings }: Call, options: ReturnType<typeof parseDeleteOptions>): void {
  if (resource.group !== 'batch' || resource.strategy.defaultPropagation !== 'Orphan') return;
  if (options.propagationPolicy !== undefined || options.orphanDependents !== undefined) return;
  warnings.push(
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  );
}

function bodyOfDelete(call: Call): unknown {
  const { body } = call.request;
  if (body.kind === 'text' && body.text.trim() === '') return undefined;
  const { value } = readBody(body, 'DeleteOptions');
  const { kind = '', apiVersion = '' } = (value ?? {}) as { kind?: unknown; apiVersion?: unknown };
  if (kind !== '' && kind !== 'DeleteOptions') {
    const names = `kind ${stringifyJson(kind)} is registered for version ${stringifyJson(apiVersion)}`;
    throw badRequest(`no ${names} in scheme "pkg/runtime/scheme.go:111"`);
  }
  return value;
}

function deletionRequest(call: Call): { request: WriteRequest; options: DeleteOptions } {
  const body = bodyOfDelete(call);
  const options = parseDeleteOptions(call.request.query, body);
  const { uid, resourceVersion, ...others } = options;
  const request = writeRequest(call, 'DeleteOptions');
  const isDryRun = request.dryRun || wantsDryRun(body);
  const preconditions = { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) };
  const shown = {
    ...(isDryRun ? { dryRun: ['All'] } : {}),
    ...(Object.keys(preconditions).length > 0 ? { preconditions } : {}),
    ...others,
  };
  return { request: { ...request, dryRun: isDryRun, options: shown }, options };
}

function wantsDryRun(body: unknown): boolean {
  return (
    typeof body === 'object' &&
    body !== null &&
    Array.isArray((body as { dryRun?: unknown }).dryRun) &&
    (body as { dryRun: unknown[] }).dryRun.length > 0
  );
}

export async function deleteCollectionEndpoint(call: Call): Promise<ApiResponse> {
  const { api, resource, info, request } = call;
  const listOptions = parseListOptions(request.query);
  const { request: base, options } = deletionRequest(call);
  const result = listObjects(api, resource, { ...listOptions, watch: false }, { namespace: info.namespace });
  for (const { metadata } of result.items) {
    if (!resource.bucket.get(storageKey(metadata.namespace, metadata.name))) continue;
    const one = deleteAdmitted({ ...base, namespace: metadata.namespace, name: metadata.name }, options);
    // Another request may delete it while a webhook is asked.
    await one.catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
  await api.store.settled();
  const negotiated = negotiate(request.headers['accept']);
  return objectResponse(200, formOf(call, negotiated).list(result), negotiated.mediaType);
}

/** Body → canonical object of the resource's kind; unknown and duplicate members follow `fieldValidation`. */
export function decodeBody(request: WriteRequest, body: ParsedBody): KubeObject {
  const { resource } = request;
  const value = body.value ?? {};
  checkKind(resource, value as Record<string, unknown>);
  return decodeValue(request, value, body);
}

/** Decodes a JSON value that came from a body or a patch. */
export function decodeValue(
  request: WriteRequest,
  value: unknown,
  { problems, duplicates, sorted }: Omit<ParsedBody, 'value'> & { sorted?: boolean },
): KubeObject {
  const { resource } = request;
  const strict: string[] = [];
  let object: KubeObject;
  try {
    object = resource.decode(value, { strict, ...(duplicates ? { duplicates } : {}) });
  } catch (error) {
    if (!(error instanceof GoDecodeError)) throw error;
    throw badRequest(
      `${resource.kind} in version ${JSON.stringify(resource.version)} cannot be handled as a ${resource.kind}: ${error.message}`,
    );
  }
  if (sorted) strict.sort();
  strict.unshift(...problems);
  if (strict.length === 0 || request.fieldValidation === 'Ignore') return object;
  if (request.fieldValidation === 'Warn') {
    for (const problem of strict) request.warn(problem.replace(/^yaml: unmarshal errors:\n {2}/, ''));
    return object;
  }
  throw badRequest(
    `${resource.kind} in version ${JSON.stringify(resource.version)} cannot be handled as a ${resource.kind}: strict decoding error: ${strict.join(', ')}`,
  );
}

/** The body may name its kind or, for built-in kinds, leave it to the path (KUBE-CRUD-07). */
function checkKind(resource: Resource, value: Record<string, unknown>): void {
  const expected = apiVersionOf(resource);
  const { apiVersion, kind } = value;
  const given = typeof apiVersion === 'string' && apiVersion !== '' ? apiVersion : undefined;
  const givenKind = typeof kind === 'string' && kind !== '' ? kind : undefined;
  if (!resource.builtin) {
    checkCustomKind(resource, value, given, givenKind);
    return;
  }
  const shownVersion = (given ?? expected).split('/').pop();
  const refuse = (why: string) =>
    badRequest(
      `${givenKind ?? resource.kind} in version ${JSON.stringify(shownVersion)} cannot be handled as a ${resource.kind}: ${why}`,
    );
  if (givenKind !== undefined && givenKind !== resource.kind && (given ?? expected) === expected) {
    throw refuse(
      `converting (${shownVersion}.${givenKind}) to (${goTypeName(resource, resource.kind)}): unknown conversion`,
    );
  }
  if (given === undefined || given === expected) return;
  if (given.includes('/') && given.split('/')[0] === resource.group) {
    throw badRequest(`the API version in the data (${given}) does not match the expected API version (${expected})`);
  }
  throw refuse(
    `no kind ${JSON.stringify(givenKind ?? resource.kind)} is registered for version ${JSON.stringify(given)} in scheme "pkg/runtime/scheme.go:111"`,
  );
}

/** The server shows the whole body, and its beginning once more. */
function kindMissing({ kind }: Resource, value: unknown) {
  const text = stringifyJson(value);
  const begin = text.length > 30 ? `${text.slice(0, 30)} ...` : text;
  return badRequest(
    `the object provided is unrecognized (must be of type ${kind}): Object 'Kind' is missing in '${text}' (${begin})`,
  );
}

function checkCustomKind(resource: Resource, value: Record<string, unknown>, given?: string, kind?: string): void {
  const expected = apiVersionOf(resource);
  if (kind === undefined) throw kindMissing(resource, value);
  if (given !== expected) {
    throw badRequest(
      `the API version in the data (${given ?? ''}) does not match the expected API version (${expected})`,
    );
  }
  if (kind !== resource.kind) {
    const name = (value as Partial<KubeObject>).metadata?.name ?? '';
    throw invalid({ group: resource.group, kind }, name, [invalidField('kind', kind, `must be ${resource.kind}`)]);
  }
}
