import type { KubeObject } from '@flux/apimachinery';

/**
 * Whether `known` is an older state than `next`. Resource versions are counters on every known server; where they are not
 * numbers, the later delivery is taken for the newer one. A new uid is always newer.
 */
export function isOlder(known: KubeObject, next: KubeObject): boolean {
  const a = known.metadata.resourceVersion ?? '';
  const b = next.metadata.resourceVersion ?? '';
  if (a === b && a !== '') return false;
  if (known.metadata.uid !== next.metadata.uid && !isNumber(b)) return true;
  return !isNumber(a) || !isNumber(b) || BigInt(a) < BigInt(b);
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}
