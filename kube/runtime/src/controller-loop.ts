import { randomUUID } from 'node:crypto';
import { formatSubject, gvkOf, type KubeObject } from '@flux/apimachinery';
import { formatDuration } from '@flux/gotypes';
import { type ControllerMetrics, controllerMetrics, type PassResult as MetricResult } from './controller-metrics.ts';
import type { ControllerDefinition, Watch } from './definition.ts';
import type { Outcome } from './frame.ts';
import type { ControllerHost, RunningController } from './host.ts';
import type { Logger } from './log.ts';
import { type PassResult, runPass } from './pass.ts';
import { Superseded } from './run.ts';
import { formatCause, ownTrigger, parseCause } from './triggers.ts';
import { type Change, keyOf, type ObjectView } from './watch-cache.ts';
import { type WorkItem, WorkQueue } from './work-queue.ts';

/** Watches, queue and passes of one controller. Work starts when the objects and the watched kinds are known. */
export async function startLoop<T extends KubeObject, Deps>(
  definition: ControllerDefinition<T, Deps>,
  host: ControllerHost,
): Promise<RunningController> {
  const loop = new ControllerLoop(definition, host);
  await loop.start();
  return loop;
}

class ControllerLoop<T extends KubeObject, Deps> implements RunningController {
  readonly #definition: ControllerDefinition<T, Deps>;
  readonly #host: ControllerHost;
  readonly #log: Logger;
  readonly #metrics: ControllerMetrics;
  readonly #queue: WorkQueue;
  readonly #own: ObjectView<T>;
  readonly #others: ObjectView[] = [];
  /** Of the passes under way. */
  readonly #superseding = new Map<string, AbortController>();

