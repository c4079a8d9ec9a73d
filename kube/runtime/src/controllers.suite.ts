import { crdOf, kustomization } from '@flux/api';
import { type Condition, type KubeObject, refOf } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { awaitChange, holdBack, requeueAfter } from './action.ts';
import { defineController } from './controller.ts';
import type { ControllerDefinition } from './definition.ts';
import { silentLog } from './log.ts';
import { readyFrame } from './ready-frame.ts';
import { ReconcileError } from './reconcile-error.ts';
import type { Run } from './run.ts';
import { createWatchCache } from './shared-watches.ts';
import { type RunningControllers, type StartOptions, startControllers } from './start-controllers.ts';
import type { WatchCache } from './watch-cache.ts';

const kind = { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' };

export interface SuiteCluster {
  cluster: Cluster;
  close(): Promise<void>;
}

/** The guarantees of the runtime, checked against a server that serves the Kustomization CRD once it is created. */
export function describeControllers(name: string, connect: () => Promise<SuiteCluster>): void {
  describe(name, () => {
    let cluster: Cluster;
    let watches: WatchCache;
    let namespace = '';
    let count = 0;
    let close: () => Promise<void>;
    const running: RunningControllers[] = [];

    beforeAll(async () => {
      ({ cluster, close } = await connect());
      const crd = await cluster.apply<KubeObject>(crdOf(kustomization), { fieldManager: 'test', force: true });
      const opening = createWatchCache(cluster);
      const isEstablished = (object: KubeObject | undefined) => condition(object, 'Established')?.status === 'True';
      await opening.waitFor(refOf(crd), isEstablished, AbortSignal.timeout(60_000));
      await opening.close();
    });

    afterAll(() => close?.());

    beforeEach(async () => {
      watches = createWatchCache(cluster);
      namespace = `test-${++count}`;
      await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    });

    afterEach(async () => {
      for (const controllers of running.splice(0)) await controllers.stop();
      await watches.close();
    });

    type Reconcile = (run: Run<KubeObject, undefined>) => Promise<void>;

    async function control(
      reconcile: Reconcile,
      definition: Partial<ControllerDefinition<KubeObject, undefined>> = {},
      options: Partial<StartOptions> = {},
    ): Promise<RunningControllers> {
      const controller = defineController<KubeObject, undefined>({
        name: 'kustomize-controller',
        kind,
        frame: readyFrame({ ownedConditions: ['Ready', 'Reconciling', 'Stalled', 'Healthy'] }),
        fieldManager: 'gotk-kustomize-controller',
        concurrency: 4,
        deps: undefined,
        interval: () => 3_600_000,
        defaultRetry: () => ({ afterMs: 3_600_000 }),
        unexpectedReason: 'ReconciliationFailed',
        reconcile: async (run) => {
          await run.progress('working');
          await reconcile(run);
          run.succeed('ReconciliationSucceeded', 'Applied revision: x');
          return requeueAfter(3_600_000);
        },
        ...definition,
      });
      const controllers = await startControllers([controller], {
        cluster,
        log: silentLog,
        watches,
        namespace,
        ...options,
      });
      running.push(controllers);
      await controllers.started;
      return controllers;
    }

    function create(
      name: string,
      spec: Record<string, unknown> = {},
      metadata: Record<string, unknown> = {},
    ): Promise<KubeObject> {
      return cluster.create({
        ...kind,
        metadata: { name, namespace, ...metadata },
        spec: { interval: '1h', prune: true, sourceRef: { kind: 'GitRepository', name: 'app' }, ...spec },
      });
    }

    function ref(name: string) {
      return { ...kind, namespace, name };
    }

    function condition(object: KubeObject | undefined, type: string): Condition | undefined {
      const conditions: Condition[] = object?.['status']?.conditions ?? [];
      return conditions.find((item) => item.type === type);
    }

    async function until(name: string, predicate: (object: KubeObject) => boolean): Promise<KubeObject> {
      const found = await watches.waitFor(
        ref(name),
        (object) => object !== undefined && predicate(object),
        AbortSignal.timeout(60_000),
      );
      return found!;
    }

    function aborted(signal: AbortSignal): Promise<unknown> {
      return signal.aborted ? Promise.resolve() : new Promise((resolve) => signal.addEventListener('abort', resolve));
    }

    const isReady = (object: KubeObject) => condition(object, 'Ready')?.status === 'True';
    const isFailed = (object: KubeObject) => condition(object, 'Ready')?.status === 'False';

    function summary(object: KubeObject): string[] {
      const conditions: Condition[] = object['status'].conditions;
      return conditions.map(({ type, status, reason, message }) => `${type}=${status}/${reason} ${message}`);
    }

    test('an object gets a finalizer, is reconciled and observed; both writes are updates of the field manager (SRC-CTL-17)', async () => {
      const triggers: string[] = [];
      await control(async (run) => {
        triggers.push(run.triggers.map(({ cause }) => cause).join());
        run.object['status'].lastAppliedRevision = 'x';
      });
      await create('app');
      const object = await until('app', isReady);
      const live = await cluster.get(ref('app'));

      expect(triggers).toEqual(['finalizer']);
      expect(live.metadata.finalizers).toEqual(['finalizers.fluxcd.io']);
      expect(summary(object)).toEqual(['Ready=True/ReconciliationSucceeded Applied revision: x']);
      expect(object['status']).toMatchObject({ observedGeneration: 1, lastAppliedRevision: 'x' });
      const entries = live.metadata.managedFields?.filter((entry) => entry.manager === 'gotk-kustomize-controller');
      expect(entries?.map(({ operation, subresource }) => [operation, subresource])).toEqual([
        ['Update', undefined],
        ['Update', 'status'],
      ]);
    });

    test('a request is recorded on every pass, failed ones included (KUS-FLOW-04)', async () => {
      await control(async () => {
        throw new ReconcileError('BuildFailed', 'kustomize build failed: no');
      });
      await create('app', {}, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'one' } });
      const object = await until('app', isFailed);

      expect(summary(object)).toEqual([
        'Reconciling=True/ProgressingWithRetry working',
        'Ready=False/BuildFailed kustomize build failed: no',
      ]);
      expect(object['status']).toMatchObject({ observedGeneration: -1, lastHandledReconcileAt: 'one' });
    });

    test('a suspended object is not reconciled, but its request is recorded (KUS-FLOW-02)', async () => {
      let passes = 0;
      await control(async () => {
        passes += 1;
      });
      await create('app', { suspend: true }, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'one' } });
      await until('app', (object) => object['status'].lastHandledReconcileAt === 'one');

      expect(passes).toBe(0);
    });

    test('a retry after 0 comes at once', async () => {
      let passes = 0;
      await control(async () => {
        passes += 1;
        if (passes === 1) throw new ReconcileError('GaveWay', 'gave way', { retry: { afterMs: 0 } });
      });
      await create('app');
      await until('app', isReady);

      expect(passes).toBe(2);
    });

    test('an interval of 0 waits for a change', async () => {
      let passes = 0;
      const reconcile = async (run: Run<KubeObject, undefined>) => {
        passes += 1;
        run.succeed('ReconciliationSucceeded', 'done');
        return requeueAfter(0);
      };
      await control(async () => {}, { reconcile });
      await create('app');
      await until('app', isReady);
      await create('other');
      await until('other', isReady);

      expect(passes).toBe(2);
    });

    test('a pass that holds back leaves the object as it is and comes again', async () => {
      const versions: (string | undefined)[] = [];
      const reconcile = async (run: Run<KubeObject, undefined>) => {
        versions.push(run.object.metadata.resourceVersion);
        run.object['status'] = { unwritten: true };
        if (versions.length === 1) return holdBack(1);
        run.object['status'] = {};
        run.succeed('ReconciliationSucceeded', 'done');
        return awaitChange();
      };
      await control(async () => {}, { reconcile });
      await create('app');
      await until('app', isReady);

      expect(versions[1]).toBe(versions[0]);
    });

    test('a static object loses what it has from earlier, and is then left alone (SRC-HREPO-03)', async () => {
      let cleanups = 0;
      await control(async () => {}, {
        isStatic: (object) => object['spec'].path === 'static',
        cleanup: async () => {
          cleanups += 1;
          return undefined;
        },
      });
      await create('app');
      await until('app', isReady);
      await cluster.patch(ref('app'), 'merge', { spec: { path: 'static' } });
      // until both are written: another write in between is a conflict, and the pass comes again
      const isBare = ({ metadata, status }: KubeObject) => !metadata.finalizers && Object.keys(status).length === 0;
      const object = await until('app', isBare);
      await cluster.patch(ref('app'), 'merge', {
        metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': 'one' } },
      });
      await create('other', { path: 'static' }, { finalizers: ['finalizers.fluxcd.io'] });
      await until('other', isBare);

      expect(object['spec'].path).toBe('static');
      expect(cleanups).toBe(2);
    });

    test('a defect in a step becomes a failed condition and is retried with back-off (SRC-CTL-20)', async () => {
      let passes = 0;
      await control(
        async () => {
          passes += 1;
          if (passes === 1) throw new TypeError('undefined is not a function');
        },
        {},
        { minRetryMs: 1 },
      );
      await create('app');
      await until('app', isReady);

      expect(passes).toBe(2);
    });

    test('conditions of other writers survive (SRC-CTL-17)', async () => {
      await control(async () => {
        const value = {
          type: 'Approved',
          status: 'True',
          reason: 'R',
          message: '',
          lastTransitionTime: '2026-01-01T00:00:00Z',
        };
        await cluster.patch(ref('app'), 'json', [{ op: 'add', path: '/status/conditions/-', value }], {
          subresource: 'status',
        });
      });
      await create('app');
      const object = await until('app', isReady);

      expect(summary(object)).toEqual(['Ready=True/ReconciliationSucceeded Applied revision: x', 'Approved=True/R ']);
    });

    test('deletion runs the cleanup, and a failed one keeps the finalizer and is retried', async () => {
      let attempts = 0;
      await control(async () => {}, {
        cleanup: async () => {
          attempts += 1;
          if (attempts === 1) throw new ReconcileError('PruneFailed', 'not yet', { retry: { afterMs: 1 } });
          return undefined;
        },
      });
      await create('app');
      await until('app', isReady);
      await cluster.delete(ref('app'));
      await watches.waitFor(ref('app'), (object) => object === undefined, AbortSignal.timeout(60_000));

      expect(attempts).toBe(2);
    });

    test('a change during a pass tells the pass and leads to another one', async () => {
      const triggers: string[] = [];
      await control(async (run) => {
        triggers.push(run.triggers.map(({ cause }) => cause).join());
        if (triggers.length > 1) return;
        await cluster.patch(ref('app'), 'merge', { spec: { path: './other' } });
        await aborted(run.superseded);
        triggers.push((run.superseded.reason as Error).message);
      });
      await create('app');
      const object = await until('app', (current) => isReady(current) && current['status'].observedGeneration === 2);

      expect(object.metadata.generation).toBe(2);
      expect(triggers).toEqual([
        'finalizer',
        `New reconciliation triggered by Kustomization/${namespace}/app`,
        'generation',
      ]);
    });

    test('a labelled ConfigMap queues the objects that an index finds (KUS-CTRL-05)', async () => {
      const triggers: string[] = [];
      await control(async (run) => void triggers.push(run.triggers.map(({ subject }) => subject).join()), {
        indexes: {
          config: (object) =>
            (object['spec'].postBuild?.substituteFrom ?? []).map((item: { name: string }) => item.name),
        },
        watches: [
          {
            kind: { apiVersion: 'v1', kind: 'ConfigMap' },
            labelSelector: 'reconcile.fluxcd.io/watch=Enabled',
            metadataOnly: true,
            mapToKeys: ({ object }, own) =>
              own.byIndex('config', object.metadata.name).map((item) => `${namespace}/${item.metadata.name}`),
          },
        ],
      });
      await create('app', { postBuild: { substituteFrom: [{ kind: 'ConfigMap', name: 'vars' }] } });
      await until('app', isReady);
      const configMap = { apiVersion: 'v1', kind: 'ConfigMap' };
      await cluster.create({ ...configMap, metadata: { name: 'unlabelled', namespace } });
      await cluster.create({
        ...configMap,
        metadata: { name: 'vars', namespace, labels: { 'reconcile.fluxcd.io/watch': 'Enabled' } },
      });
      await until('app', (object) => triggers.length === 2 && isReady(object));

      expect(triggers[1]).toBe(`ConfigMap/${namespace}/vars`);
    });

    test('a shard takes only objects with its labels', async () => {
      const seen: string[] = [];
      await control(async (run) => void seen.push(run.object.metadata.name), {}, { labelSelector: 'shard=1' });
      await create('other');
      await create('mine', {}, { labels: { shard: '1' } });
      await until('mine', isReady);

      expect(seen).toEqual(['mine']);
    });

    test('a stopping process ends a wait, keeps the conditions as they are and writes what was done', async () => {
      const waiting = Promise.withResolvers<void>();
      const controllers = await control(async (run) => {
        run.object['status'].lastAttemptedRevision = 'attempted';
        waiting.resolve();
        await aborted(run.signal);
        run.signal.throwIfAborted();
      });
      await create('app');
      await waiting.promise;
      await controllers.stop();
      const object = await cluster.get(ref('app'));

      expect(summary(object)).toEqual([
        'Reconciling=True/Progressing working',
        'Ready=Unknown/Progressing Reconciliation in progress',
      ]);
      expect(object['status'].lastAttemptedRevision).toBe('attempted');
    });

    test('events carry metadata and the annotations of the object, repeats are counted (KUS-EVT-02)', async () => {
      const controllers = await control(async (run) => {
        run.eventMetadata['kustomize.toolkit.fluxcd.io/revision'] = 'x';
        for (const message of ['changed', 'changed', 'other']) run.event({ type: 'Normal', message });
      });
      await create('app', {}, { annotations: { 'event.toolkit.fluxcd.io/env': 'prod' } });
      await until('app', isReady);
      await controllers.stop();
      const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Event' }, { namespace });

      const written = items.map((event) => [event['reason'], event['message'], event['count']]);
      expect(written.toSorted()).toEqual([
        ['Progressing', 'changed', 2],
        ['Progressing', 'other', 1],
      ]);
      expect(items[0]?.metadata.annotations).toEqual({
        'event.toolkit.fluxcd.io/env': 'prod',
        'kustomize.toolkit.fluxcd.io/revision': 'x',
      });
      expect(items[0]).toMatchObject({
        reportingComponent: 'kustomize-controller',
        source: { component: 'kustomize-controller' },
      });
    });

    test('metrics and probes are served, and the series of a deleted object goes (SRC-MET-01)', async () => {
      const controllers = await control(
        async () => {},
        {},
        { metricsAddress: '127.0.0.1:0', healthAddress: '127.0.0.1:0' },
      );
      const scrape = async () => (await fetch(`http://${controllers.addresses.metrics}/metrics`)).text();
      await create('app');
      await until('app', isReady);
      await cluster.patch(ref('app'), 'merge', {
        metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': 'one' } },
      });
      await until('app', (object) => isReady(object) && object['status'].lastHandledReconcileAt === 'one');
      const before = await scrape();
      await cluster.delete(ref('app'));
      await watches.waitFor(ref('app'), (object) => object === undefined, AbortSignal.timeout(60_000));
      await controllers.stop().then(() => undefined);

      expect(before).toContain(
        `gotk_reconcile_duration_seconds_count{kind="Kustomization",name="app",namespace="${namespace}"}`,
      );
      expect(before).toContain('controller_runtime_max_concurrent_reconciles{controller="kustomization"} 4');
      expect((await controllers.metrics.scrape()).text).not.toContain(`name="app",namespace="${namespace}"`);
    });

    test('only the leader works; a released lease lets the next one start', async () => {
      const seen: string[] = [];
      const leaderElection = {
        id: 'kustomize-controller-leader-election',
        namespace,
        retryPeriodMs: 5,
        renewDeadlineMs: 20_000,
      };
      const first = await control(async () => void seen.push('first'), {}, { leaderElection });
      const controller = defineController<KubeObject, undefined>({
        name: 'kustomize-controller',
        kind,
        frame: readyFrame(),
        fieldManager: 'gotk-kustomize-controller',
        concurrency: 1,
        deps: undefined,
        interval: () => 3_600_000,
        reconcile: async (run) => {
          seen.push('second');
          run.succeed('ReconciliationSucceeded', 'second');
          return requeueAfter(3_600_000);
        },
      });
      const second = await startControllers([controller], {
        cluster,
        log: silentLog,
        watches,
        namespace,
        leaderElection,
      });
      running.push(second);
      await create('app');
      await until('app', isReady);
      await first.stop();
      await second.started;
      await until('app', (object) => condition(object, 'Ready')?.message === 'second');

      expect(seen).toEqual(['first', 'second']);
    });
  });
}
