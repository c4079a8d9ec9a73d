import type { KubeObject } from '@flux/apimachinery';

const masks = { same: '***', before: '*** (before)', after: '*** (after)' };

type SecretData = Record<string, unknown>;

/** Copies of two states of a Secret in which the values are hidden but changes still show. */
export function maskSecretValues(
  before: KubeObject | undefined,
  after: KubeObject | undefined,
): [before: KubeObject | undefined, after: KubeObject | undefined] {
  const old = dataOf(before);
  const fresh = dataOf(after);
  return [
    masked(before, old, (key) => isChanged(old, fresh, key) && masks.before),
    masked(after, fresh, (key) => isChanged(old, fresh, key) && masks.after),
  ];
}

function dataOf(object: KubeObject | undefined): SecretData | undefined {
  const data: unknown = object?.['data'];
  return typeof data === 'object' && data !== null ? (data as SecretData) : undefined;
}

function isChanged(old: SecretData | undefined, fresh: SecretData | undefined, key: string): boolean {
  if (!old || !fresh) return false;
  return Object.hasOwn(old, key) && Object.hasOwn(fresh, key) && old[key] !== fresh[key];
}

function masked(
  object: KubeObject | undefined,
  data: SecretData | undefined,
  maskOf: (key: string) => string | false,
): KubeObject | undefined {
  if (!object || !data) return object;
  const entries = Object.keys(data).map((key) => [key, maskOf(key) || masks.same]);
  return { ...object, data: Object.fromEntries(entries) };
}
