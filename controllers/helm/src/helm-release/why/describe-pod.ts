import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';

interface ContainerStatus {
  name: string;
  ready?: boolean;
  restartCount?: number;
  state?: { waiting?: State; terminated?: State & { exitCode?: number } };
  lastState?: { terminated?: State & { exitCode?: number } };
}

interface State {
  reason?: string;
  message?: string;
}

const maxEvents = 2;

/** What a Pod that is not ready waits for; undefined for one that is, or that nothing is known of. */
export async function describePod(cluster: Cluster, pod: KubeObject, signal: AbortSignal): Promise<string | undefined> {
  const { phase, conditions = [] } = pod['status'] ?? {};
  const isStatus = (type: string, status: string) =>
    conditions.find(
      (condition: { type: string; status: string }) => condition.type === type && condition.status === status,
    );
  if (phase === 'Succeeded' || isStatus('Ready', 'True')) return undefined;
  const unscheduled = isStatus('PodScheduled', 'False');
  const facts: string[] = [
    ...(unscheduled?.message ? [`${unscheduled.reason ?? 'Unschedulable'}: ${unscheduled.message}`] : []),
    ...containersOf(pod).flatMap(describeContainer),
    ...(await lastEvents(cluster, pod, signal)),
  ];
  if (facts.length === 0) return undefined;
  return `Pod/${pod.metadata.namespace}/${pod.metadata.name} is ${phase ?? 'Pending'}: ${[...new Set(facts)].join('; ').replaceAll(/\s+/g, ' ')}`;
}

function containersOf(pod: KubeObject): ContainerStatus[] {
  const { initContainerStatuses = [], containerStatuses = [] } = pod['status'] ?? {};
  return [...initContainerStatuses, ...containerStatuses];
}

function describeContainer({ name, ready, state, lastState, restartCount = 0 }: ContainerStatus): string[] {
  const { waiting, terminated } = state ?? {};
  if (waiting) {
    const before = lastState?.terminated;
    const exit = before ? `, last exit ${formatExit(before)}, ${restartCount} restart(s)` : '';
    return [`container ${name} is waiting: ${formatState(waiting)}${exit}`];
  }
  if (terminated && terminated.exitCode !== 0) return [`container ${name} has ended: ${formatExit(terminated)}`];
  return ready === false && !terminated ? [`container ${name} is not ready`] : [];
}

function formatState({ reason = 'unknown', message }: State): string {
  return message ? `${reason} (${message})` : reason;
}

function formatExit(state: State & { exitCode?: number }): string {
  return `code ${state.exitCode ?? 0} ${formatState(state)}`;
}

async function lastEvents(cluster: Cluster, pod: KubeObject, signal: AbortSignal): Promise<string[]> {
  const { namespace = '', name, uid } = pod.metadata;
  const fieldSelector = `involvedObject.name=${name}${uid ? `,involvedObject.uid=${uid}` : ''}`;
  const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Event' }, { namespace, fieldSelector, signal });
  const warnings = items.filter((event) => event['type'] === 'Warning');
  const time = (event: KubeObject) => String(event['lastTimestamp'] ?? event['eventTime'] ?? '');
  const last = warnings.toSorted((a, b) => (time(a) < time(b) ? -1 : 1)).slice(-maxEvents);
  return last.map((event) => `event ${event['reason']}: ${event['message']}`);
}
