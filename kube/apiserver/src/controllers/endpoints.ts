import { deepEqual, type KubeObject } from '@flux/apimachinery';
import type { Resource } from '../registry/resource.ts';
import { storageKey } from '../storage/bucket.ts';
import { type Fields, list } from '../strategies/fields.ts';
import { hasEnded } from '../strategies/pod-phase.ts';
import { selectorMatches } from '../strategies/pod-template.ts';
import { type ControllerContext, controllerReference, timestamp } from './context.ts';
import { Loop } from './loop.ts';
import { objectKey, splitKey } from './object-key.ts';
import { isReady } from './replicas.ts';

const serviceName = 'kubernetes.io/service-name';
const sliceManager = { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' };
const endpointsManager = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' };
const headless = { 'service.kubernetes.io/headless': '' };
const changed = 'endpoints.kubernetes.io/last-change-trigger-time';

/** Endpoints and EndpointSlices of Services that select pods, so that programs find what serves them. */
export function startEndpoints(context: ControllerContext): Loop {
  const { api, log } = context;
  const services = api.resource('', 'services');
  const pods = api.resource('', 'pods');
  const loop = new Loop('endpoints', log, (key) => {
    const [namespace, name] = splitKey(key);
    const service = services.bucket.get(storageKey(namespace, name));
    if (service) reconcile(context, service);
    else removeEndpoints(context, namespace, name);
  });
  loop.watch(services.bucket, ({ object }) => [objectKey(object)]);
  loop.watch(pods.bucket, ({ object, previous }) => {
    const { namespace, labels = {} } = object.metadata;
    const before = previous?.metadata.labels;
    return services.bucket
      .values(namespace)
      .filter((service) => selects(service, labels) || (before !== undefined && selects(service, before)))
      .map(objectKey);
  });
  return loop;
}

function selects({ spec }: KubeObject, labels: Readonly<Record<string, string>>): boolean {
  const selector: Record<string, string> | undefined = spec?.selector;
  if (!selector || spec.type === 'ExternalName') return false;
  return selectorMatches({ matchLabels: selector }, labels);
}

function removeEndpoints({ api, writer }: ControllerContext, namespace: string, name: string): void {
  const endpoints = api.resource('', 'endpoints');
  const found = endpoints.bucket.get(storageKey(namespace, name));
  const manager = found?.metadata.labels?.['endpoints.kubernetes.io/managed-by'];
  if (found && manager === 'endpoint-controller') writer.delete(endpoints, found);
}

interface Target {
  readonly pod: KubeObject;
  readonly isReady: boolean;
}

function reconcile(context: ControllerContext, service: KubeObject): void {
  if (service.metadata.deletionTimestamp || !service['spec'].selector || service['spec'].type === 'ExternalName')
    return;
  const targets = context.api
    .list('', 'pods', service.metadata.namespace)
    .filter((pod) => selects(service, pod.metadata.labels ?? {}) && pod['status']?.podIP)
    .filter((pod) => !hasEnded(pod))
    .map((pod) => ({ pod, isReady: isReady(pod) && !pod.metadata.deletionTimestamp }));
  keepEndpoints(context, service, targets);
  keepSlice(context, service, targets);
}

function labelsOf(service: KubeObject, own: Readonly<Record<string, string>>): Record<string, string> {
  const isHeadless = service['spec'].clusterIP === 'None';
  return { ...service.metadata.labels, ...own, ...(isHeadless ? headless : {}) };
}

function targetRef({ metadata }: KubeObject): Fields {
  return { kind: 'Pod', namespace: metadata.namespace, name: metadata.name, uid: metadata.uid };
}

/** Ports of the service by what they lead to in a pod; a name is looked up in its containers. */
function portsOf(service: KubeObject, pod: KubeObject | undefined): Fields[] {
  return list(service['spec'].ports).map(({ name, port, targetPort = port, protocol = 'TCP', appProtocol }) => ({
    ...(name ? { name } : {}),
    port: typeof targetPort === 'number' ? targetPort : containerPort(pod, targetPort),
    protocol,
    ...(appProtocol ? { appProtocol } : {}),
  }));
}

function containerPort(pod: KubeObject | undefined, name: string): number {
  const ports = list(pod?.['spec'].containers).flatMap((container) => list(container['ports']));
  return ports.find((port) => port['name'] === name)?.['containerPort'] ?? 0;
}

function keepEndpoints(context: ControllerContext, service: KubeObject, targets: readonly Target[]): void {
  const { name, namespace } = service.metadata;
  const address = ({ pod }: Target) => ({
    ip: pod['status'].podIP,
    ...(pod['spec'].hostname && pod['spec'].subdomain === name ? { hostname: pod['spec'].hostname } : {}),
    ...(pod['spec'].nodeName ? { nodeName: pod['spec'].nodeName } : {}),
    targetRef: targetRef(pod),
  });
  const isShown = (target: Target) => target.isReady || service['spec'].publishNotReadyAddresses === true;
  const [ready, waiting] = [targets.filter(isShown), targets.filter((target) => !isShown(target))];
  const ports = portsOf(service, targets[0]?.pod);
  const subset = {
    ...(ready.length ? { addresses: byAddress(ready.map(address)) } : {}),
    ...(waiting.length ? { notReadyAddresses: byAddress(waiting.map(address)) } : {}),
    ...(ports.length ? { ports } : {}),
  };
  const subsets = targets.length ? { subsets: [subset] } : {};
  const endpoints = context.api.resource('', 'endpoints');
  const draft = { metadata: { name, namespace, labels: labelsOf(service, endpointsManager) }, ...subsets };
  keep(context, endpoints, endpoints.bucket.get(storageKey(namespace, name)), draft, ['subsets']);
}

function byAddress<T extends { ip: string }>(addresses: T[]): T[] {
  return addresses.sort((a, b) => (a.ip < b.ip ? -1 : 1));
}

function keepSlice(context: ControllerContext, service: KubeObject, targets: readonly Target[]): void {
  const { name, namespace } = service.metadata;
  const slices = context.api.resource('discovery.k8s.io', 'endpointslices');
  const found = slices.bucket.values(namespace).find(({ metadata }) => {
    return metadata.labels?.[serviceName] === name && metadata.ownerReferences?.[0]?.uid === service.metadata.uid;
  });
  const endpoints = targets.map(({ pod, isReady: ready }) => ({
    addresses: [pod['status'].podIP],
    conditions: { ready, serving: isReady(pod), terminating: pod.metadata.deletionTimestamp !== undefined },
    ...(pod['spec'].hostname && pod['spec'].subdomain === name ? { hostname: pod['spec'].hostname } : {}),
    targetRef: targetRef(pod),
    ...(pod['spec'].nodeName ? { nodeName: pod['spec'].nodeName } : {}),
  }));
  const ports = targets.length ? portsOf(service, targets[0]?.pod).map((port) => ({ name: '', ...port })) : null;
  const draft = {
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: labelsOf(service, { ...sliceManager, [serviceName]: name }),
      ownerReferences: [controllerReference(context.api.resource('', 'services'), service)],
    },
    addressType: service['spec'].ipFamilies?.[0] ?? 'IPv4',
    endpoints: endpoints.length ? endpoints : null,
    ports,
  };
  keep(context, slices, found, draft, ['endpoints', 'ports']);
}

type Draft = Fields & { metadata: { labels: Record<string, string> } };

/** Creates the object, or brings these fields and the labels of the present one up to date. */
function keep(
  context: ControllerContext,
  resource: Resource,
  found: KubeObject | undefined,
  draft: Draft,
  fields: readonly string[],
): void {
  const annotations = { [changed]: timestamp(context) };
  if (!found) {
    context.writer.create(resource, { ...draft, metadata: { ...draft.metadata, annotations } });
    return;
  }
  const isSame = fields.every((field) => deepEqual(found[field] ?? null, draft[field] ?? null));
  if (isSame && deepEqual(found.metadata.labels, draft.metadata.labels)) return;
  context.writer.update(resource, found, (object) => {
    object.metadata.labels = draft.metadata.labels;
    object.metadata.annotations = { ...object.metadata.annotations, ...annotations };
    for (const field of fields) {
      if (draft[field] === undefined) delete object[field];
      else object[field] = draft[field];
    }
  });
}
