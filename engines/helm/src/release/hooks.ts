import type { KubeObject } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import { createObjects, liveStates } from './apply-objects.ts';
import { deleteObjects } from './delete-objects.ts';
import type { Hook, HookEvent, Release } from './release.ts';
import { type ReleaseContext, signalOf, type WaitChoice } from './release-context.ts';
import { joinErrors, wrapError } from './release-error.ts';
import { buildObjects, type ReleaseObject } from './release-objects.ts';
import type { ReleaseWaitOptions } from './release-waiter.ts';

export interface HookOptions extends WaitChoice {
  serverSideApply: boolean;
  disableHooks?: boolean;
}

type DeletePolicy = 'before-hook-creation' | 'hook-succeeded' | 'hook-failed';

/**
 * Runs the hooks of one event, one after the other by weight and name (HELM-HOOK-02 and -03). The first that fails ends the
 * sequence. What the delete policies say is carried out after all of them.
 */
export async function runHooks(
  context: ReleaseContext,
  { release, event, only }: { release: Release; event: HookEvent; only?: readonly Hook[] },
  options: HookOptions,
): Promise<void> {
  if (options.disableHooks) return;
  const hooks = hooksOf(only ?? release.hooks, event);
  for (const [index, hook] of hooks.entries()) {
    context.signal?.throwIfAborted();
    const run = { context, release, hook, event, options };
    const objects = await startHook(run);
    try {
      if (objects.length > 0) await context.waiter.waitHook(liveStates(objects), waitOptions(context, options));
      endHook(run, 'Succeeded');
    } catch (error) {
      endHook(run, 'Failed');
      await afterFailure(run, hooks.slice(0, index));
      throw error;
    }
  }
  for (const hook of hooks.toReversed()) {
    const run = { context, release, hook, event, options };
    await showLogs(run, 'hook-succeeded');
    await deleteByPolicy(run, 'hook-succeeded');
  }
}

interface HookRunning {
  context: ReleaseContext;
  release: Release;
  hook: Hook;
  event: HookEvent;
  options: HookOptions;
}

/** Hooks come in the order of their kinds, which stays where weight and name are equal. */
function hooksOf(hooks: readonly Hook[], event: HookEvent): Hook[] {
  const ours = hooks.filter(({ events }) => events.includes(event));
  return ours.toSorted((a, b) => {
    const byWeight = (a.weight ?? 0) - (b.weight ?? 0);
    return byWeight !== 0 || a.name === b.name ? byWeight : a.name < b.name ? -1 : 1;
  });
}

async function startHook(run: HookRunning): Promise<ReleaseObject[]> {
  const { context, release, hook, event, options } = run;
  if (!hook.delete_policies?.length) hook.delete_policies = ['before-hook-creation'];
  await deleteByPolicy(run, 'before-hook-creation');
  const objects = await buildHook(run, true).catch((error: unknown) => {
    throw wrapError(`unable to build kubernetes object for ${event} hook ${hook.path}`, error);
  });
  hook.last_run = { started_at: timeOf(context), phase: 'Running' };
  // Helm ignores it when this write fails, too: the hook tells nothing yet
  await context.storage.update(release).catch((error: unknown) => logFailure(context, 'failed to record hook', error));
  hook.last_run.phase = 'Unknown';
  try {
    if (objects.length > 0) await createObjects(context, objects, { serverSideApply: options.serverSideApply });
  } catch (error) {
    endHook(run, 'Failed');
    throw wrapError(`warning: Hook ${event} ${hook.path} failed`, error);
  }
  return objects;
}

function endHook({ context, hook }: HookRunning, phase: 'Succeeded' | 'Failed'): void {
  hook.last_run = { ...hook.last_run, completed_at: timeOf(context), phase };
}

/** The failed hook and those before it are cleaned up; failures of that never hide why the hook failed. */
async function afterFailure(run: HookRunning, succeeded: readonly Hook[]): Promise<void> {
  const { context } = run;
  if (context.signal?.aborted) return;
  await showLogs(run, 'hook-failed');
  try {
    await deleteByPolicy(run, 'hook-failed');
    for (const hook of succeeded) await deleteByPolicy({ ...run, hook }, 'hook-succeeded');
  } catch (error) {
    logFailure(context, 'error deleting the hook resource on hook failure', error);
  }
}

function buildHook({ context, release, hook }: HookRunning, validate: boolean): Promise<ReleaseObject[]> {
  return buildObjects(hook.manifest, { cluster: context.cluster, namespace: release.namespace, validate });
}

/** CRDs are never deleted: their objects would go with them (HELM-HOOK-04). */
async function deleteByPolicy(run: HookRunning, policy: DeletePolicy): Promise<void> {
  const { context, hook, options } = run;
  if (hook.kind === 'CustomResourceDefinition' || !hook.delete_policies?.includes(policy)) return;
  const objects = await buildHook(run, false).catch((error: unknown) => {
    throw wrapError(`unable to build kubernetes object for deleting hook ${hook.path}`, error);
  });
  const found = await Promise.all(objects.map(({ ref }) => context.cluster.find(ref, signalOf(context))));
  const present = objects.filter((_, index) => found[index] !== undefined);
  if (present.length === 0) return;
  const errors = await deleteObjects(context, present, 'Background');
  if (errors.length > 0) throw joinErrors(errors, '; ');
  // Helm does not wait here with `hook-only`; then the new hook may be applied onto the one that is going away
  if (options.waitStrategy === 'hook-only' && policy !== 'before-hook-creation') return;
  await context.waiter.waitGone(
    present.map(({ ref }) => ref),
    waitOptions(context, options),
  );
}

async function showLogs(run: HookRunning, policy: 'hook-succeeded' | 'hook-failed'): Promise<void> {
  const { context, hook } = run;
  if (!context.podLogs || !hook.output_log_policies?.includes(policy)) return;
  try {
    for (const pod of await podsOf(run)) await showPodLogs(context, pod);
  } catch (error) {
    logFailure(context, 'error outputting logs for hook failure', error);
  }
}

async function podsOf(run: HookRunning): Promise<KubeObject[]> {
  const { context, hook } = run;
  const selectors = {
    Job: { labelSelector: `job-name=${hook.name}` },
    Pod: { fieldSelector: `metadata.name=${hook.name}` },
  };
  if (hook.kind !== 'Job' && hook.kind !== 'Pod') return [];
  const namespace = (await buildHook(run, false))[0]?.ref.namespace ?? run.release.namespace;
  const selection = { namespace, ...selectors[hook.kind], ...signalOf(context) };
  return (await context.cluster.list({ apiVersion: 'v1', kind: 'Pod' }, selection)).items;
}

async function showPodLogs(context: ReleaseContext, pod: KubeObject): Promise<void> {
  const containers: readonly { name: string }[] = pod['spec']?.containers ?? [];
  for (const { name: container } of containers) {
    const text = await context.podLogs!(pod, container, context.signal);
    const { name, namespace = '' } = pod.metadata;
    context.onHookLog?.({ namespace, pod: name, container }, text);
  }
}

/** How to wait for objects, as the options say. */
export function waitOptions(context: ReleaseContext, options: WaitChoice): ReleaseWaitOptions {
  return { strategy: options.waitStrategy ?? 'poller', timeoutMs: options.timeoutMs, ...signalOf(context) };
}

/** The present time as releases hold it. */
export function timeOf(context: ReleaseContext): string {
  return (context.now?.() ?? new Date()).toISOString();
}

function logFailure(context: ReleaseContext, message: string, error: unknown): void {
  context.log?.(message, { error: messageOf(error) });
}
