import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { isAlreadyExists, isConflict, type KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { FluxError } from '@flux/errors';
import { formatMicroTime } from '@flux/gotypes';
import { pause } from './backoff.ts';
import type { Logger } from './log.ts';

export interface LeaderElectionOptions {
  cluster: Cluster;
  log: Logger;
  /** Name of the Lease, such as `kustomize-controller-leader-election`. */
  id: string;
  namespace: string;
  /** Default host name and a random id. */
  identity?: string;
  /** `--leader-election-lease-duration`, `-renew-deadline`, `-retry-period`: 35 s, 30 s and 5 s. */
  leaseDurationMs?: number;
  renewDeadlineMs?: number;
  retryPeriodMs?: number;
  /** `--leader-election-release-on-cancel`. Default true. */
  releaseOnCancel?: boolean;
  now?: () => number;
}

/** Another process leads now, or nobody can tell: this one must stop what only a leader may do. */
export class LeadershipLostError extends FluxError {
  override readonly code = 'LEADERSHIP_LOST';
}

export interface Leadership {
  /** Aborted with a `LeadershipLostError` when the lease could not be renewed in time. */
  readonly lost: AbortSignal;
  /** Stops renewing and gives the lease back. */
  release(): Promise<void>;
}

interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

interface Lease extends KubeObject {
  spec?: LeaseSpec;
}

/** The name of the Lease of a shard: each label selector elects its own leader (KUS-CTRL-04). */
export function leaderElectionId(controller: string, labelSelector = ''): string {
  const id = `${controller}-leader-election`;
  if (labelSelector === '') return id;
  return `${id}-${createHash('sha256').update(labelSelector).digest('hex').slice(0, 8)}`;
}

/** Resolves when this process leads; rejects with the signal's reason when it aborts first. */
export async function acquireLeadership(options: LeaderElectionOptions, signal: AbortSignal): Promise<Leadership> {
  const elector = new LeaderElector(options);
  while (!(await elector.tryLead(signal))) {
    await pause(elector.retryDelay(), signal);
    signal.throwIfAborted();
  }
  return elector.hold();
}

/**
 * client-go's lease protocol. Clocks of other processes are not trusted: a foreign lease is taken over when it has not been
 * seen to change for its duration on our own clock.
 */
class LeaderElector {
  readonly #options: LeaderElectionOptions;
  readonly #identity: string;
  readonly #leaseDurationMs: number;
  readonly #renewDeadlineMs: number;
  readonly #retryPeriodMs: number;
  readonly #now: () => number;
  #observed: Lease | undefined;
  #observedAt = 0;
  #isReported = '';

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#identity = options.identity ?? `${hostname()}_${randomUUID()}`;
    this.#leaseDurationMs = options.leaseDurationMs ?? 35_000;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 30_000;
    this.#retryPeriodMs = options.retryPeriodMs ?? 5000;
    this.#now = options.now ?? (() => performance.now());
    if (this.#leaseDurationMs <= this.#renewDeadlineMs || this.#renewDeadlineMs <= this.#retryPeriodMs) {
      throw new FluxError('leader election needs lease duration > renew deadline > retry period');
    }
  }

  retryDelay(): number {
    return this.#retryPeriodMs * (1 + Math.random() * 0.2);
  }

  /** Takes or renews the lease; false when somebody else holds it or the server cannot be asked. */
  async tryLead(signal: AbortSignal): Promise<boolean> {
    try {
      return await this.#tryLead(signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!isConflict(error) && !isAlreadyExists(error)) {
        this.#options.log.error(error, 'error retrieving or updating the leader election lease', {
          lease: this.#options.id,
        });
      }
      return false;
    }
  }

  hold(): Leadership {
    const { log, id, releaseOnCancel = true } = this.#options;
    log.info('successfully acquired lease', { lease: id });
    const lost = new AbortController();
    const stop = new AbortController();
    const renewing = this.#renew(lost, stop.signal);
    return {
      lost: lost.signal,
      release: async () => {
        stop.abort();
        await renewing;
        if (releaseOnCancel && !lost.signal.aborted) await this.#release();
      },
    };
  }

  async #renew(lost: AbortController, stop: AbortSignal): Promise<void> {
    let renewedAt = this.#now();
    while (!stop.aborted) {
      await pause(this.#retryPeriodMs, stop);
      if (stop.aborted) return;
      const leftMs = Math.ceil(this.#renewDeadlineMs - (this.#now() - renewedAt));
      const deadline = AbortSignal.timeout(Math.max(1, leftMs));
      const isRenewed = await this.tryLead(AbortSignal.any([stop, deadline])).catch(() => false);
      if (isRenewed) renewedAt = this.#now();
      else if (!stop.aborted && this.#now() - renewedAt >= this.#renewDeadlineMs) {
        lost.abort(new LeadershipLostError(`leader election lost: failed to renew lease ${this.#options.id} in time`));
        return;
      }
    }
  }

  async #tryLead(signal: AbortSignal): Promise<boolean> {
    const { cluster } = this.#options;
    const current = await cluster.find<Lease>(this.#ref(), { signal });
    if (!current) {
      this.#observe(await cluster.create(this.#newLease({ leaseTransitions: 0 }), { signal }));
      return true;
    }
    this.#observe(current);
    const spec = current.spec ?? {};
    const isOurs = spec.holderIdentity === this.#identity;
    if (spec.holderIdentity && !isOurs && !this.#hasExpired(spec)) {
      this.#report(spec.holderIdentity);
      return false;
    }
    const transitions = spec.leaseTransitions ?? 0;
    const next = this.#newLease({
      leaseTransitions: isOurs ? transitions : transitions + 1,
      ...(isOurs && spec.acquireTime ? { acquireTime: spec.acquireTime } : {}),
    });
    this.#observe(await cluster.update({ ...current, spec: next.spec }, { signal }));
    return true;
  }

  /** Reads the lease first: a renewal that was cut off may have reached the server. */
  async #release(): Promise<void> {
    const { cluster, log, id } = this.#options;
    const now = formatMicroTime(new Date());
    try {
      const signal = AbortSignal.timeout(Math.max(1000, this.#retryPeriodMs));
      const lease = await cluster.find<Lease>(this.#ref(), { signal });
      if (lease?.spec?.holderIdentity !== this.#identity) return;
      const { leaseTransitions = 0 } = lease.spec;
      const spec = { holderIdentity: '', leaseDurationSeconds: 1, renewTime: now, acquireTime: now, leaseTransitions };
      await cluster.update({ ...lease, spec }, { signal });
    } catch (error) {
      if (!isConflict(error)) log.error(error, 'failed to release the leader election lease', { lease: id });
    }
  }

  #observe(lease: Lease): void {
    if (lease.metadata.resourceVersion === this.#observed?.metadata.resourceVersion) return;
    this.#observed = lease;
    this.#observedAt = this.#now();
  }

  #hasExpired(spec: LeaseSpec): boolean {
    const durationMs =
      spec.leaseDurationSeconds === undefined ? this.#leaseDurationMs : spec.leaseDurationSeconds * 1000;
    return this.#observedAt + durationMs < this.#now();
  }

  #report(holder: string): void {
    if (this.#isReported === holder) return;
    this.#isReported = holder;
    this.#options.log.info('attempting to acquire leader lease', { lease: this.#options.id, holder });
  }

  #ref() {
    const { id, namespace } = this.#options;
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace, name: id };
  }

  #newLease(spec: LeaseSpec): Lease & { spec: LeaseSpec } {
    const now = formatMicroTime(new Date());
    const { apiVersion, kind, namespace, name } = this.#ref();
    return {
      apiVersion,
      kind,
      metadata: { name, namespace },
      spec: {
        holderIdentity: this.#identity,
        leaseDurationSeconds: Math.ceil(this.#leaseDurationMs / 1000),
        acquireTime: now,
        renewTime: now,
        ...spec,
      },
    };
  }
}
