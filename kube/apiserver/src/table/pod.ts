import type { KubeObject } from '@flux/apimachinery';
import { type Fields, isTrue, list } from '../strategies/fields.ts';
import { ageOf } from './duration.ts';

interface Progress {
  reason: string;
  ready: number;
  restarts: number;
  lastRestart: string | undefined;
}

/** Cells of a pod: the status word condenses phase, containers and deletion as kubectl users know it. */
export function podCells(pod: KubeObject, now: Date): unknown[] {
  const { spec, status = {}, metadata } = pod;
  const sidecars = new Set(
    list(spec.initContainers)
      .filter(isSidecar)
      .map(({ name }) => name),
  );
  const progress = progressOf(pod, sidecars);
  const total = list(spec.containers).length + sidecars.size;
  const restarts =
    progress.restarts > 0 && progress.lastRestart
      ? `${progress.restarts} (${ageOf(progress.lastRestart, now)} ago)`
      : String(progress.restarts);
  return [
    metadata.name,
    `${progress.ready}/${total}`,
    deletionReason(pod) ?? progress.reason,
    restarts,
    ageOf(metadata.creationTimestamp, now),
    status.podIPs?.[0]?.ip || '<none>',
    spec.nodeName || '<none>',
    status.nominatedNodeName || '<none>',
    readinessGates(pod),
  ];
}

function isSidecar({ restartPolicy }: Fields): boolean {
  return restartPolicy === 'Always';
}

function deletionReason({ metadata, status = {} }: KubeObject): string | undefined {
  if (!metadata.deletionTimestamp) return undefined;
  if (status.reason === 'NodeLost') return 'Unknown';
  return ['Succeeded', 'Failed'].includes(status.phase) ? undefined : 'Terminating';
}

function progressOf(pod: KubeObject, sidecars: ReadonlySet<string>): Progress {
  const { status = {} } = pod;
  const gated = list(status.conditions).some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  );
  const progress: Progress = {
    reason: gated ? 'SchedulingGated' : status.reason || status.phase || '',
    ready: 0,
    restarts: 0,
    lastRestart: undefined,
  };
  const sidecarProgress: Progress = { ...progress };
  const initializing = readInit(pod, sidecars, progress, sidecarProgress);
  if (initializing && !isTrue(status, 'Initialized')) return progress;
  progress.restarts = sidecarProgress.restarts;
  progress.lastRestart = sidecarProgress.lastRestart;
  readContainers(pod, progress);
  return progress;
}

function countRestart(container: Fields, progress: Progress): void {
  progress.restarts += container['restartCount'] ?? 0;
  const finished: string | undefined = container['lastState']?.terminated?.finishedAt;
  if (finished && (!progress.lastRestart || progress.lastRestart < finished)) progress.lastRestart = finished;
}

/** True while an init container is not done; the reason then names it. */
function readInit(pod: KubeObject, sidecars: ReadonlySet<string>, progress: Progress, ofSidecars: Progress): boolean {
  const statuses = list(pod['status']?.initContainerStatuses);
  for (const [index, container] of statuses.entries()) {
    countRestart(container, progress);
    const sidecar = sidecars.has(container['name']);
    if (sidecar) countRestart(container, ofSidecars);
    const { terminated, waiting } = container['state'] ?? {};
    if (terminated && terminated.exitCode === 0) continue;
    if (sidecar && container['started']) {
      if (container['ready']) progress.ready++;
      continue;
    }
    if (terminated) progress.reason = `Init:${terminationReason(terminated)}`;
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') progress.reason = `Init:${waiting.reason}`;
    else progress.reason = `Init:${index}/${list(pod['spec'].initContainers).length}`;
    return true;
  }
  return false;
}

function terminationReason({ reason, signal, exitCode }: Fields): string {
  return reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode ?? 0}`);
}

function readContainers({ status = {} }: KubeObject, progress: Progress): void {
  let hasRunning = false;
  let failed = '';
  for (const container of [...list(status.containerStatuses)].reverse()) {
    countRestart(container, progress);
    const { terminated, waiting, running } = container['state'] ?? {};
    if (waiting?.reason) progress.reason = waiting.reason;
    else if (terminated) {
      progress.reason = terminationReason(terminated);
      if (terminated.exitCode) failed = progress.reason;
    } else if (container['ready'] && running) {
      hasRunning = true;
      progress.ready++;
    }
  }
  if (progress.reason !== 'Completed') return;
  if (hasRunning && isTrue(status, 'Ready')) progress.reason = 'Running';
  else if (failed) progress.reason = failed;
  else if (hasRunning) progress.reason = 'NotReady';
}

function readinessGates({ spec, status }: KubeObject): string {
  const gates = list(spec.readinessGates);
  if (gates.length === 0) return '<none>';
  const met = gates.filter(({ conditionType }) =>
    list(status?.conditions).some(({ type, status: value }) => type === conditionType && value === 'True'),
  );
  return `${met.length}/${gates.length}`;
}
