import { deepCopy, isNotFound, type KubeObject } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import type { ControllerDefinition } from './definition.ts';
import type { Outcome } from './frame.ts';
import type { ControllerHost } from './host.ts';
import { createRun, type OwnedRun } from './live-run.ts';
import type { Logger } from './log.ts';
import { ObjectWriter } from './object-writer.ts';
import { ReconcileError } from './reconcile-error.ts';
import type { Run, Trigger } from './run.ts';

interface PassInput<T extends KubeObject, Deps> {
  definition: ControllerDefinition<T, Deps>;
  host: ControllerHost;
  /** As the cache has it; it is copied. */
  object: T;
  triggers: readonly Trigger[];
  superseded: AbortSignal;
  log: Logger;
  reconcileId: string;
  acknowledge(object: T): void;
}

/** What the queue needs to know. */
export interface PassResult {
  outcome: Outcome;
  /** An error that is retried with back-off although the outcome says otherwise. */
  error: unknown;
}

/**
 * One pass over one object: deletion, finalizer and suspend branches, reconcile, the failure path, the closing status patch
 * (SRC-CTL-02, KUS-FLOW-01). It never throws.
 */
export async function runPass<T extends KubeObject, Deps>(input: PassInput<T, Deps>): Promise<PassResult> {
  const { definition, host } = input;
  const object = deepCopy(input.object);
  const requestSignal = definition.supersede ? AbortSignal.any([host.signal, input.superseded]) : host.signal;
  const writer = new ObjectWriter(object, {
    cluster: host.cluster,
    fieldManager: definition.fieldManager,
    ownedConditions: definition.frame.ownedConditions,
    acknowledge: (answer) => input.acknowledge(answer as T),
    signal: host.graceSignal,
  });
  const run = createRun<T, Deps>({
    object,
    deps: definition.deps,
    frame: definition.frame,
    reporter: definition.name,
    cluster: host.cluster,
    watches: host.watches,
    signal: requestSignal,
    superseded: input.superseded,
    triggers: input.triggers,
    reconcileId: input.reconcileId,
    log: input.log,
    now: host.now,
    persist: (current) => writer.writeStatus(current),
    emit: (event) => host.events.emit(event),
  });
  const outcome = await decide(definition, run, { writer, isStopping: () => host.signal.aborted });
  return close({ definition, run, writer, outcome });
}

interface Branch {
  writer: ObjectWriter;
  isStopping(): boolean;
}

async function decide<T extends KubeObject, Deps>(
  definition: ControllerDefinition<T, Deps>,
  run: Run<T, Deps>,
  { writer, isStopping }: Branch,
): Promise<Outcome> {
  const { object } = run;
  const finalizer = finalizerOf(definition);
  try {
    if (definition.isStatic?.(object)) return await tidy(definition, run, writer);
    if (object.metadata.deletionTimestamp !== undefined) {
      // Somebody else's finalizer keeps it; our part is done.
      if (finalizer && !isHeld(object, finalizer)) return { type: 'deleted' };
      const action = await definition.cleanup?.(run);
      return action && action.type !== 'awaitChange' ? { type: 'done', action } : { type: 'deleted' };
    }
    if (finalizer && !isHeld(object, finalizer)) {
      await writer.addFinalizer(object, finalizer);
      return { type: 'finalizerAdded' };
    }
    if (object['spec']?.suspend === true) return { type: 'suspended' };
    await definition.frame.begin(run);
    return { type: 'done', action: await definition.reconcile(run) };
  } catch (error) {
    if (isStopping()) return { type: 'canceled' };
    return fail(definition, run, error);
  }
}

/** A static object is only ever touched to remove what it has from earlier, or from the defaults of its kind. */
async function tidy<T extends KubeObject, Deps>(
  definition: ControllerDefinition<T, Deps>,
  run: Run<T, Deps>,
  writer: ObjectWriter,
): Promise<Outcome> {
  const { object } = run;
  const { metadata, spec, status = {} } = object as KubeObject;
  const isDeleting = metadata.deletionTimestamp !== undefined;
  const isClean = !isHeld(object, finalizerOf(definition)) && Object.keys(status).length === 0;
  if (isClean || (spec?.suspend === true && !isDeleting)) return { type: 'static' };
  await definition.cleanup?.(run);
  Object.assign(object, { status: {} });
  await writer.writeStatus(object);
  await dropFinalizer(definition, object, writer);
  return { type: 'static' };
}

