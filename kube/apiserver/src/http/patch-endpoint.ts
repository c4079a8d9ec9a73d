import {
  applyJsonPatch,
  applyMergePatch,
  applyServerSide,
  applyStrategicMergePatch,
  type JsonValue,
  type KubeObject,
  newConflictsStatus,
  parseApiVersion,
  StatusError,
} from '@flux/apimachinery';
import { refusal } from '../auth/authorize.ts';
import { createAdmitted } from '../registry/create.ts';
import { trackingOptions } from '../registry/ownership.ts';
import { apiVersionOf, groupResourceOf, type Resource } from '../registry/resource.ts';
import { updateAdmitted } from '../registry/update.ts';
import { adoptNamespace, checkName, type WriteRequest } from '../registry/write-request.ts';
import {
  badRequest,
  type FieldError,
  failure,
  invalid,
  invalidField,
  notFound,
  unsupportedMediaType,
} from '../status.ts';
import { storageKey } from '../storage/bucket.ts';
import { copyJson } from '../storage/freeze.ts';
import { checkDepth } from './depth.ts';
import { type Call, isForced, respond, writeRequest } from './endpoint.ts';
import type { ApiResponse, RequestBody } from './messages.ts';
import { invalidApplied, readApplyBody, readPatch } from './patch-body.ts';
import { conversionProblem, patchProblems, showGoValue, showPatched, unfitPatch } from './unfit-patch.ts';
import { decodeValue } from './write-endpoints.ts';

const applyType = 'application/apply-patch+yaml';
const jsonType = 'application/json-patch+json';
const mergeType = 'application/merge-patch+json';
const strategicType = 'application/strategic-merge-patch+json';

export async function patchEndpoint(call: Call): Promise<ApiResponse> {
  const { body } = call.request;
  const mediaType = body.kind === 'none' ? '' : body.mediaType;
  const known = call.resource.builtin
    ? [jsonType, mergeType, strategicType, applyType]
    : [jsonType, mergeType, applyType];
  if (!known.includes(mediaType)) {
    if (mediaType === strategicType) {
      const list = known.join(', ');
      throw unsupportedMediaType(
        `the body of the request was in an unknown format - accepted media types include: ${list}`,
      );
    }
    throw unsupportedMediaType('415: Unsupported Media Type', {});
  }
  const { status, object } = await (mediaType === applyType ? apply(call) : patch(call, mediaType));
  await call.api.store.settled();
  return respond(call, status, object);
}

interface Result {
  status: number;
  object: KubeObject;
}

async function patch(call: Call, mediaType: string): Promise<Result> {
  const request = writeRequest(call, 'PatchOptions');
  const document = readPatch(call.request.body, mediaType === strategicType ? '' : 'error decoding patch: ');
  const { body } = call.request;
  const problems = body.kind === 'text' ? patchProblems(body.text, document) : [];
  const object = await updateAdmitted(
    request,
    (live) => {
      const changed = applyPatch(call, mediaType, document, live);
      // Copying a part into itself again and again gets deeper than any text.
      checkDepth(changed);
      const show = () =>
        mediaType === strategicType
          ? showGoValue(document)
          : showPatched(changed, request.resource.builtin ? live : undefined);
      const object = decodePatched(request, changed, problems, show, mediaType === strategicType);
      if (request.name !== undefined) checkName(object, request.name);
      return object;
    },
    { unconditional: true },
  );
  return { status: 200, object };
}

function applyPatch({ resource }: Call, mediaType: string, document: unknown, live: KubeObject): unknown {
  const target = copyJson(live) as unknown as JsonValue;
  if (mediaType === jsonType) return applyJsonPatch(target, document);
  if (mediaType === mergeType) return applyMergePatch(target, document);
  // No patch at all changes nothing.
  return document === null ? target : applyStrategicMergePatch(target, document, resource.schema());
}

/** Complaints of the decoder about the patched object, which are not those about a body. */
const unfit = /cannot unmarshal|quantities must|illegal base64|strict decoding error/;

