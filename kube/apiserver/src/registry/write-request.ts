import type { KubeObject, StatusError } from '@flux/apimachinery';
import { badRequest } from '../status.ts';
import type { Api, User } from './api.ts';
import type { Resource, StrategyContext } from './resource.ts';

/** Who writes what, how: shared by create, update, patch and delete. */
export interface WriteRequest {
  api: Api;
  resource: Resource;
  namespace: string | undefined;
  name: string | undefined;
  /** `status`, `scale`…, or empty for the object itself. */
  subresource: string;
  dryRun: boolean;
  fieldManager: string;
  fieldValidation: 'Ignore' | 'Warn' | 'Strict';
  user: User;
  /** CreateOptions, UpdateOptions or DeleteOptions as the client gave them, for admission. */
  options?: Readonly<Record<string, unknown>>;
  warn(text: string): void;
}

export function strategyContext(request: WriteRequest): StrategyContext {
  const { api, resource, dryRun, user, subresource } = request;
  return { api, resource, dryRun, user, subresource, now: api.now() };
}

/** The body's namespace must be absent or the one in the path. */
export function adoptNamespace(object: KubeObject, request: WriteRequest): void {
  const { metadata } = object;
  if (!request.resource.namespaced) {
    delete metadata.namespace;
    return;
  }
  if (metadata.namespace && metadata.namespace !== request.namespace) throw namespaceMismatch();
  if (request.namespace) metadata.namespace = request.namespace;
}

function namespaceMismatch(): StatusError {
  return badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

/** The body of PUT and apply must carry the name that the path has. */
export function checkName(object: KubeObject, name: string): void {
  const given = object.metadata.name;
  if (!given) {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  if (given !== name) {
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
  }
}