  constructor(definition: ControllerDefinition<T, Deps>, host: ControllerHost) {
    const { kind } = definition.kind;
    this.#definition = definition;
    this.#host = host;
    this.#log = host.log.with({
      controller: kind.toLowerCase(),
      controllerGroup: gvkOf(definition.kind).group,
      controllerKind: kind,
    });
    this.#metrics = controllerMetrics(host.metrics, kind.toLowerCase(), definition.concurrency);
    this.#queue = new WorkQueue({
      concurrency: definition.concurrency,
      minRetryMs: host.minRetryMs,
      maxRetryMs: host.maxRetryMs,
      observer: this.#metrics.queue,
      paused: true,
      process: (item) => this.#process(item),
      onRequeued: (key, cause) => this.#superseding.get(key)?.abort(new Superseded(parseCause(cause))),
    });
    this.#own = host.watches.view<T>(definition.kind, {
      ...(host.namespace ? { namespace: host.namespace } : {}),
      ...(host.labelSelector ? { labelSelector: host.labelSelector } : {}),
    });
  }

  get name(): string {
    return this.#definition.name;
  }

  async start(): Promise<void> {
    const { indexes = {}, watches = [] } = this.#definition;
    for (const [name, indexer] of Object.entries(indexes)) this.#own.addIndex(name, indexer);
    await this.#own.synced(this.#host.signal);
    for (const watch of watches) this.#others.push(await this.#follow(watch));
    this.#own.subscribe((change) => this.#onOwnChange(change), { replay: true });
    this.#queue.resume();
    this.#log.info('Starting workers', { 'worker count': this.#definition.concurrency });
  }

  async stop(): Promise<void> {
    for (const view of this.#others) view[Symbol.dispose]();
    await this.#queue.shutDown();
    this.#own[Symbol.dispose]();
    this.#log.info('All workers finished');
  }

  async #follow(watch: Watch<T>): Promise<ObjectView> {
    const view = this.#host.watches.view(watch.kind, {
      ...(this.#host.namespace ? { namespace: this.#host.namespace } : {}),
      ...(watch.labelSelector ? { labelSelector: watch.labelSelector } : {}),
      ...(watch.metadataOnly ? { metadataOnly: true } : {}),
    });
    await view.synced(this.#host.signal);
    view.subscribe((change) => this.#onOtherChange(watch, change), { replay: watch.replay ?? true });
    return view;
  }

  #onOwnChange(change: Change<T>): void {
    const key = keyOf(change.object);
    if (change.type === 'deleted') {
      this.#queue.cancelTimer(key);
      this.#queue.forget(key);
      this.#metrics.forget(metricObject(change.object));
      return;
    }
    const cause = ownTrigger(change, this.#definition.isTrigger);
    if (!cause) return;
    const isInteractive = cause === 'requestedAt' || cause === 'generation';
    this.#queue.add(key, {
      cause: formatCause({ cause, subject: formatSubject(change.object) }),
      interactive: isInteractive && change.before !== undefined,
    });
  }

  #onOtherChange(watch: Watch<T>, change: Change): void {
    try {
      const cause = formatCause({ cause: 'watch', subject: formatSubject(change.object) });
      for (const key of watch.mapToKeys(change, this.#own)) this.#queue.add(key, { cause });
    } catch (error) {
      this.#log.error(error, 'failed to map a change to objects', { [change.object.kind]: keyOf(change.object) });
    }
  }

  async #process({ key, causes }: WorkItem): Promise<void> {
    const object = this.#own.get(key);
    if (!object) {
      this.#queue.forget(key);
      return;
    }
    const startedAt = performance.now();
    const superseding = new AbortController();
    this.#superseding.set(key, superseding);
    const reconcileId = randomUUID();
    const log = this.#log.with({ ...logObject(object), reconcileID: reconcileId });
    try {
      const result = await runPass<T, Deps>({
        definition: this.#definition,
        host: this.#host,
        object,
        triggers: causes.map(parseCause),
        superseded: superseding.signal,
        log,
        reconcileId,
        acknowledge: (answer) => this.#own.acknowledge(answer),
      });
      const seconds = (performance.now() - startedAt) / 1000;
      this.#settle({ key, object, result, seconds, log });
    } catch (error) {
      this.#metrics.panicked();
      log.error(error, 'Observed a panic');
      this.#queue.addRateLimited(key, { cause: formatCause({ cause: 'retry', subject: formatSubject(object) }) });
    } finally {
      this.#superseding.delete(key);
    }
  }

  #settle(pass: { key: string; object: T; result: PassResult; seconds: number; log: Logger }): void {
    const { key, object, result, seconds, log } = pass;
    const isGone = result.outcome.type === 'deleted' && result.error === undefined;
    const next = this.#schedule(key, object, result);
    this.#metrics.record({ result: next.metric, seconds, object: metricObject(object), hasObject: !isGone });
    if (isGone) this.#metrics.forget(metricObject(object));
    if (isPanic(result.outcome)) this.#reportPanic(result.outcome, log);
    this.#report(result, { seconds, afterMs: next.afterMs, log });
  }

  /** One line for each pass that failed; waits for others are no errors. */
  #report({ outcome, error }: PassResult, pass: { seconds: number; afterMs: number | undefined; log: Logger }): void {
    const failure = error ?? (outcome.type === 'failed' ? outcome.error : undefined);
    if (failure === undefined) return;
    const next =
      pass.afterMs === undefined ? 'waiting for a change' : `next try in ${formatDuration(Math.round(pass.afterMs))}`;
    const message = `Reconciliation failed after ${formatDuration(Math.round(pass.seconds * 1000))}, ${next}`;
    const { event = 'warning', reason, message: text } = outcome.type === 'failed' ? outcome.error : {};
    if (error !== undefined || event === 'warning') pass.log.error(failure, message, reason ? { reason } : {});
    else pass.log.info(text ?? message, { reason });
  }

  #reportPanic(outcome: Outcome, log: Logger): void {
    this.#metrics.panicked();
    const cause: unknown = outcome.type === 'failed' ? outcome.error.cause : undefined;
    if (cause instanceof Error) log.error(cause, 'Observed a panic', { stacktrace: cause.stack });
  }

  /** Queues the next look at the object; says when, and how metrics call it. */
  #schedule(
    key: string,
    object: T,
    { outcome, error }: PassResult,
  ): { metric: MetricResult; afterMs: number | undefined } {
    const subject = formatSubject(object);
    const interval = { cause: formatCause({ cause: 'interval', subject }) };
    const retry = { cause: formatCause({ cause: 'retry', subject }) };
    if (error !== undefined) return { metric: 'error', afterMs: this.#queue.addRateLimited(key, retry) };
    if (outcome.type === 'done' && outcome.action.type === 'requeueNow') {
      return { metric: 'requeue', afterMs: this.#queue.addRateLimited(key, retry) };
    }
    this.#queue.forget(key);
    if (outcome.type === 'finalizerAdded') {
      this.#queue.add(key, { cause: formatCause({ cause: 'finalizer', subject }), interactive: true });
      return { metric: 'requeue', afterMs: 0 };
    }
    const afterMs = this.#delayOf(object, outcome);
    if (afterMs === undefined) return { metric: 'success', afterMs };
    const isRetry = outcome.type === 'failed' && outcome.retry !== 'ignore';
    this.#queue.addAfter(key, afterMs, isRetry ? retry : interval);
    return { metric: 'requeue_after', afterMs };
  }

  /** Undefined waits for a change. So does an interval of 0, as in controller-runtime: `flux create source chart` writes it. */
  #delayOf(object: T, outcome: Outcome): number | undefined {
    if (outcome.type === 'done' && outcome.action.type === 'requeueAfter') {
      const { ms, exact } = outcome.action;
      return exact ? ms : this.#jitter(ms) || undefined;
    }
    if (outcome.type === 'done' && outcome.action.type === 'holdBack') return outcome.action.ms;
    if (outcome.type !== 'failed') return undefined;
    const { retry } = outcome;
    if (typeof retry === 'object') return retry.afterMs; // 0 asks for another pass at once
    if (retry !== 'interval' && retry !== 'ignore') return undefined;
    return this.#jitter(this.#definition.interval(object)) || undefined;
  }

  #jitter(ms: number): number {
    const share = this.#host.jitterPercent / 100;
    return ms * (1 + share * (2 * Math.random() - 1));
  }
}

/** A defect of ours rather than a failure of the world. */
function isPanic(outcome: Outcome): boolean {
  if (outcome.type !== 'failed') return false;
  const { cause } = outcome.error;
  return cause instanceof TypeError || cause instanceof RangeError || cause instanceof ReferenceError;
}

function metricObject(object: KubeObject): { kind: string; name: string; namespace: string } {
  return { kind: object.kind, name: object.metadata.name, namespace: object.metadata.namespace ?? '' };
}

function logObject(object: KubeObject): Record<string, unknown> {
  const { name, namespace } = object.metadata;
  const at = namespace ? { name, namespace } : { name };
  return { [object.kind]: at, ...(namespace ? { namespace } : {}), name };
}
