import { deepEqual, type KubeObject } from '@flux/apimachinery';
import type { Resource } from '../registry/resource.ts';
import { storageKey } from '../storage/bucket.ts';
import { isTrue, list } from '../strategies/fields.ts';
import { type ControllerContext, type StatusCondition, setCondition, timestamp } from './context.ts';
import { Loop } from './loop.ts';
import { objectKey, splitKey } from './object-key.ts';
import { isActive, isReady, ownerKeys, podFromTemplate, podsOf } from './replicas.ts';

interface Parts {
  context: ControllerContext;
  jobs: Resource;
  pods: Resource;
  loop: Loop;
}

/** Jobs: pods until enough succeeded, with deadline, backoff limit, suspension and time to live. */
export function startJobs(context: ControllerContext): Loop {
  const { api, log } = context;
  const jobs = api.resource('batch', 'jobs');
  const pods = api.resource('', 'pods');
  const loop: Loop = new Loop('jobs', log, (key) => {
    const live = jobs.bucket.get(storageKey(...splitKey(key)));
    if (live && !live.metadata.deletionTimestamp) reconcile({ context, jobs, pods, loop }, live);
  });
  loop.watch(jobs.bucket, ({ type, object }) => (type === 'DELETED' ? [] : [objectKey(object)]));
  loop.watch(pods.bucket, ownerKeys('Job'));
  return loop;
}

function reconcile(parts: Parts, live: KubeObject): void {
  if (isTrue(live['status'], 'Complete') || isTrue(live['status'], 'Failed')) {
    expire(parts, live);
    return;
  }
  const { context, pods } = parts;
  const owned = podsOf(pods, live);
  const active = owned.filter(isActive);
  const succeeded = owned.filter(({ status }) => status?.phase === 'Succeeded').length;
  const failed = owned.filter(({ status }) => status?.phase === 'Failed').length;
  const outcome = live['spec'].suspend
    ? undefined
    : outcomeOf(parts, live, { succeeded, failed, active: active.length });
  const recorder = context.recorder('job-controller');
  if (live['spec'].suspend || outcome) {
    for (const pod of active) {
      context.writer.delete(pods, pod);
      recorder.record(live, { reason: 'SuccessfulDelete', message: `Deleted pod: ${pod.metadata.name}` });
    }
  }
  if (!live['spec'].suspend && !outcome) createPods(parts, live, { active: active.length, succeeded });
  updateStatus(parts, live, outcome);
}

interface Counts {
  succeeded: number;
  failed: number;
  active: number;
}

interface Outcome {
  type: 'Complete' | 'Failed';
  reason: string;
  message: string;
}

