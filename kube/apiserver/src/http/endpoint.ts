import type { KubeObject } from '@flux/apimachinery';
import type { Api, User } from '../registry/api.ts';
import { flag, type Query } from '../registry/list-options.ts';
import type { Resource } from '../registry/resource.ts';
import type { WriteRequest } from '../registry/write-request.ts';
import {
  type FieldError,
  forbiddenField,
  invalid,
  invalidField,
  requiredField,
  tooLongField,
  unsupportedField,
} from '../status.ts';
import { type Form, formFor } from './forms.ts';
import { type ApiRequest, type ApiResponse, objectResponse } from './messages.ts';
import { type Negotiated, negotiate } from './negotiate.ts';
import type { RequestInfo } from './request-info.ts';

/** One request to one resource, with everything that its handler needs. */
export interface Call {
  api: Api;
  request: ApiRequest;
  info: RequestInfo;
  resource: Resource;
  user: User;
  warnings: string[];
}

export function respond(call: Call, status: number, object: KubeObject): ApiResponse {
  const negotiated = negotiate(call.request.headers['accept']);
  return objectResponse(status, formOf(call, negotiated).single(object), negotiated.mediaType);
}

export function formOf(call: Call, negotiated: Negotiated): Form {
  return formFor(call.resource, negotiated, call.request.query, call.api.now);
}

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions';

/** Reads the options that all writes share; wrong values are 422 as in the API server. */
export function writeRequest(call: Call, kind: OptionsKind, isApply = false): WriteRequest {
  const { api, request, info, resource, user, warnings } = call;
  const { query } = request;
  const errors = [...dryRunProblems(query), ...validationProblems(query), ...managerProblems(query, isApply)];
  if (kind === 'PatchOptions' && !isApply && query.has('force')) {
    errors.push(forbiddenField('force', 'may not be specified for non-apply patch'));
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', errors);
  return {
    api,
    resource,
    namespace: info.namespace,
    name: info.name,
    subresource: info.subresource,
    dryRun: query.has('dryRun'),
    fieldManager: query.get('fieldManager')?.[0] || managerOf(request.headers['user-agent']),
    fieldValidation: (query.get('fieldValidation')?.[0] || 'Warn') as WriteRequest['fieldValidation'],
    user,
    options: optionsOf(query),
    warn: (text) => warnings.push(text),
  };
}

/** What admission is shown of the options; `force` belongs to the patch and not to what is made of it. */
function optionsOf(query: Query): Record<string, unknown> {
  const manager = query.get('fieldManager')?.[0];
  const validation = query.get('fieldValidation')?.[0];
  return {
    ...(query.has('dryRun') ? { dryRun: ['All'] } : {}),
    ...(manager ? { fieldManager: manager } : {}),
    ...(validation ? { fieldValidation: validation } : {}),
  };
}

/** Without a field manager the first word of the User-Agent names the writer. */
function managerOf(userAgent: string | undefined): string {
  return (userAgent ?? '').split('/')[0]!.slice(0, 128) || 'unknown';
}

function dryRunProblems(query: Query): FieldError[] {
  const values = query.get('dryRun') ?? [];
  if (values.every((value) => value === 'All')) return [];
  return [unsupportedField('dryRun', values, ['All'])];
}

function validationProblems(query: Query): FieldError[] {
  const value = query.get('fieldValidation')?.[0] ?? '';
  const known = ['', 'Ignore', 'Strict', 'Warn'];
  return known.includes(value) ? [] : [unsupportedField('fieldValidation', value, known)];
}

function managerProblems(query: Query, isApply: boolean): FieldError[] {
  const manager = query.get('fieldManager')?.[0] ?? '';
  if (manager === '') return isApply ? [requiredField('fieldManager', 'is required for apply patch')] : [];
  if (manager.length > 128) {
    return [tooLongField('fieldManager', 128)];
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const unprintable = /[\u0000-\u001f\u007f]/.exec(manager);
  if (!unprintable) return [];
  const code = unprintable[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return [invalidField('fieldManager', manager, `invalid character U+${code} (at position ${unprintable.index})`)];
}

export function isForced(query: Query): boolean {
  return flag(query, 'force') ?? false;
}
