import type { KubeObject } from '@flux/apimachinery';
import { parseQuantity } from '@flux/gotypes';
import { list } from '../strategies/fields.ts';
import { type Amounts, countOf } from './amounts.ts';
import { podUsage } from './pod-usage.ts';

const plainCounts = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]);

/** What an object counts for in the quotas of its namespace. */
export function usageOf(kind: { group: string; plural: string }, object: KubeObject, nowMs: number): Amounts {
  const { group, plural } = kind;
  if (group === '' && plural === 'pods') return podUsage(object, nowMs);
  const usage: Amounts = new Map([[group === '' ? `count/${plural}` : `count/${plural}.${group}`, countOf(1)]]);
  if (group !== '') return usage;
  if (plainCounts.has(plural)) usage.set(plural, countOf(1));
  if (plural === 'services') addServiceUsage(usage, object);
  if (plural === 'persistentvolumeclaims') addClaimUsage(usage, object);
  return usage;
}

function addServiceUsage(usage: Amounts, { spec }: KubeObject): void {
  const ports = list(spec.ports);
  if (spec.type === 'LoadBalancer') {
    usage.set('services.loadbalancers', countOf(1));
    const allocates = spec.allocateLoadBalancerNodePorts !== false;
    usage.set(
      'services.nodeports',
      countOf(allocates ? ports.length : ports.filter(({ nodePort }) => nodePort).length),
    );
  } else if (spec.type === 'NodePort') usage.set('services.nodeports', countOf(ports.length));
}

function addClaimUsage(usage: Amounts, { spec }: KubeObject): void {
  const ofClass = spec?.storageClassName ? `${spec.storageClassName}.storageclass.storage.k8s.io/` : undefined;
  if (ofClass) usage.set(`${ofClass}persistentvolumeclaims`, countOf(1));
  const storage: string | undefined = spec?.resources?.requests?.storage;
  if (storage === undefined) return;
  usage.set('requests.storage', parseQuantity(storage));
  if (ofClass) usage.set(`${ofClass}requests.storage`, parseQuantity(storage));
}

/** The resource that a name in a quota counts; `undefined` for a name that says nothing about one. */
export function countedResource(name: string): { group: string; plural: string } | undefined {
  const [, plural, group = ''] = /^count\/([^.]+)(?:\.(.+))?$/.exec(name) ?? [];
  if (plural !== undefined) return { group, plural };
  if (plainCounts.has(name)) return { group: '', plural: name };
  if (name.startsWith('services.')) return { group: '', plural: 'services' };
  if (name === 'requests.storage' || name.includes('.storageclass.storage.k8s.io/')) {
    return { group: '', plural: 'persistentvolumeclaims' };
  }
  return { group: '', plural: 'pods' };
}
