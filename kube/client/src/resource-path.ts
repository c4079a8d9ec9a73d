import { FluxError } from '@flux/errors';
import type { ResourceMapping } from './cluster.ts';
import { groupVersionPath } from './discovery.ts';

/** A name or namespace cannot be part of a request path. */
export class InvalidNameError extends FluxError {
  override readonly code = 'INVALID_NAME';
}

interface ResourceTarget {
  mapping: ResourceMapping;
  namespace?: string | undefined;
  name?: string | undefined;
  subresource?: string | undefined;
}

/**
 * The path of a resource. A namespaced kind without a namespace gets the cluster-wide path: right for lists, and answered
 * with 404 by the server for single objects.
 */
export function resourcePath({ mapping, namespace, name, subresource }: ResourceTarget): string {
  const parts = [groupVersionPath(mapping)];
  if (mapping.namespaced && namespace) parts.push('namespaces', segment('namespace', namespace));
  parts.push(mapping.resource);
  if (name !== undefined) parts.push(segment('name', name));
  if (subresource !== undefined) parts.push(subresource.split('/').map(encodeURIComponent).join('/'));
  return parts.join('/');
}

function segment(what: string, value: string): string {
  if (value === '' || value === '.' || value === '..' || value.includes('/') || value.includes('%')) {
    throw new InvalidNameError(
      `invalid ${what} ${JSON.stringify(value)}: may not be empty, '.', '..' or contain '/' or '%'`,
    );
  }
  return encodeURIComponent(value);
}