function fail<T extends KubeObject, Deps>(
  definition: ControllerDefinition<T, Deps>,
  run: Run<T, Deps>,
  thrown: unknown,
): Outcome {
  if (!(thrown instanceof ReconcileError) && run.signal.aborted) return { type: 'canceled' };
  const error = toReconcileError(definition, thrown);
  const retry = error.retry ?? definition.defaultRetry?.(run.object) ?? 'backoff';
  // What goes wrong while deleting is the cleanup's own to report: conditions stay as they are (KUS-DEL-02).
  const isDeleting = run.object.metadata.deletionTimestamp !== undefined;
  const isSilent = !(thrown instanceof ReconcileError) && (isDeleting || definition.unexpectedReason === undefined);
  if (!isSilent) {
    const event = definition.frame.fail(run, error, retry);
    if (event) run.event(event);
  }
  return { type: 'failed', error, retry: isSilent ? 'backoff' : retry };
}

function toReconcileError<T extends KubeObject, Deps>(
  definition: ControllerDefinition<T, Deps>,
  thrown: unknown,
): ReconcileError {
  if (thrown instanceof ReconcileError) return thrown;
  const message = messageOf(thrown);
  return new ReconcileError(definition.unexpectedReason ?? 'Failed', message, { cause: thrown, retry: 'backoff' });
}

interface Closing<T extends KubeObject, Deps> {
  definition: ControllerDefinition<T, Deps>;
  run: OwnedRun<T, Deps>;
  writer: ObjectWriter;
  outcome: Outcome;
}

async function close<T extends KubeObject, Deps>(closing: Closing<T, Deps>): Promise<PassResult> {
  const { definition, run, writer, outcome } = closing;
  const { object } = run;
  await run.settled();
  const isUntold = outcome.type === 'done' && outcome.action.type === 'holdBack';
  if (outcome.type === 'static' || isUntold) return { outcome, error: undefined };
  let error: unknown = outcome.type === 'failed' && outcome.retry === 'backoff' ? outcome.error : undefined;
  error = guard(() => definition.settle?.(run, outcome)) ?? error;
  recordHandledRequest(object);
  error = definition.frame.close(run, outcome) ?? error;
  try {
    await writer.writeStatus(object);
    if (outcome.type === 'deleted') await dropFinalizer(definition, object, writer);
  } catch (failure) {
    // The object vanished: there is nobody left to tell. While deleting that is the expected end.
    if (!isNotFound(failure) && outcome.type !== 'canceled') error = failure;
  }
  if (outcome.type !== 'suspended' && outcome.type !== 'canceled') {
    error = guard(() => definition.finished?.(run, outcome)) ?? error;
  }
  return { outcome, error };
}

/** What a hook throws; the status is patched all the same. */
function guard(hook: () => void): unknown {
  try {
    hook();
    return undefined;
  } catch (error) {
    return error;
  }
}

async function dropFinalizer<T extends KubeObject, Deps>(
  definition: ControllerDefinition<T, Deps>,
  object: T,
  writer: ObjectWriter,
): Promise<void> {
  const finalizer = finalizerOf(definition);
  if (finalizer && isHeld(object, finalizer)) await writer.removeFinalizer(object, finalizer);
}

/** Undefined for kinds that go without. */
function finalizerOf({ finalizer = 'finalizers.fluxcd.io' }: { finalizer?: string | false }): string | undefined {
  return finalizer || undefined;
}

function isHeld({ metadata }: KubeObject, finalizer: string | undefined): boolean {
  return finalizer !== undefined && (metadata.finalizers?.includes(finalizer) ?? false);
}

/** KUS-FLOW-04: on every pass, whatever its outcome. */
function recordHandledRequest(object: KubeObject): void {
  const requestedAt = object.metadata.annotations?.['reconcile.fluxcd.io/requestedAt'];
  if (requestedAt === undefined) return;
  object['status'] ??= {};
  object['status'].lastHandledReconcileAt = requestedAt;
}
