import { gvkOf, type KubeObject } from '@flux/apimachinery';
import { isCustomResourceDefinition } from './normalize/normalize.ts';

const first = [
  'CustomResourceDefinition',
  'Namespace',
  'ClusterRole',
  'ClusterClass',
  'RuntimeClass',
  'PriorityClass',
  'StorageClass',
  'VolumeSnapshotClass',
  'IngressClass',
  'GatewayClass',
  'ClusterRoleBinding',
  'ResourceQuota',
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'ConfigMap',
  'Secret',
  'Service',
  'LimitRange',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
];
const last = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

const ranks: ReadonlyMap<string, number> = new Map([
  ...first.map((kind, index) => [kind, index - first.length] as const),
  ...last.map((kind, index) => [kind, index + 1] as const),
]);

/** What orders an object: its rank comes from the kind alone, ties from group, kind, namespace and name. */
interface OrderedObject {
  group: string;
  kind: string;
  namespace: string;
  name: string;
}

/** KUS-APPLY-06; deletion goes the other way round. */
export function compareApplyOrder(a: OrderedObject, b: OrderedObject): number {
  return (
    (ranks.get(a.kind) ?? 0) - (ranks.get(b.kind) ?? 0) ||
    compareText(a.group, b.group) ||
    compareText(a.kind, b.kind) ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.name, b.name)
  );
}

/** The objects in the order in which they are applied. */
export function sortForApply(objects: readonly KubeObject[]): KubeObject[] {
  return objects
    .map((object) => ({ object, key: orderOf(object) }))
    .sort((a, b) => compareApplyOrder(a.key, b.key))
    .map(({ object }) => object);
}

function orderOf(object: KubeObject): OrderedObject {
  const { group, kind } = gvkOf(object);
  return { group, kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A group of objects that is applied before the next one begins; `waits` says that it must be ready first. */
export interface Stage {
  objects: KubeObject[];
  waits: boolean;
}

/** KUS-APPLY-04: definitions, classes, custom kinds, the rest; empty stages are left out. */
export function splitIntoStages(objects: readonly KubeObject[], customKinds: ReadonlySet<string>): Stage[] {
  const definitions: KubeObject[] = [];
  const classes: KubeObject[] = [];
  const custom: KubeObject[] = [];
  const rest: KubeObject[] = [];
  for (const object of objects) {
    if (isClusterDefinition(object)) definitions.push(object);
    else if (object.kind.endsWith('Class')) classes.push(object);
    else if (customKinds.has(groupKindOf(object))) custom.push(object);
    else rest.push(object);
  }
  const stages = [
    { objects: definitions, waits: true },
    { objects: classes, waits: true },
    { objects: custom, waits: false },
    { objects: rest, waits: false },
  ];
  return stages.filter((stage) => stage.objects.length > 0);
}

function isClusterDefinition(object: KubeObject): boolean {
  const kind = object.kind.toLowerCase();
  return (
    isCustomResourceDefinition(object) ||
    (kind === 'namespace' && object.apiVersion === 'v1') ||
    (kind === 'clusterrole' && object.apiVersion.startsWith('rbac.authorization.k8s.io/'))
  );
}

function groupKindOf(object: KubeObject): string {
  const { group, kind } = gvkOf(object);
  return group === '' ? kind : `${group}/${kind}`;
}

/** Reads `--custom-apply-stage-kinds`: `group/Kind` or `Kind`, separated by commas. */
export function parseStageKinds(text: string): ReadonlySet<string> {
  return new Set(
    text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  );
}
