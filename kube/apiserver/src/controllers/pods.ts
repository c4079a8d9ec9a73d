import { randomInt } from 'node:crypto';
import type { KubeObject } from '@flux/apimachinery';
import { bound } from '../http/special-endpoints.ts';
import type { Resource } from '../registry/resource.ts';
import { storageKey } from '../storage/bucket.ts';
import { type Fields, list } from '../strategies/fields.ts';
import { matchesExpression } from '../strategies/pod-template.ts';
import { type ControllerContext, controllerOf, setCondition, timestamp } from './context.ts';
import { Loop } from './loop.ts';
import { objectKey, splitKey } from './object-key.ts';

const nodeName = 'n0';

/** The one node of the simulated cluster. */
export function ensureNode({ api, kubelet }: ControllerContext): void {
  const nodes = api.resource('', 'nodes');
  if (nodes.bucket.get(nodeName)) return;
  const capacity = { cpu: '64', memory: '256Gi', pods: '2000', 'ephemeral-storage': '1Ti' };
  const labels = {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': 'linux',
  };
  const now = api
    .now()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z');
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    message: 'the node is simulated',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  };
  const created = kubelet.create(nodes, { metadata: { name: nodeName, labels } });
  kubelet.update(nodes, created, (object) => {
    object['spec'] = {};
  });
  const nodeInfo = {
    architecture: 'amd64',
    operatingSystem: 'linux',
    osImage: 'simulated',
    kernelVersion: 'simulated',
    containerRuntimeVersion: 'simulated://1',
    kubeletVersion: 'v1.36.3',
  };
  const addresses = [{ type: 'InternalIP', address: '10.0.0.1' }];
  kubelet.update(
    nodes,
    created,
    (object) => {
      object['status'] = {
        ...object['status'],
        capacity,
        allocatable: capacity,
        conditions: [ready],
        addresses,
        nodeInfo: { ...object['status']?.nodeInfo, ...nodeInfo },
      };
    },
    'status',
  );
}

/** Scheduler and kubelet in one: a pod that a node suits runs and is ready at once, the pod of a Job completes. */
export function startPods(context: ControllerContext): Loop {
  const { api, log } = context;
  const pods = api.resource('', 'pods');
  const nodes = api.resource('', 'nodes');
  const loop = new Loop('pods', log, (key) => {
    const pod = pods.bucket.get(storageKey(...splitKey(key)));
    if (pod) reconcilePod(context, pods, nodes, pod);
  });
  loop.watch(pods.bucket, ({ object, type }) => (type === 'DELETED' ? [] : [objectKey(object)]));
  // A node that appears or changes may suit pods that wait.
  loop.watch(nodes.bucket, () =>
    pods.bucket
      .values()
      .filter((pod) => !pod['spec'].nodeName)
      .map(objectKey),
  );
  return loop;
}

function reconcilePod(context: ControllerContext, pods: Resource, nodes: Resource, pod: KubeObject): void {
  const { spec, status = {}, metadata } = pod;
  if (metadata.deletionTimestamp) {
    if (spec.nodeName) context.kubelet.delete(pods, pod, { gracePeriodSeconds: 0 });
    return;
  }
  if (!spec.nodeName) {
    if (list(spec.schedulingGates).length > 0) return;
    const node = nodes.bucket.values().find((candidate) => suits(candidate, spec));
    if (node) bind(context, pods, pod, node.metadata.name);
    else markUnschedulable(context, pods, nodes, pod);
    return;
  }
  if (status.phase === 'Pending') run(context, pods, pod);
  else if (status.phase === 'Running' && runsToCompletion(pod)) complete(context, pods, pod);
}

function bind(context: ControllerContext, pods: Resource, pod: KubeObject, node: string): void {
  context.api.store.put(pods.bucket, bound(pod, node, context.api.now()));
  const message = `Successfully assigned ${objectKey(pod)} to ${node}`;
  context.recorder('default-scheduler').record(pod, { reason: 'Scheduled', message });
}

function suits(node: KubeObject, spec: Fields): boolean {
  const labels = node.metadata.labels ?? {};
  if (node['spec']?.unschedulable || node.metadata.deletionTimestamp) return false;
  if (!Object.entries(spec['nodeSelector'] ?? {}).every(([key, value]) => labels[key] === value)) return false;
  if (!toleratesTaints(node, spec)) return false;
  const terms = spec['affinity']?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return !terms || list(terms).some((term) => matchesTerm(term, labels));
}

