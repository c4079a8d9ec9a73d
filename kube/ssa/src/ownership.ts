import type { KubeObject } from '@flux/apimachinery';

/** Who applies: the field manager, and the prefix of the owner labels. */
export interface Owner {
  field: string;
  group: string;
}

/** The labels by which an object is known to belong to an owner object (KUS-APPLY-02). */
export function ownerLabels(group: string, name: string, namespace: string): Record<string, string> {
  return { [`${group}/name`]: name, [`${group}/namespace`]: namespace };
}

/** Labels and annotations set on copies of the objects, over those that they have; top-level metadata only. */
export function withMetadata(
  objects: readonly KubeObject[],
  added: { labels?: Readonly<Record<string, string>>; annotations?: Readonly<Record<string, string>> },
): KubeObject[] {
  return objects.map((object) => ({
    ...object,
    metadata: {
      ...object.metadata,
      ...merged('labels', object.metadata.labels, added.labels),
      ...merged('annotations', object.metadata.annotations, added.annotations),
    },
  }));
}

function merged(
  field: 'labels' | 'annotations',
  present: Record<string, string> | undefined,
  added: Readonly<Record<string, string>> | undefined,
): Partial<Record<typeof field, Record<string, string>>> {
  if (!added || Object.keys(added).length === 0) return {};
  return { [field]: { ...present, ...added } };
}
