import type { Cluster } from '@flux/client';
import { formatRef } from './change-set.ts';
import { WaitError } from './errors.ts';
import type { ReadyStatus } from './kstatus/result.ts';
import type { StatusReader } from './kstatus/status-reader.ts';
import type { ObjectWatch } from './object-watch.ts';
import { type ObservedStatus, ReadinessObserver, type WaitTarget } from './readiness-observer.ts';

export interface WaitOptions {
  watch: ObjectWatch;
  timeoutMs: number;
  /** Ends as soon as one target is Failed; otherwise when all are Current or Failed (KUS-HEALTH-05). */
  failFast?: boolean;
  /** Asked in this order before the stock rules. */
  readers?: readonly StatusReader[];
  signal?: AbortSignal;
  /** True when the cluster acts as another user: what that user may not list makes a Deployment Unknown. */
  checksAccess?: boolean;
  /** Called after each change with the targets that are not Current yet. */
  onProgress?: (pending: readonly ObservedStatus[]) => void;
}

/**
 * Resolves when all targets are Current. It is driven by watches and never polls. Rejects with a `WaitError` whose text is
 * that of KUS-HEALTH-06, or with the signal's reason.
 */
export async function waitForReady(
  cluster: Cluster,
  targets: readonly WaitTarget[],
  options: WaitOptions,
): Promise<void> {
  if (targets.length === 0) return;
  options.signal?.throwIfAborted();
  await checkScopes(cluster, targets);
  const wait = new Wait(cluster, targets, options);
  try {
    await wait.settled;
  } finally {
    wait[Symbol.dispose]();
  }
}

/** A namespaced target without a namespace is refused before anything is looked at. */
async function checkScopes(cluster: Cluster, targets: readonly WaitTarget[]): Promise<void> {
  for (const { ref } of targets) {
    if (ref.namespace) continue;
    const mapping = await cluster.mapping(ref).catch(() => undefined); // a kind may appear while we wait
    if (!mapping?.namespaced) continue;
    const groupKind = mapping.group === '' ? mapping.kind : `${mapping.kind}.${mapping.group}`;
    throw new WaitError(`resource ${groupKind} ${ref.name} is namespace scoped, but namespace is not set`, false);
  }
}

class Wait implements Disposable {
  readonly settled: Promise<void>;
  readonly #resolve: () => void;
  readonly #reject: (reason: unknown) => void;
  readonly #options: WaitOptions;
  readonly #observers: ReadinessObserver[] = [];
  readonly #timer: NodeJS.Timeout;
  #isChecking = false;

  constructor(cluster: Cluster, targets: readonly WaitTarget[], options: WaitOptions) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.settled = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#options = options;
    this.#timer = setTimeout(() => this.#timeOut(), Math.max(0, options.timeoutMs));
    options.signal?.addEventListener('abort', this.#abort, { once: true });
    if (options.signal?.aborted) this.#abort();
    const context = { cluster, ...options, onChange: () => this.#check() };
    for (const target of targets) this.#observers.push(new ReadinessObserver(target, context));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener('abort', this.#abort);
    for (const observer of this.#observers) observer[Symbol.dispose]();
  }

  readonly #abort = (): void => this.#reject(this.#options.signal?.reason);

  /** Once for all changes that arrive together: with hundreds of targets each look at all of them counts. */
  #check(): void {
    if (this.#isChecking) return;
    this.#isChecking = true;
    queueMicrotask(() => {
      this.#isChecking = false;
      this.#checkNow();
    });
  }

  #checkNow(): void {
    const statuses = this.#observers.map((observer) => observer.effectiveStatus);
    const hasFailure = statuses.includes('Failed');
    const isOver = statuses.every((status) => status === 'Current' || status === 'Failed');
    if (isOver || (this.#options.failFast && hasFailure)) {
      if (!hasFailure) this.#resolve();
      else this.#fail('failed early due to stalled resources', false, (status) => status === 'Failed');
      return;
    }
    this.#options.onProgress?.(
      this.#observers.filter((observer) => observer.effectiveStatus !== 'Current').map((observer) => observer.observed),
    );
  }

  #timeOut(): void {
    this.#fail('timeout waiting for', true, (status) => status !== 'Current');
  }

  #fail(what: string, isTimeout: boolean, isListed: (status: ReadyStatus) => boolean): void {
    const entries = this.#observers
      .filter((observer) => isListed(observer.effectiveStatus))
      .map(({ observed }) => formatEntry(observed));
    this.#reject(new WaitError(`${what}: [${entries.join(', ')}]`, isTimeout));
  }
}

function formatEntry({ ref, result, error }: ObservedStatus): string {
  if (!result) return `can't determine status for ${formatRef(ref)}`;
  return `${formatRef(ref)} status: '${result.status}'${error ? `: ${error.message}` : ''}`;
}
