import type { HelmReleaseSnapshot } from '@flux/api';
import { type Chart, copyRelease, type Release, type ReleaseContext, ReleaseStorage, type Values } from '@flux/helm';
import type { StatusReader } from '@flux/ssa';
import { createReleaseWaiter } from '../release/waiter.ts';
import type { HelmRun } from './deps.ts';
import { LogBuffer } from './log-buffer.ts';
import { releaseNameOf, releaseNamespaceOf } from './names.ts';
import { activePolicyOf, type FailurePolicy, ignoresTestFailures } from './policy.ts';
import type { Attempt } from './status/failures.ts';
import { latestOf } from './status/history.ts';
import { snapshotOf } from './status/snapshot.ts';
import type { SpecDigests } from './status/spec-digests.ts';
import { summarize } from './status/summary.ts';
import type { Target } from './steps/target-cluster.ts';

export interface SessionInput {
  run: HelmRun;
  target: Target;
  storageNamespace: string;
  readers: readonly StatusReader[];
  specDigests: SpecDigests;
  /** What is released. */
  chart: Chart;
  values: Values;
  attempt: Attempt;
  /** Aborted when what is released is out of date. */
  interrupt?: AbortSignal;
}

const fieldManager = 'helm-controller';
/** Nobody else writes to storage during a pass; one that waited long looks again all the same. */
const storageMemoryMs = 30_000;

/** What the actions of one pass share: the cluster, Helm's storage, what was written to it, and what was logged. */
export class Session {
  readonly run: HelmRun;
  readonly target: Target;
  readonly chart: Chart;
  readonly values: Values;
  readonly attempt: Attempt;
  readonly specDigests: SpecDigests;
  readonly name: string;
  readonly namespace: string;
  readonly storage: ReleaseStorage;
  readonly readers: readonly StatusReader[];
  readonly interrupt: AbortSignal | undefined;
  #logs: LogBuffer;
  readonly #written = new Map<number, Release>();

  constructor(input: SessionInput) {
    const { run, target, storageNamespace } = input;
    this.run = run;
    this.target = target;
    this.chart = input.chart;
    this.values = input.values;
    this.attempt = input.attempt;
    this.specDigests = input.specDigests;
    this.readers = input.readers;
    this.interrupt = input.interrupt;
    this.name = releaseNameOf(run.object);
    this.namespace = releaseNamespaceOf(run.object);
    this.#logs = new LogBuffer(run.now);
    this.storage = new ReleaseStorage({
      cluster: target.cluster,
      namespace: storageNamespace,
      fieldManager,
      now: run.now,
      remembersMs: storageMemoryMs,
      onWrite: (release) => void this.#written.set(release.version, copyRelease(release)),
      log: (message, fields) => run.log.info(message, fields),
    });
  }

  get policy(): FailurePolicy {
    return activePolicyOf(this.run.object, this.run.deps.settings);
  }

  get ignoresTestFailures(): boolean {
    return ignoresTestFailures(this.run.object, this.run.deps.settings);
  }

  get latest(): HelmReleaseSnapshot | undefined {
    return latestOf(this.run.object.status?.history);
  }

  /** Forgets what the action before wrote and logged. */
  begin(): void {
    this.#written.clear();
    this.#logs = new LogBuffer(this.run.now);
  }

  /** What the actions of the release engine work with; their log lines are kept for the event of a failure. */
  context(): ReleaseContext {
    const { run, target, storage } = this;
    const logs = this.#logs;
    return {
      cluster: target.cluster,
      storage,
      fieldManager,
      waiter: createReleaseWaiter({
        cluster: target.cluster,
        watch: target.watch,
        readers: this.readers,
        checksAccess: target.isImpersonated,
      }),
      log: (message, details = {}, level) => {
        logs.add(level ?? 'info', message, details);
        run.log.debug(message, details);
      },
      now: run.now,
      signal: run.signal,
      ...(this.interrupt ? { interrupt: this.interrupt } : {}),
    };
  }

  get logText(): string {
    return this.#logs.format();
  }

  /** Revisions that the action has written to storage, newest first. */
  get written(): readonly Release[] {
    return [...this.#written.values()].toSorted((a, b) => b.version - a.version);
  }

  async snapshot(release: Release, ociDigest?: string): Promise<HelmReleaseSnapshot> {
    return snapshotOf(release, { algorithm: this.run.deps.settings.digestAlgorithm, ociDigest });
  }

  summarize(): void {
    const { object, conditions } = this.run;
    const { ignoresTestFailures, specDigests } = this;
    summarize({ object, conditions, ignoresTestFailures, specDigests });
  }
}
