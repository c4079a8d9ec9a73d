import type { Cluster } from '@flux/client';
import type { Controller } from './controller.ts';
import { EventDelivery } from './event-delivery.ts';
import { EventForwarder } from './event-forwarder.ts';
import { EventRecorder } from './event-recorder.ts';
import { type ProbeServer, serveHealth, serveMetrics } from './health-server.ts';
import type { ControllerHost, RunningController } from './host.ts';
import { acquireLeadership, type LeaderElectionOptions, type Leadership } from './leader-election.ts';
import type { Logger } from './log.ts';
import { type Metrics, noMetrics } from './metrics.ts';
import { orAborted } from './or-aborted.ts';
import { prometheusMetrics } from './prometheus.ts';
import { createWatchCache } from './shared-watches.ts';
import type { WatchCache } from './watch-cache.ts';

export interface StartOptions {
  cluster: Cluster;
  log: Logger;
  /** Stops everything, as `stop()` does. */
  signal?: AbortSignal;
  /** Default: a cache of its own, closed at the end. */
  watches?: WatchCache;
  /** Default: Prometheus when `metricsAddress` is set, else none. */
  metrics?: Metrics;
  /** `--metrics-addr`, `--health-addr`, `--events-addr`; unset or empty: off. */
  metricsAddress?: string;
  healthAddress?: string;
  eventsAddress?: string;
  /** Only this namespace. */
  namespace?: string;
  /** `--watch-label-selector`. */
  labelSelector?: string;
  /** `--interval-jitter-percentage`. Default 5. */
  jitterPercent?: number;
  /** `--min-retry-delay` and `--max-retry-delay`. Default 750 ms and 15 min. */
  minRetryMs?: number;
  maxRetryMs?: number;
  /** Controllers start when this process leads. */
  leaderElection?: Omit<LeaderElectionOptions, 'cluster' | 'log'>;
  /** How long `stop` waits for passes under way and events. Default 30 s. */
  gracePeriodMs?: number;
  now?: () => Date;
}

export interface RunningControllers extends AsyncDisposable {
  /** Resolves when all controllers work; rejects when one cannot start or the process stops first. */
  readonly started: Promise<void>;
  /** Resolves when everything has stopped; rejects with the reason when leadership was lost or a controller failed to start. */
  readonly stopped: Promise<void>;
  readonly watches: WatchCache;
  readonly metrics: Metrics;
  /** Addresses that are listened on, with the ports that the system chose. */
  readonly addresses: { readonly metrics?: string; readonly health?: string };
  /** Drains: no new work, passes under way end (their signals abort), events go out, the lease is given back. */
  stop(): Promise<void>;
}

/** Runs a set of controllers in this process. Resolves when the ports are open; controllers may still wait for the lease. */
export async function startControllers(
  controllers: readonly Controller[],
  options: StartOptions,
): Promise<RunningControllers> {
  const process = new ControllerProcess(controllers, options);
  await process.open();
  return process;
}

class ControllerProcess implements RunningControllers {
  readonly watches: WatchCache;
  metrics: Metrics = noMetrics;
  addresses: { metrics?: string; health?: string } = {};
  readonly started: Promise<void>;
  readonly stopped: Promise<void>;
  readonly #controllers: readonly Controller[];
  readonly #options: StartOptions;
  readonly #starting = Promise.withResolvers<void>();
  readonly #stopping = Promise.withResolvers<void>();
  /** Aborts what works; events and the closing patches go on during the grace period. */
  readonly #work = new AbortController();
  readonly #grace = new AbortController();
  readonly #servers: ProbeServer[] = [];
  readonly #running: RunningController[] = [];
  #events: EventDelivery | undefined;
  #leadership: Leadership | undefined;
  #end: Promise<void> | undefined;
  #run: Promise<void> | undefined;
  #failure: unknown;
  #isReady = false;

