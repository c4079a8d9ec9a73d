import type { KubeObject, OwnerReference } from '@flux/apimachinery';
import { formatTime } from '@flux/gotypes';
import type { Api } from '../registry/api.ts';
import type { Resource } from '../registry/resource.ts';
import { apiVersionOf } from '../registry/resource.ts';
import type { EventRecorder } from './events.ts';
import type { Log } from './loop.ts';
import type { Writer } from './writer.ts';

/** What all controllers share. */
export interface ControllerContext {
  api: Api;
  log: Log;
  /** Certificate of the server, published to every namespace. */
  caPem: string;
  /** Writes as kube-controller-manager. */
  writer: Writer;
  /** Writes as the simulated kubelet. */
  kubelet: Writer;
  /** One recorder per component, such as `deployment-controller`. */
  recorder(component: string): EventRecorder;
}

export function timestamp({ api }: ControllerContext): string {
  return formatTime(api.now());
}

export function controllerReference(resource: Resource, owner: KubeObject): OwnerReference {
  return {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid!,
    controller: true,
    blockOwnerDeletion: true,
  };
}

export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller);
}

export interface StatusCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string | null;
  lastUpdateTime?: string;
  lastProbeTime?: string | null;
}

/** Replaces a condition of the same type in place; its transition time moves only with its status. */
export function setCondition(
  conditions: readonly StatusCondition[],
  next: StatusCondition,
  now: string,
): StatusCondition[] {
  const index = conditions.findIndex(({ type }) => type === next.type);
  const before = conditions[index];
  const lastTransitionTime = before && before.status === next.status ? (before.lastTransitionTime ?? now) : now;
  const condition = { ...next, lastTransitionTime };
  if (index < 0) return [...conditions, condition];
  return conditions.map((item, position) => (position === index ? condition : item));
}
