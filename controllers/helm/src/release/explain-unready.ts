import {
  formatSubject,
  type KubeObject,
  type LabelSelectorSpec,
  labelSelectorFromObject,
  type ObjectRef,
} from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { computeStatus, formatRef } from '@flux/ssa';

const maxObjects = 3;
const maxPods = 2;
const maxEvents = 3;
const maxLineLength = 400;
/** Saying why must not hold up that it failed. */
const timeoutMs = 5_000;

/**
 * Why objects of a release are not ready, as far as the cluster tells: their status, their Pods, the state of the
 * containers and the last warnings. Best effort: what cannot be read is left out.
 */
export async function explainUnready(cluster: Cluster, refs: readonly ObjectRef[]): Promise<string[]> {
  const signal = AbortSignal.timeout(timeoutMs);
  const explanations = refs.map((ref) => explainOne({ cluster, signal }, ref).catch(() => []));
  const lines = (await Promise.all(explanations)).filter((found) => found.length > 0).slice(0, maxObjects);
  return lines.flat().map((line) => (line.length > maxLineLength ? `${line.slice(0, maxLineLength - 1)}…` : line));
}

interface Reading {
  cluster: Cluster;
  signal: AbortSignal;
}

async function explainOne(reading: Reading, ref: ObjectRef): Promise<string[]> {
  const { cluster, signal } = reading;
  const object = await cluster.find(ref, { signal });
  if (!object) return [`${formatRef(ref)} does not exist`];
  const { status, message } = computeStatus(object);
  if (status === 'Current') return [];
  const pods = (await podsOf(reading, object))
    .filter((pod) => computeStatus(pod).status !== 'Current')
    .slice(0, maxPods);
  const states = pods.flatMap((pod) => podLines(pod));
  const events = await Promise.all([object, ...pods].map((subject) => eventLines(reading, subject)));
  const own = object.kind === 'Pod' ? [] : [`${formatSubject(object)} is ${status}: ${message}`];
  return [...own, ...states, ...events.flat()];
}

async function podsOf({ cluster, signal }: Reading, object: KubeObject): Promise<KubeObject[]> {
  if (object.kind === 'Pod') return [object];
  const selector: LabelSelectorSpec | undefined = object['spec']?.selector;
  const isWorkload = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'].includes(object.kind);
  const { namespace } = object.metadata;
  if (!isWorkload || !selector || !namespace) return [];
  const labelSelector = labelSelectorFromObject(selector).toString();
  return (await cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, labelSelector, signal })).items;
}

interface ContainerState {
  waiting?: { reason?: string; message?: string };
  terminated?: { reason?: string; message?: string; exitCode?: number };
}

interface ContainerStatus {
  name: string;
  ready?: boolean;
  restartCount?: number;
  state?: ContainerState;
  lastState?: ContainerState;
}

function podLines(pod: KubeObject): string[] {
  const subject = formatSubject(pod);
  const {
    initContainerStatuses = [],
    containerStatuses = [],
    phase = 'Pending',
    conditions = [],
  } = pod['status'] ?? {};
  const statuses: readonly ContainerStatus[] = [...initContainerStatuses, ...containerStatuses];
  const lines = statuses.flatMap((status) => {
    const state = describeContainer(status);
    return state ? [`${subject} container ${status.name}: ${state}`] : [];
  });
  if (lines.length > 0) return lines;
  const unscheduled = conditions.find(
    ({ type, status }: { type: string; status: string }) => type === 'PodScheduled' && status === 'False',
  );
  return [unscheduled ? `${subject} is not scheduled: ${unscheduled.message ?? ''}` : `${subject} is ${phase}`];
}

function describeContainer({
  state = {},
  lastState = {},
  ready,
  restartCount = 0,
}: ContainerStatus): string | undefined {
  const restarts = restartCount > 0 ? ` (${restartCount} restarts)` : '';
  const before = lastState.terminated ? `, last ${describeEnd(lastState.terminated)}` : '';
  if (state.waiting) {
    const { reason = 'waiting', message } = state.waiting;
    return `${reason}${message ? `: ${message}` : ''}${before}${restarts}`;
  }
  if (state.terminated)
    return state.terminated.exitCode === 0 ? undefined : `${describeEnd(state.terminated)}${restarts}`;
  return ready ? undefined : `running, not ready${before}${restarts}`;
}

function describeEnd({ reason = 'terminated', message, exitCode }: NonNullable<ContainerState['terminated']>): string {
  return `${reason} with exit code ${exitCode ?? '?'}${message ? `: ${message.trim()}` : ''}`;
}

async function eventLines({ cluster, signal }: Reading, subject: KubeObject): Promise<string[]> {
  const { name, namespace } = subject.metadata;
  const fieldSelector = `involvedObject.name=${name},involvedObject.kind=${subject.kind},type=Warning`;
  const selection = { fieldSelector, signal, ...(namespace ? { namespace } : {}) };
  const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Event' }, selection);
  const timeOf = (event: KubeObject): string => event['lastTimestamp'] ?? event['eventTime'] ?? '';
  return items
    .toSorted((a, b) => timeOf(a).localeCompare(timeOf(b)))
    .slice(-maxEvents)
    .map((event) => `${formatSubject(subject)} event ${event['reason']}: ${event['message']}`);
}
