import type { Status } from '@flux/apimachinery';
import { FluxError } from '@flux/errors';
import { base64Problem } from '@flux/gotypes';
import type { Resource } from '../registry/resource.ts';
import { describeJsonError, parseJson } from '../storage/json.ts';
import type { Fields } from '../strategies/fields.ts';
import { type Attributes, atVersion, requestVariable } from './attributes.ts';
import type { WebhookAnswer } from './webhook-client.ts';

/** What a webhook says to a change. */
export interface Verdict {
  readonly allowed: boolean;
  readonly status: Partial<Status> | undefined;
  readonly warnings: readonly string[];
  /** The operations of its JSON patch, as text. */
  readonly patch: string | undefined;
}

/** A webhook did not answer as it has to; what it means for the change is for the failure policy to say. */
export class WebhookError extends FluxError {
  override readonly code = 'WEBHOOK';
}

const group = 'admission.k8s.io';
const known = ['v1', 'v1beta1'];

export interface Review {
  readonly version: string;
  readonly uid: string;
  readonly value: Fields;
}

/** The AdmissionReview in the first of the versions that the webhook takes. */
export function reviewOf(attributes: Attributes, matched: Resource, versions: readonly string[]): Review {
  const version = versions.find((item) => known.includes(item));
  if (version === undefined) {
    throw new WebhookError(
      'could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)',
    );
  }
  const { dryRun, options, ...request } = requestVariable(attributes, matched);
  const { resource } = attributes.write;
  const object = atVersion(attributes.object, resource, matched);
  const oldObject = atVersion(attributes.oldObject, resource, matched);
  const value = {
    kind: 'AdmissionReview',
    apiVersion: `${group}/${version}`,
    request: { ...request, object, oldObject, dryRun, options },
  };
  return { version, uid: String(request['uid']), value };
}

/** Reads an answer; throws `WebhookError` for one that is not well-formed. */
export function readVerdict(answer: WebhookAnswer, review: Review, isMutating: boolean): Verdict {
  const value = readReview(answer, review);
  const { response } = value;
  if (!isFields(response)) throw invalid('webhook response was absent');
  if (review.version === 'v1') checkIdentity(value, response, review);
  const { allowed, status, warnings } = response;
  checkType('allowed', allowed, 'boolean', 'bool');
  return {
    allowed: allowed === true,
    status: isFields(status) ? status : undefined,
    warnings: Array.isArray(warnings) ? warnings.filter(isPrintable) : [],
    patch: patchOf(response, review.version, isMutating),
  };
}

function readReview({ status, contentType, text }: WebhookAnswer, { version }: Review): Fields {
  if (status < 200 || status > 206) throw failed(describeStatus(status, text));
  if (text === '') throw failed(`0-length response with status code: ${status} and content type: ${contentType}`);
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw failed(`couldn't get version/kind; json parse error: ${describeJsonError(text, error)}`);
  }
  if (!isFields(value)) {
    const shown = Array.isArray(value) ? 'array' : typeof value;
    throw failed(`couldn't get version/kind; json parse error: json: cannot unmarshal ${shown} into Go value`);
  }
  const { kind = '', apiVersion = '' } = value;
  if (kind === 'AdmissionReview' && apiVersion !== `${group}/${version}` && apiVersion.startsWith?.(`${group}/`)) {
    const other = String(apiVersion).slice(group.length + 1);
    throw failed(`converting (${other}.AdmissionReview) to (${version}.AdmissionReview): unknown conversion`);
  }
  if (kind !== 'AdmissionReview' && kind !== '') {
    throw failed(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`,
    );
  }
  return value;
}

function checkIdentity({ kind = '', apiVersion = '' }: Fields, { uid = '' }: Fields, { uid: expected }: Review): void {
  if (uid !== expected) {
    throw invalid(`expected response.uid=${JSON.stringify(expected)}, got ${JSON.stringify(uid)}`);
  }
  if (kind === 'AdmissionReview' && apiVersion === `${group}/v1`) return;
  const shown = apiVersion === '' ? '/' : String(apiVersion);
  throw invalid(`expected webhook response of ${group}/v1, Kind=AdmissionReview, got ${shown}, Kind=${kind}`);
}

function patchOf({ patch = '', patchType }: Fields, version: string, isMutating: boolean): string | undefined {
  checkType('patch', patch, 'string', 'string');
  checkType('patchType', patchType ?? undefined, 'string', 'v1.PatchType');
  if (version === 'v1') checkPatch(patch, patchType ?? undefined, isMutating);
  if (!isMutating || patch === '') return undefined;
  const problem = base64Problem(patch);
  if (problem !== undefined) throw failed(problem);
  if (version === 'v1' && patchType !== 'JSONPatch') {
    throw new WebhookError(`unsupported patch type ${JSON.stringify(patchType)}`);
  }
  return Buffer.from(patch, 'base64').toString('utf8');
}

function checkPatch(patch: string, patchType: string | undefined, isMutating: boolean): void {
  if (!isMutating) {
    if (patch !== '') throw invalid('validating webhook may not return response.patch');
    if (patchType !== undefined) throw invalid('validating webhook may not return response.patchType');
    return;
  }
  if (patch !== '' && patchType === undefined) {
    throw invalid('webhook returned response.patch but not response.patchType');
  }
  if (patch === '' && patchType !== undefined) {
    throw invalid('webhook returned response.patchType but not response.patch');
  }
  if (patchType === '') throw invalid('webhook returned invalid response.patchType of ""');
}

function checkType(field: string, value: unknown, wanted: string, goType: string): void {
  if (value === undefined || typeof value === wanted) return;
  const shown = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  throw failed(
    `json: cannot unmarshal ${shown} into Go struct field AdmissionResponse.response.${field} of type ${goType}`,
  );
}

const statusTexts: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  403: 'forbidden',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  415: 'the server was unable to respond with a content type that the client supports',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};

/** What client-go makes of an answer that is no success: the message of a Status, or words for the code. */
function describeStatus(code: number, text: string): string {
  try {
    const value = JSON.parse(text) as Partial<Status> | null;
    if (value?.kind === 'Status' && value.message) return value.message;
  } catch {
    // Most failures are no JSON.
  }
  const known = statusTexts[code];
  if (known) return known;
  if (code < 500) return `the server responded with the status code ${code} but did not return more information`;
  const shown = JSON.stringify(text.trim().slice(0, 2048) || 'unknown');
  return `an error on the server (${shown}) has prevented the request from succeeding`;
}

/** Warnings travel in a header, which cannot hold control characters. */
function isPrintable(text: unknown): text is string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return typeof text === 'string' && text !== '' && !/[\u0000-\u001f\u007f]/.test(text);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function failed(why: string): WebhookError {
  return new WebhookError(`failed to call webhook: ${why}`);
}

function invalid(why: string): WebhookError {
  return new WebhookError(`received invalid webhook response: ${why}`);
}
