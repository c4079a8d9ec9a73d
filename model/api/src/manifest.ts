import type { JsonObject, JsonValue, KubeObject } from '@flux/apimachinery';
import { formatDuration, parseDuration } from '@flux/gotypes';
import type { Kind } from './kind.ts';
import type { Schema } from './schema/schema.ts';

/**
 * An object as it would be kept in Git: what names it and what it wants, without what the cluster adds. Values are printed
 * as a Go program prints them: durations in one form, optional fields without a value left out.
 */
export function manifestOf(kind: Kind, object: KubeObject): KubeObject {
  const { name, namespace, labels, annotations } = object.metadata;
  const spec = kind.read(object).spec as JsonObject;
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      ...(labels && Object.keys(labels).length > 0 ? { labels } : {}),
      ...(annotations && Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    spec: printValue(kind.spec, spec),
  };
}

function printValue(schema: Schema, value: JsonValue): JsonValue {
  const { node } = schema;
  if (node.duration && typeof value === 'string') return printDuration(value);
  if (node.items && Array.isArray(value)) return value.map((item) => printValue(node.items as Schema, item));
  const { fields } = node;
  if (!fields || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value)
    .filter(([name, member]) => fields[name]?.requiredIn !== undefined || !isZero(member))
    .map(([name, member]) => [name, fields[name] ? printValue(fields[name], member) : member]);
  return Object.fromEntries(entries);
}

/** What Go's `omitempty` leaves out. */
function isZero(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return true;
  return Array.isArray(value) && value.length === 0;
}

function printDuration(text: string): string {
  try {
    return formatDuration(parseDuration(text));
  } catch {
    return text;
  }
}
