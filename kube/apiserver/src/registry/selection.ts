import { type FieldSelector, type KubeObject, parseFieldSelector, parseLabelSelector } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import { badRequest } from '../status.ts';
import type { Resource } from './resource.ts';

/** Which objects of a resource a list, watch or deletecollection is about. */
export interface Selection {
  namespace: string | undefined;
  /** Set when one object is watched by its path or by a metadata.name selector. */
  name: string | undefined;
  isFiltered: boolean;
  matches(object: KubeObject): boolean;
}

export interface SelectionParts {
  namespace: string | undefined;
  name?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
}

export function parseSelection(resource: Resource, parts: SelectionParts): Selection {
  const labels = parts.labelSelector ? parseOrRefuse(() => parseLabelSelector(parts.labelSelector!)) : undefined;
  const fields = parts.fieldSelector ? parseOrRefuse(() => parseFieldSelector(parts.fieldSelector!)) : undefined;
  for (const { field } of fields?.requirements ?? []) checkField(resource, field);
  const { namespace, name } = parts;
  return {
    namespace,
    name,
    isFiltered: labels !== undefined || fields !== undefined,
    matches(object) {
      const { metadata } = object;
      if (namespace && metadata.namespace !== namespace) return false;
      if (name && metadata.name !== name) return false;
      if (labels && !labels.matches(metadata.labels ?? {})) return false;
      return !fields || matchFields(fields, resource, object);
    },
  };
}

function parseOrRefuse<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw badRequest(messageOf(error));
  }
}

function checkField(resource: Resource, field: string): void {
  if (field === 'metadata.name' || (field === 'metadata.namespace' && resource.namespaced)) return;
  if (field === 'metadata.namespace' && resource.builtin) return;
  if (resource.selectable.has(field)) return;
  if (resource.selectable.size > 0 || !resource.builtin) throw badRequest(`field label not supported: ${field}`);
  const known = 'only "metadata.name", "metadata.namespace"';
  throw badRequest(`${JSON.stringify(field)} is not a known field selector: ${known}`);
}

function matchFields(selector: FieldSelector, resource: Resource, object: KubeObject): boolean {
  const values = fieldsOf(resource, object);
  return selector.matches((field) => values[field] ?? '');
}

function fieldsOf(resource: Resource, object: KubeObject): Record<string, string> {
  return {
    'metadata.name': object.metadata.name,
    'metadata.namespace': object.metadata.namespace ?? '',
    ...resource.strategy.selectableFields?.(object),
  };
}
