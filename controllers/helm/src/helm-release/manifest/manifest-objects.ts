import { isJsonObject, type KubeObject } from '@flux/apimachinery';
import { parseYamlDocuments } from '@flux/yaml';

/** The objects of YAML documents, those of lists included; documents that are no objects are left out. */
export function objectsOf(text: string): KubeObject[] {
  return parseYamlDocuments(text, { mode: 'sigs' }).flatMap(flatten);
}

function flatten(value: unknown): KubeObject[] {
  if (!isJsonObject(value)) return [];
  const { apiVersion, kind, metadata, items } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return [];
  if (kind.endsWith('List') && Array.isArray(items)) return items.flatMap(flatten);
  if (!isJsonObject(metadata) || typeof metadata['name'] !== 'string') return [];
  return [value as unknown as KubeObject];
}