/** What a patch made of the object must still be an object of its kind; otherwise the whole of it is in the answer. */
function decodePatched(
  request: WriteRequest,
  changed: unknown,
  problems: string[],
  show: () => string,
  isStrategic: boolean,
): KubeObject {
  const { resource } = request;
  const value = changed as KubeObject;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const lostKind =
    isObject && resource.builtin && !value.kind && (!value.apiVersion || value.apiVersion === apiVersionOf(resource));
  if (isObject && (isStrategic || lostKind)) {
    // Strategic patches are applied to the typed object, which cannot lose its kind; the decoder knows what to expect.
    Object.assign(value, { kind: resource.kind, apiVersion: apiVersionOf(resource) });
    value.metadata ??= {} as KubeObject['metadata'];
  }
  if (isObject && value.kind === resource.kind && value.apiVersion === apiVersionOf(resource)) {
    try {
      return decodeValue(request, value, { problems, sorted: true });
    } catch (error) {
      if (!(error instanceof StatusError) || !unfit.test(error.message)) throw error;
      const detail = error.message.replace(/^.*?cannot be handled as a \w+: /, '');
      throw unfitPatch(show(), isStrategic ? conversionProblem(detail) : detail);
    }
  }
  const kind = isObject ? String(value.kind ?? '') : '';
  const isNamed = typeof value?.kind === 'string' && kind !== '' && typeof value.apiVersion === 'string';
  if (isObject && !resource.builtin && isNamed) throw otherKind(resource, value);
  throw unfitPatch(
    show(),
    `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersionOf(resource))} in scheme "pkg/runtime/scheme.go:111"`,
  );
}

/** A custom resource may become anything that has a kind before it is looked at. */
function otherKind(resource: Resource, { apiVersion, kind, metadata }: KubeObject) {
  const errors: FieldError[] = [];
  if (kind !== resource.kind) errors.push(invalidField('kind', kind, `must be ${resource.kind}`));
  if (apiVersion !== apiVersionOf(resource)) {
    errors.push(invalidField('apiVersion', apiVersion, `must be ${apiVersionOf(resource)}`));
  }
  return invalid({ group: parseApiVersion(apiVersion).group, kind }, metadata?.name ?? '', errors);
}

async function apply(call: Call): Promise<Result> {
  const request = writeRequest(call, 'PatchOptions', true);
  const { resource } = call;
  if (request.subresource && !resource.bucket.get(storageKey(request.namespace, request.name!))) {
    throw notFound(groupResourceOf(resource), request.name!);
  }
  const applied = readApplied(request, call.request.body);
  const stored = resource.bucket.get(storageKey(request.namespace, request.name!));
  if (!stored) return { status: 201, object: await applyNew(call, request, applied) };
  const object = await updateAdmitted(request, (live) => mergeApplied(call, request, applied, live), {
    applied: true,
    unconditional: true,
  });
  return { status: 200, object };
}

async function applyNew(call: Call, request: WriteRequest, applied: KubeObject): Promise<KubeObject> {
  const { resource, api, user, info } = call;
  const allowed = api.authorize(user, {
    verb: 'create',
    group: resource.group,
    resource: resource.plural,
    ...(info.namespace ? { namespace: info.namespace } : {}),
    name: request.name!,
  });
  if (!allowed) throw refusal(user, info, 'create');
  if (applied.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${applied.metadata.uid}, UID in object meta: `;
    throw failure(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${resource.plural} ${JSON.stringify(request.name)}: ${why}`,
    );
  }
  const object = mergeApplied(call, request, applied, undefined);
  delete object.metadata.resourceVersion;
  return createAdmitted(request, object, { applied: true });
}

function readApplied(request: WriteRequest, body: RequestBody): KubeObject {
  const { resource } = request;
  const value = readApplyBody(request, body);
  const apiVersion = typeof value['apiVersion'] === 'string' ? value['apiVersion'] : '';
  const kind = typeof value['kind'] === 'string' ? value['kind'] : '';
  if (apiVersion !== apiVersionOf(resource) || kind !== resource.kind) {
    throw invalidApplied(apiVersion, kind);
  }
  const metadata = value['metadata'];
  if (metadata === undefined || metadata === null) value['metadata'] = {};
  const object = value as KubeObject;
  if (object.metadata.managedFields !== undefined && object.metadata.managedFields !== null) {
    throw badRequest('metadata.managedFields must be nil');
  }
  return object;
}

/** Merges the applied configuration into the live object; the result is canonical and carries its managedFields. */
function mergeApplied(
  call: Call,
  request: WriteRequest,
  applied: KubeObject,
  live: KubeObject | undefined,
): KubeObject {
  const force = isForced(call.request.query);
  const { object, conflicts } = applyServerSide({ ...trackingOptions(request, live), applied, force });
  if (conflicts.length > 0) throw newConflictsStatus(conflicts);
  checkName(object, request.name!);
  adoptNamespace(object, request);
  return decodeValue({ ...request, fieldValidation: 'Ignore' }, object, { problems: [] });
}
