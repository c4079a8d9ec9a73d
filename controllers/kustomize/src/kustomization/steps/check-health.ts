import type { Kustomization } from '@flux/api';
import { gvkOf, type KubeObject, type ObjectRef } from '@flux/apimachinery';
import { invalidExpression, newerRequest, ReconcileError, Superseded } from '@flux/runtime';
import {
  type Change,
  type ChangeSet,
  HealthExpressionError,
  healthExpressionReader,
  identityOf,
  jobStatusReader,
  removesItself,
  type StatusReader,
  WaitError,
  type WaitTarget,
  waitForReady,
} from '@flux/ssa';
import type { KustomizationRun } from '../deps.ts';
import type { ProgressReport } from '../progress-report.ts';
import { formatElapsed, formatTimeout, timeoutMs } from '../timing.ts';
import { sourceRefOf } from './resolve-source.ts';
import type { Target } from './target-cluster.ts';

const healthy = 'Healthy';

/** The rules by which readiness is judged; invalid expressions are terminal (KUS-FLOW-08, KUS-HEALTH-30). */
export function compileReaders(object: Kustomization, isImpersonated: boolean): StatusReader[] {
  const expressions = object.spec.healthCheckExprs ?? [];
  if (expressions.length === 0) return [jobStatusReader];
  try {
    const custom = healthExpressionReader(expressions);
    return isImpersonated ? [custom, jobStatusReader] : [jobStatusReader, custom];
  } catch (cause) {
    throw cause instanceof HealthExpressionError ? invalidExpression(cause, { eventMetadata: {} }) : cause;
  }
}

interface HealthInput {
  /** What was applied. */
  objects: readonly KubeObject[];
  changes: ChangeSet;
  target: Target;
  readers: readonly StatusReader[];
  revision: string;
  isNewRevision: boolean;
  progress: ProgressReport;
}

/** Waits until the targets are ready, and keeps the Healthy condition (KUS-HEALTH-01..09). */
export async function checkHealth(run: KustomizationRun, input: HealthInput): Promise<void> {
  const { object, conditions } = run;
  const targets = findTargets(object, input);
  if (targets.length === 0) {
    conditions.delete(healthy);
    return;
  }
  const wasHealthy = conditions.isTrue(healthy);
  const message = `Running health checks for revision ${input.revision} with a timeout of ${formatTimeout(object)}`;
  input.progress.report(message);
  conditions.set({ type: healthy, status: 'Unknown', reason: 'Progressing', message });

  const startedAt = run.now();
  await wait(
    run,
    input,
    targets.filter(({ isCurrent }) => !isCurrent),
  );
  const passed = `Health check passed in ${formatElapsed(startedAt, run.now())}`;
  conditions.set({ type: healthy, status: 'True', reason: 'Succeeded', message: passed });
  const isChanged = input.changes.some(({ action }) => action !== 'unchanged' && action !== 'skipped');
  if (!wasHealthy || (input.isNewRevision && isChanged)) run.event({ type: 'Normal', message: passed });
}

async function wait(run: KustomizationRun, input: HealthInput, targets: readonly WaitTarget[]): Promise<void> {
  if (targets.length === 0) return;
  const { deps, signal, conditions, object } = run;
  const { settings } = deps;
  const startedAt = run.now();
  using newer = settings.cancelsHealthChecks
    ? newerRequest(run, { ref: sourceRefOf(run.object), revision: input.revision })
    : undefined;
  try {
    await waitForReady(input.target.cluster, targets, {
      watch: input.target.watch,
      checksAccess: input.target.isImpersonated,
      timeoutMs: timeoutMs(object),
      failFast: settings.failsFast,
      readers: input.readers,
      signal: newer ? AbortSignal.any([signal, newer.signal]) : signal,
    });
  } catch (cause) {
    if (cause instanceof Superseded) throw canceled(cause);
    if (!(cause instanceof WaitError)) throw cause;
    conditions.set({ type: healthy, status: 'False', reason: 'HealthCheckFailed', message: cause.message });
    const message = `health check failed after ${formatElapsed(startedAt, run.now())}: ${cause.message}`;
    throw new ReconcileError('HealthCheckFailed', message, { cause });
  }
}

/** KUS-HEALTH-09. */
function canceled({ trigger }: Superseded): ReconcileError {
  const by = `new reconciliation triggered by ${trigger.subject}`;
  return new ReconcileError('HealthCheckCanceled', by.replace('new', 'New'), {
    retry: { afterMs: 0 },
    event: 'normal',
    eventMessage: `Health checks canceled due to ${by}`,
  });
}

/** KUS-HEALTH-02..04, KUS-HEALTH-07. */
function findTargets(object: Kustomization, { objects, changes }: HealthInput): HealthTarget[] {
  const { wait: waitsForAll, healthChecks = [] } = object.spec;
  const known = new Map(changes.map((change) => [identityOf(change.ref), change]));
  const refs = waitsForAll
    ? changes.filter(({ action }) => action !== 'skipped').map(({ ref }) => ref)
    : healthChecks.map(({ apiVersion, ...rest }) => ({ apiVersion: apiVersion || 'apps/v1', ...rest }));
  const vanishing = new Set(objects.filter(removesItself).map((job) => job.metadata.name));
  return refs
    .filter((ref) => !isItself(object, ref))
    .map((ref) => targetOf(ref, known.get(identityOf(ref)), vanishing));
}

/** `isCurrent`: the apply has seen it ready. */
type HealthTarget = WaitTarget & { isCurrent: boolean };

function targetOf(ref: ObjectRef, change: Change | undefined, vanishing: ReadonlySet<string>): HealthTarget {
  const isReadyWhenGone = gvkOf(ref).group === 'batch' && ref.kind === 'Job' && vanishing.has(ref.name);
  return {
    ref,
    isCurrent: change?.isCurrent ?? false,
    ...(change?.uid && !isReadyWhenGone ? { uid: change.uid } : {}),
    ...(change?.generation === undefined ? {} : { generation: change.generation }),
    ...(isReadyWhenGone ? { isReadyWhenGone } : {}),
  };
}

/** It would wait for itself; the group is not looked at (KUS-HEALTH-03). */
function isItself(object: Kustomization, ref: ObjectRef): boolean {
  const { name, namespace } = object.metadata;
  return ref.kind === object.kind && ref.name === name && ref.namespace === namespace;
}
