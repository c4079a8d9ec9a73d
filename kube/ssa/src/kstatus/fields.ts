import type { KubeObject } from '@flux/apimachinery';

interface StatusCondition {
  type: string;
  status: string;
  reason: string;
  message: string;
}

/** The value at a path of field names, or undefined where the path ends early. */
export function fieldAt(object: unknown, ...path: string[]): unknown {
  let value = object;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

export function integerAt(object: unknown, fallback: number, ...path: string[]): number {
  const value = fieldAt(object, ...path);
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' && Number.isInteger(value) ? value : fallback;
}

export function textAt(object: unknown, fallback: string, ...path: string[]): string {
  const value = fieldAt(object, ...path);
  return typeof value === 'string' ? value : fallback;
}

export function isIntegerAt(object: unknown, ...path: string[]): boolean {
  return Number.isInteger(integerAt(object, Number.NaN, ...path));
}

/** The conditions of an object's status; members that are no conditions are left out. */
export function statusConditions(object: KubeObject): StatusCondition[] {
  const list = fieldAt(object, 'status', 'conditions');
  if (!Array.isArray(list)) return [];
  return list
    .filter((item) => typeof item === 'object' && item !== null)
    .map((item) => ({
      type: textAt(item, '', 'type'),
      status: textAt(item, '', 'status'),
      reason: textAt(item, '', 'reason'),
      message: textAt(item, '', 'message'),
    }));
}
