import type { GroupVersionKind } from '@flux/apimachinery';
import { lazyData } from './data.ts';
import { gvkKey } from './kind.ts';

/** What a strategic merge has to know of one field. */
export interface MergeField {
  /** `merge`, `replace`, `retainKeys`, `merge,retainKeys`; empty when the field only leads to others. */
  readonly strategy: string;
  /** Empty for lists of scalars and for everything that is no list. */
  readonly mergeKey: string;
  /** The type of the value, of the list's items or (with `isMap`) of the map's values. */
  readonly child: MergeType | undefined;
  readonly isMap: boolean;
}

export interface MergeType {
  findField(name: string): MergeField | undefined;
}

type FieldRow = [strategy: string, mergeKey: string, child: number, isMap: 0 | 1];
interface MergeData {
  types: Record<string, FieldRow>[];
  kinds: Record<string, number>;
}

const data = lazyData<MergeData>('./merge-schema.generated.json');
const cache = new Map<number, MergeType>();

/**
 * Merge keys and patch strategies of a kind from a table of 10 kB, for strategic merges that cannot wait for whole schemas.
 * Also knows versions that are no longer served (`batch/v1beta1/CronJob`); undefined means a plain merge.
 */
export function mergeSchema(gvk: GroupVersionKind): MergeType | undefined {
  const key = gvkKey(gvk);
  return Object.hasOwn(data().kinds, key) ? typeAt(data().kinds[key]!) : undefined;
}

function typeAt(index: number): MergeType {
  let type = cache.get(index);
  if (type === undefined) {
    const row = data().types[index] ?? {};
    type = {
      findField(name) {
        if (!Object.hasOwn(row, name)) return undefined;
        const [strategy, mergeKey, child, isMap] = row[name]!;
        return { strategy, mergeKey, child: child < 0 ? undefined : typeAt(child), isMap: isMap === 1 };
      },
    };
    cache.set(index, type);
  }
  return type;
}