function toleratesTaints(node: KubeObject, spec: Fields): boolean {
  return list(node['spec']?.taints).every((taint) => {
    if (taint['effect'] === 'PreferNoSchedule') return true;
    return list(spec['tolerations']).some(({ key, operator = 'Equal', value = '', effect }) => {
      if (effect && effect !== taint['effect']) return false;
      if (!key) return operator === 'Exists';
      return key === taint['key'] && (operator === 'Exists' || value === (taint['value'] ?? ''));
    });
  });
}

function matchesTerm({ matchExpressions }: Fields, labels: Record<string, string>): boolean {
  return list(matchExpressions).every((expression) => {
    const { key, operator, values = [] } = expression;
    const isMet = matchesExpression(expression, labels);
    if (isMet !== undefined) return isMet;
    return operator === 'Gt' ? Number(labels[key]) > Number(values[0]) : Number(labels[key]) < Number(values[0]);
  });
}

function markUnschedulable(context: ControllerContext, pods: Resource, nodes: Resource, pod: KubeObject): void {
  const count = nodes.bucket.size;
  const why =
    count === 0
      ? 'no nodes available to schedule pods'
      : `0/${count} nodes are available: ${count} node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/${count} nodes are available: ${count} Preemption is not helpful for scheduling.`;
  if (list(pod['status']?.conditions).some(({ type, message }) => type === 'PodScheduled' && message === why)) return;
  const condition = {
    type: 'PodScheduled',
    observedGeneration: pod.metadata.generation,
    status: 'False',
    lastProbeTime: null,
    reason: 'Unschedulable',
    message: why,
  };
  const status = {
    ...pod['status'],
    conditions: setCondition(list(pod['status']?.conditions) as never, condition, timestamp(context)),
  };
  context.writer.update(pods, pod, (object) => Object.assign(object, { status }), 'status');
  const event = { type: 'Warning', reason: 'FailedScheduling', message: why } as const;
  context.recorder('default-scheduler').record(pod, event);
}

/** Ready pods say so in these conditions, in the order in which kwok writes them. */
const readyTypes = ['Initialized', 'Ready', 'ContainersReady'];

function run(context: ControllerContext, pods: Resource, pod: KubeObject): void {
  const now = timestamp(context);
  const address = `10.${64 + randomInt(64)}.${randomInt(256)}.${1 + randomInt(254)}`;
  const containerStatuses = list(pod['spec'].containers).map(({ name, image }) => ({
    name,
    state: { running: { startedAt: now } },
    lastState: {},
    ready: true,
    restartCount: 0,
    image,
    imageID: '',
  }));
  context.kubelet.update(
    pods,
    pod,
    (object) => {
      const scheduled = list(object['status']?.conditions).filter(({ type }) => type === 'PodScheduled');
      const ready = readyTypes.map((type) => ({ type, status: 'True', lastProbeTime: null, lastTransitionTime: now }));
      object['status'] = {
        ...object['status'],
        phase: 'Running',
        conditions: [...ready, ...scheduled],
        podIP: address,
        podIPs: [{ ip: address }],
        startTime: now,
        containerStatuses,
      };
    },
    'status',
  );
}

/** Pods of Jobs finish, and so do hooks of Helm that are bare pods. */
function runsToCompletion(pod: KubeObject): boolean {
  if (pod['spec'].restartPolicy === 'Always') return false;
  return controllerOf(pod)?.kind === 'Job' || pod.metadata.annotations?.['helm.sh/hook'] !== undefined;
}

function complete(context: ControllerContext, pods: Resource, pod: KubeObject): void {
  const now = timestamp(context);
  context.kubelet.update(
    pods,
    pod,
    (object) => {
      for (const container of list(object['status'].containerStatuses)) {
        const startedAt = container['state']?.running?.startedAt ?? now;
        Object.assign(container, {
          state: { terminated: { exitCode: 0, reason: 'Completed', startedAt, finishedAt: now } },
          ready: false,
          started: false,
        });
      }
      object['status'].phase = 'Succeeded';
    },
    'status',
  );
}
