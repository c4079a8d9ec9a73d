import type { KubeObject } from '@flux/apimachinery';

/** Keys with the value that they must have, whatever its case. */
export type MetadataSelector = Readonly<Record<string, string>>;

/** Whether a label or an annotation of the object has one of the selector's values (KUS-APPLY-08). */
export function matchesMetadata(object: KubeObject | undefined, selector: MetadataSelector): boolean {
  if (!object) return false;
  const { labels, annotations } = object.metadata;
  return Object.entries(selector).some(
    ([key, value]) => hasValue(labels, key, value) || hasValue(annotations, key, value),
  );
}

function hasValue(map: Record<string, string> | undefined, key: string, value: string): boolean {
  if (!map || !Object.hasOwn(map, key)) return false;
  return String(map[key]).toLowerCase() === value.toLowerCase();
}