function outcomeOf(
  { context, loop }: Parts,
  live: KubeObject,
  { succeeded, failed, active }: Counts,
): Outcome | undefined {
  const { completions, backoffLimit = 6, activeDeadlineSeconds } = live['spec'];
  const isDone = completions === undefined ? succeeded > 0 && active === 0 : succeeded >= completions;
  if (isDone)
    return { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' };
  if (failed > backoffLimit) {
    return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  }
  const { startTime } = live['status'] ?? {};
  if (activeDeadlineSeconds === undefined || !startTime) return undefined;
  const leftMs = Date.parse(startTime) + activeDeadlineSeconds * 1000 - context.api.now().getTime();
  if (leftMs <= 0)
    return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  loop.addAfter(objectKey(live), leftMs + 20);
  return undefined;
}

function createPods(
  { context, jobs, pods }: Parts,
  live: KubeObject,
  { active, succeeded }: { active: number; succeeded: number },
): void {
  const { parallelism = 1, completions, template, completionMode } = live['spec'];
  const missing =
    completions === undefined
      ? succeeded > 0
        ? 0
        : parallelism - active
      : Math.min(parallelism - active, completions - succeeded - active);
  for (let count = 0; count < missing; count++) {
    const pod = podFromTemplate(jobs, live, template);
    if (completionMode === 'Indexed') {
      const index = String(succeeded + active + count);
      const annotations = { ...template.metadata?.annotations, 'batch.kubernetes.io/job-completion-index': index };
      const labels = { ...template.metadata?.labels, 'batch.kubernetes.io/job-completion-index': index };
      pod['metadata'] = {
        ...(pod['metadata'] as object),
        annotations,
        labels,
        generateName: `${live.metadata.name}-${index}-`,
      };
    }
    const { metadata } = context.writer.create(pods, pod);
    const message = `Created pod: ${metadata.name}`;
    context.recorder('job-controller').record(live, { reason: 'SuccessfulCreate', message });
  }
}

function updateStatus({ context, jobs, pods, loop }: Parts, live: KubeObject, outcome: Outcome | undefined): void {
  const owned = podsOf(pods, live);
  const active = owned.filter(isActive);
  const now = timestamp(context);
  const before = live['status'] ?? {};
  const count = (phase: string) => owned.filter(({ status }) => status?.phase === phase).length;
  const [succeeded, failed] = [count('Succeeded'), count('Failed')];
  const suspended = Boolean(live['spec'].suspend);
  const conditions = conditionsOf(list(before.conditions) as StatusCondition[], suspended, outcome, now);
  const startTime = suspended ? undefined : (before.startTime ?? now);
  const status = {
    ...(conditions.length ? { conditions } : {}),
    ...(startTime ? { startTime } : {}),
    ...(outcome?.type === 'Complete' ? { completionTime: now } : {}),
    ...(active.length ? { active: active.length } : {}),
    ...(succeeded ? { succeeded } : {}),
    ...(failed ? { failed } : {}),
    terminating: owned.filter(({ metadata }) => metadata.deletionTimestamp).length,
    uncountedTerminatedPods: {},
    ready: active.filter(isReady).length,
    ...(succeeded && live['spec'].completionMode === 'Indexed'
      ? { completedIndexes: succeeded === 1 ? '0' : `0-${succeeded - 1}` }
      : {}),
  };
  if (deepEqual(status, before)) return;
  tellOfChange(context, live, outcome, conditions);
  context.writer.update(jobs, live, (object) => Object.assign(object, { status }), 'status');
  if (!before.startTime && live['spec'].activeDeadlineSeconds !== undefined) loop.add(objectKey(live));
}

function tellOfChange(
  context: ControllerContext,
  live: KubeObject,
  outcome: Outcome | undefined,
  conditions: readonly StatusCondition[],
): void {
  const recorder = context.recorder('job-controller');
  if (outcome?.type === 'Complete') recorder.record(live, { reason: 'Completed', message: 'Job completed' });
  else if (outcome) recorder.record(live, { reason: outcome.reason, message: outcome.message, type: 'Warning' });
  const suspended = conditions.find(({ type }) => type === 'Suspended')?.status === 'True';
  if (suspended && !isTrue(live['status'], 'Suspended')) {
    recorder.record(live, { reason: 'Suspended', message: 'Job suspended' });
  } else if (!suspended && isTrue(live['status'], 'Suspended')) {
    recorder.record(live, { reason: 'Resumed', message: 'Job resumed' });
  }
}

function conditionsOf(
  before: StatusCondition[],
  suspended: boolean,
  outcome: Outcome | undefined,
  now: string,
): StatusCondition[] {
  let conditions = before;
  const known = before.find(({ type }) => type === 'Suspended');
  const put = (type: string, status: string, reason: string, message: string) => {
    conditions = setCondition(conditions, { type, status, lastProbeTime: now, reason, message }, now);
  };
  if (suspended && known?.status !== 'True') put('Suspended', 'True', 'JobSuspended', 'Job suspended');
  else if (!suspended && known?.status === 'True') put('Suspended', 'False', 'JobResumed', 'Job resumed');
  if (outcome) {
    put(outcome.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget', 'True', outcome.reason, outcome.message);
    put(outcome.type, 'True', outcome.reason, outcome.message);
  }
  return conditions;
}

/** Finished jobs with a time to live are removed when it is over. */
function expire({ context, jobs, loop }: Parts, live: KubeObject): void {
  const ttl: number | undefined = live['spec'].ttlSecondsAfterFinished;
  if (ttl === undefined) return;
  const finished = (list(live['status'].conditions) as StatusCondition[]).find(
    ({ type }) => type === 'Complete' || type === 'Failed',
  );
  const leftMs = Date.parse(finished?.lastTransitionTime ?? '') + ttl * 1000 - context.api.now().getTime();
  if (leftMs <= 0) context.writer.delete(jobs, live, { propagationPolicy: 'Background' });
  else loop.addAfter(objectKey(live), leftMs + 20);
}
