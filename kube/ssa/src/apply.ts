import { X509Certificate } from 'node:crypto';
import { type KubeObject, StatusError } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { messageOf } from '@flux/errors';
import type { ApplyOptions } from './apply-options.ts';
import { type Change, type ChangeSet, changeOf, settledChange } from './change-set.ts';
import { ApplyError, dryRunError, objectError } from './errors.ts';
import { compileIgnoreRules } from './ignore-rules.ts';
import { fieldAt } from './kstatus/fields.ts';
import { isDeployment } from './kstatus/owned-pods.ts';
import { judge } from './kstatus/status-reader.ts';
import { mapConcurrently } from './map-concurrently.ts';
import { isCustomResourceDefinition } from './normalize/normalize.ts';
import { type Stage, sortForApply, splitIntoStages } from './order.ts';
import { type Plan, type PlanContext, planObject } from './plan.ts';
import { waitUntilServed } from './served-kinds.ts';
import { waitForReady } from './wait.ts';

const defaultConcurrency = 4;
const defaultStageTimeoutMs = 60_000;

/**
 * Applies objects in stages (KUS-APPLY-04..07): definitions first, then classes, each waited for, then the rest. Within a
 * stage nothing is applied until a dry run of all its objects went well. Rejects with an `ApplyError`, which has the
 * changes of the stages that were completed.
 */
export async function applyAllStaged(
  cluster: Cluster,
  objects: readonly KubeObject[],
  options: ApplyOptions,
): Promise<ChangeSet> {
  const stages = splitIntoStages(objects.map(withoutInvalidCaBundle), options.customStageKinds ?? new Set());
  const changes: Change[] = [];
  try {
    const context = { cluster, options, ignoreRules: compileIgnoreRules(options.ignore ?? []) };
    for (const stage of stages) {
      const applied = await applyStage(context, stage);
      changes.push(...applied);
      if (stage.waits) await waitForStage(context, stage, applied);
    }
  } catch (error) {
    if (options.signal?.aborted && error === options.signal.reason) throw error;
    throw new ApplyError(messageOf(error), { cause: error, changes });
  }
  return changes;
}

async function applyStage(context: PlanContext, stage: Stage): Promise<Change[]> {
  const { options } = context;
  const objects = sortForApply(stage.objects);
  const plans = await mapConcurrently(objects, options.concurrency ?? defaultConcurrency, (object, index) => {
    options.signal?.throwIfAborted();
    return planObject(context, object, { isFirst: index === 0 });
  });
  const writes = plans.filter(({ payload }) => payload !== undefined).map(({ change }) => change.ref);
  const takeBack = writes.length > 0 ? await options.beforeWrite?.(writes) : undefined;
  const changes: Change[] = [];
  for (const plan of plans) {
    options.signal?.throwIfAborted();
    try {
      changes.push(await applyPlan(context, plan));
    } catch (error) {
      if (plan.isUnchecked && isRefusal(error)) takeBack?.();
      throw error;
    }
  }
  return changes;
}

async function applyPlan({ cluster, options }: PlanContext, plan: Plan): Promise<Change> {
  const { change, payload, digest, live, isUnchecked } = plan;
  if (!payload) return live ? judged(change, live, options) : change;
  try {
    const object = await cluster.apply(payload, { fieldManager: options.owner.field, force: true });
    options.memory?.remember(object, digest);
    return judged(settledChange(changeOf(object, change.action), object), object, options);
  } catch (error) {
    throw isUnchecked ? dryRunError(payload, error) : objectError(payload, 'apply failed', error);
  }
}

/** The server said no; a connection that broke may have written the object all the same. */
function isRefusal(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof StatusError && cause.statusCode >= 400 && cause.statusCode < 500;
}

/** Notes that an object is ready as the server answered it. */
function judged(change: Change, object: KubeObject, { readers = [], checksAccess }: ApplyOptions): Change {
  if (checksAccess && isDeployment(object)) return change; // what else must be readable is not known yet
  return judge(object, readers)?.status === 'Current' ? { ...change, isCurrent: true } : change;
}

async function waitForStage({ cluster, options }: PlanContext, stage: Stage, changes: ChangeSet): Promise<void> {
  const targets = changes.filter(({ isCurrent }) => !isCurrent);
  const timeoutMs = options.stageTimeoutMs ?? defaultStageTimeoutMs;
  const ending = options.signal ? { signal: options.signal } : {};
  await waitForReady(cluster, targets, {
    watch: options.watch,
    timeoutMs,
    readers: options.readers ?? [],
    checksAccess: options.checksAccess ?? false,
    ...ending,
  });
  const isNew = changes.some(({ action }) => action === 'created' || action === 'configured');
  if (isNew) await waitUntilServed(cluster, stage.objects, { timeoutMs, ...ending });
}

/** KUS-APPLY-15: the API server refuses a CRD whose webhook certificate is a placeholder. */
function withoutInvalidCaBundle(object: KubeObject): KubeObject {
  if (!isCustomResourceDefinition(object)) return object;
  const bundle = fieldAt(object, 'spec', 'conversion', 'webhook', 'clientConfig', 'caBundle');
  if (typeof bundle !== 'string' || bundle === '' || isCaBundle(bundle)) return object;
  const { conversion } = object['spec'];
  const { caBundle: _, ...clientConfig } = conversion.webhook.clientConfig;
  const webhook = { ...conversion.webhook, clientConfig };
  return { ...object, spec: { ...object['spec'], conversion: { ...conversion, webhook } } };
}

function isCaBundle(base64: string): boolean {
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(base64)) return false;
  const pem = Buffer.from(base64, 'base64').toString('latin1');
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return certificates.length > 0 && certificates.every(isCertificate);
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
