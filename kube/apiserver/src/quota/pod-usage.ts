import type { KubeObject } from '@flux/apimachinery';
import { type Fields, list } from '../strategies/fields.ts';
import { hasEnded } from '../strategies/pod-phase.ts';
import { type Amounts, addAll, addAmount, countOf, readAmounts } from './amounts.ts';

type Part = 'requests' | 'limits';

const plainNames = new Set(['cpu', 'memory', 'ephemeral-storage']);

/** Compute resources of a pod that has not come to its end, under all names by which a quota may limit them. */
export function podUsage(pod: KubeObject, nowMs: number): Amounts {
  const usage: Amounts = new Map([['count/pods', countOf(1)]]);
  if (isOver(pod, nowMs)) return usage;
  usage.set('pods', countOf(1));
  for (const [name, amount] of totalOf(pod['spec'], 'requests')) {
    if (plainNames.has(name) || name.startsWith('hugepages-')) addAmount(usage, name, amount);
    addAmount(usage, `requests.${name}`, amount);
  }
  for (const [name, amount] of totalOf(pod['spec'], 'limits')) {
    if (plainNames.has(name)) addAmount(usage, `limits.${name}`, amount);
  }
  return usage;
}

/** It has ended, or should have by now. */
function isOver(pod: KubeObject, nowMs: number): boolean {
  if (hasEnded(pod)) return true;
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  return (
    typeof deletionTimestamp === 'string' &&
    deletionGracePeriodSeconds !== undefined &&
    Date.parse(deletionTimestamp) < nowMs
  );
}

/** Containers side by side with sidecars, or the largest init container with the sidecars before it. */
function totalOf(spec: Fields, part: Part): Amounts {
  const total: Amounts = new Map();
  for (const container of list(spec['containers'])) addAll(total, amountsOf(container, part));
  const sidecars: Amounts = new Map();
  const peak: Amounts = new Map();
  for (const container of list(spec['initContainers'])) {
    const own = amountsOf(container, part);
    if (container['restartPolicy'] === 'Always') {
      addAll(total, own);
      addAll(sidecars, own);
      keepLarger(peak, sidecars);
    } else keepLarger(peak, addAll(new Map(sidecars), own));
  }
  keepLarger(total, peak);
  addAll(total, readAmounts(spec['overhead']));
  return total;
}

function amountsOf(container: Fields, part: Part): Amounts {
  return readAmounts(container['resources']?.[part]);
}

function keepLarger(amounts: Amounts, others: Amounts): void {
  for (const [name, amount] of others) {
    if (amount.nanos > (amounts.get(name)?.nanos ?? -1n)) amounts.set(name, amount);
  }
}

const requiredNames = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']);

/** Which containers do not say what a quota counts, in the API server's words. */
export function missingAmounts({ spec }: KubeObject, limited: readonly string[]): string | undefined {
  const containers = [...list(spec.containers), ...list(spec.initContainers)];
  const missing = limited
    .filter((name) => requiredNames.has(name))
    .sort()
    .map((name) => [name, containers.filter((container) => !says(container, name)).map(nameOf)] as const)
    .filter(([, names]) => names.length > 0);
  if (missing.length === 0) return undefined;
  return `must specify ${missing.map(([name, names]) => `${name} for: ${[...names].sort().join(',')}`).join('; ')}`;
}

function says({ resources }: Fields, limited: string): boolean {
  const [, part = 'requests', name = ''] = /^(?:(requests|limits)\.)?(.*)$/.exec(limited) ?? [];
  return resources?.[part]?.[name] !== undefined;
}

function nameOf({ name }: Fields): string {
  return name;
}
