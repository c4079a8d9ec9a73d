import type { KubeObject } from '@flux/apimachinery';
import { formatQuantity } from '@flux/gotypes';
import type { ApiView } from '../registry/resource.ts';
import type { WriteRequest } from '../registry/write-request.ts';
import { forbidden } from '../status.ts';
import { type Amounts, addAll, countOf, negated, readAmounts, showAmounts } from './amounts.ts';
import { missingAmounts } from './pod-usage.ts';
import { isInScopes } from './scopes.ts';
import { countedResource, usageOf } from './usage.ts';

/**
 * Admission plugin ResourceQuota: refuses what would exceed a quota of the namespace. What is used is counted anew from the
 * objects themselves, so that a status that nobody brings up to date lets nothing through. The answer writes the new
 * numbers down once the object is stored.
 */
export function enforceQuotas(request: WriteRequest, object: KubeObject, old?: KubeObject): () => void {
  const { api, resource, subresource, dryRun } = request;
  const { namespace, name = '' } = object.metadata;
  if (!resource.namespaced || !namespace || subresource !== '') return () => undefined;
  const quotas = api.list('', 'resourcequotas', namespace).filter((quota) => isInScopes(quota, resource, object));
  if (quotas.length === 0) return () => undefined;
  const nowMs = api.now().getTime();
  const delta = usageOf(resource, object, nowMs);
  if (old) addAll(delta, negated(usageOf(resource, old, nowMs)));
  const charges = quotas.flatMap((quota) => {
    const refusal = (why: string) => forbidden({ group: resource.group, resource: resource.plural }, name, why);
    const limited = Object.keys(quota['spec']?.hard ?? {});
    const isNewPod = resource.group === '' && resource.plural === 'pods' && !old;
    const missing = isNewPod ? missingAmounts(object, limited) : undefined;
    if (missing) throw refusal(`failed quota: ${quota.metadata.name}: ${missing}`);
    const requested = limited.filter((item) => (delta.get(item)?.nanos ?? 0n) !== 0n);
    if (requested.length === 0) return [];
    const used = usedOf(api, quota, nowMs);
    const exceeded = exceededBy(requested, delta, used, readAmounts(quota['spec'].hard));
    if (exceeded) throw refusal(`exceeded quota: ${quota.metadata.name}, ${exceeded}`);
    return [{ quota, used: addAll(used, new Map(requested.map((item) => [item, delta.get(item)!]))) }];
  });
  if (dryRun) return () => undefined;
  return () => {
    const { bucket } = api.resource('', 'resourcequotas');
    for (const { quota, used } of charges) {
      const status = { hard: quota['spec'].hard, used: formatAmounts(used) };
      api.store.put(bucket, { ...quota, status });
    }
  };
}

function exceededBy(requested: readonly string[], delta: Amounts, used: Amounts, hard: Amounts): string | undefined {
  const over = requested.filter((name) => {
    const more = delta.get(name)?.nanos ?? 0n;
    return more > 0n && (used.get(name)?.nanos ?? 0n) + more > (hard.get(name)?.nanos ?? 0n);
  });
  if (over.length === 0) return undefined;
  return `requested: ${showAmounts(delta, over)}, used: ${showAmounts(used, over)}, limited: ${showAmounts(hard, over)}`;
}

/** What the objects of the quota's namespace use of what it limits. */
export function usedOf(api: ApiView, quota: KubeObject, nowMs: number): Amounts {
  const limited = Object.keys(quota['spec']?.hard ?? {});
  const total: Amounts = new Map(limited.map((name) => [name, countOf(0)]));
  const kinds = new Map(
    limited.flatMap((name) => {
      const kind = countedResource(name);
      return kind ? [[`${kind.plural}.${kind.group}`, kind] as const] : [];
    }),
  );
  for (const kind of kinds.values()) {
    for (const object of api.list(kind.group, kind.plural, quota.metadata.namespace)) {
      if (!isInScopes(quota, kind, object)) continue;
      const usage = [...usageOf(kind, object, nowMs)].filter(([name]) => total.has(name));
      addAll(total, new Map(usage));
    }
  }
  return total;
}

/** Amounts as a status shows them. */
export function formatAmounts(amounts: Amounts): Record<string, string> {
  return Object.fromEntries([...amounts].map(([name, amount]) => [name, formatQuantity(amount)]));
}