  constructor(controllers: readonly Controller[], options: StartOptions) {
    this.#controllers = controllers;
    this.#options = options;
    this.watches = options.watches ?? createWatchCache(options.cluster, { log: options.log });
    this.started = this.#starting.promise;
    this.stopped = this.#stopping.promise;
    this.started.catch(() => {}); // both may be left unheard: stop() tells too
    this.stopped.catch(() => {});
  }

  async open(): Promise<void> {
    const { metricsAddress, healthAddress, metrics, signal } = this.#options;
    this.metrics = metrics ?? (metricsAddress ? await prometheusMetrics() : noMetrics);
    try {
      if (metricsAddress) this.addresses.metrics = await this.#serve(serveMetrics(metricsAddress, this.metrics));
      if (healthAddress)
        this.addresses.health = await this.#serve(serveHealth(healthAddress, { isReady: () => this.#isReady }));
    } catch (error) {
      await this.#closeServers();
      throw error;
    }
    const stop = () => void this.stop().catch(() => {});
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
    this.#run = this.#start();
  }

  stop(): Promise<void> {
    this.#end ??= this.#stop();
    return this.#end;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #start(): Promise<void> {
    try {
      // A standby is ready too: it serves probes and waits.
      this.#isReady = true;
      await this.#lead();
      const host = this.#host();
      const starting = this.#controllers.map(async (controller) => this.#running.push(await controller.start(host)));
      await orAborted(Promise.all(starting), this.#work.signal);
      this.#starting.resolve();
    } catch (error) {
      this.#starting.reject(error);
      if (!this.#work.signal.aborted) this.#fail(error);
    }
  }

  async #lead(): Promise<void> {
    const { leaderElection, cluster, log } = this.#options;
    if (!leaderElection) return;
    this.#leadership = await acquireLeadership({ ...leaderElection, cluster, log }, this.#work.signal);
    const { lost } = this.#leadership;
    lost.addEventListener('abort', () => this.#fail(lost.reason), { once: true });
  }

  #host(): ControllerHost {
    const { cluster, log, namespace, labelSelector, eventsAddress, now } = this.#options;
    const signal = this.#grace.signal;
    this.#events = new EventDelivery({
      recorder: new EventRecorder({ cluster, log }),
      forwarder: eventsAddress ? new EventForwarder({ address: eventsAddress, log, signal }) : undefined,
      log,
    });
    return {
      cluster,
      watches: this.watches,
      log,
      events: this.#events,
      metrics: this.metrics,
      signal: this.#work.signal,
      graceSignal: signal,
      ...(namespace ? { namespace } : {}),
      ...(labelSelector ? { labelSelector } : {}),
      jitterPercent: this.#options.jitterPercent ?? 5,
      minRetryMs: this.#options.minRetryMs ?? 750,
      maxRetryMs: this.#options.maxRetryMs ?? 15 * 60_000,
      now: now ?? (() => new Date()),
    };
  }

  #fail(error: unknown): void {
    this.#failure = error;
    void this.stop().catch(() => {});
  }

  async #stop(): Promise<void> {
    this.#isReady = false;
    this.#work.abort();
    const timer = setTimeout(() => this.#grace.abort(), this.#options.gracePeriodMs ?? 30_000);
    try {
      await orAborted(this.#drain(), this.#grace.signal).catch(() => {
        this.#options.log.info('the grace period is over, some work was left unfinished');
      });
    } finally {
      clearTimeout(timer);
      this.#grace.abort();
    }
    if (!this.#options.watches) await this.watches.close();
    await this.#leadership?.release();
    await this.#closeServers();
    if (this.#failure === undefined) this.#stopping.resolve();
    else this.#stopping.reject(this.#failure);
  }

  async #drain(): Promise<void> {
    await this.#run;
    await Promise.all(this.#running.map((controller) => controller.stop()));
    await this.#events?.drain();
  }

  async #serve(opening: Promise<ProbeServer>): Promise<string> {
    const server = await opening;
    this.#servers.push(server);
    return server.address;
  }

  async #closeServers(): Promise<void> {
    for (const server of this.#servers.splice(0)) await server[Symbol.asyncDispose]();
  }
}
