import { crdOf, kustomization } from '@flux/api';
import { type Condition, type KubeObject, type ObjectRef, refOf } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { requeueAfter } from '../action.ts';
import { defineController } from '../controller.ts';
import type { ControllerDefinition } from '../definition.ts';
import { silentLog } from '../log.ts';
import { readyFrame } from '../ready-frame.ts';
import type { Run } from '../run.ts';
import { createWatchCache } from '../shared-watches.ts';
import { type RunningControllers, type StartOptions, startControllers } from '../start-controllers.ts';
import type { WatchCache } from '../watch-cache.ts';

const kind = { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' };

export interface SuiteCluster {
  cluster: Cluster;
  close(): Promise<void>;
}

type Reconcile = (run: Run<KubeObject, undefined>) => Promise<void>;

/** A cluster that serves the Kustomization CRD, a namespace for each test, and controllers that end with the test. */
export class ControllerWorld {
  readonly #connect: () => Promise<SuiteCluster>;
  #connection: SuiteCluster | undefined;
  #watches: WatchCache | undefined;
  #running: RunningControllers[] = [];
  #count = 0;

  constructor(connect: () => Promise<SuiteCluster>) {
    this.#connect = connect;
  }

  get cluster(): Cluster {
    return this.#connection!.cluster;
  }

  get watches(): WatchCache {
    return this.#watches!;
  }

  get namespace(): string {
    return `test-${this.#count}`;
  }

  async open(): Promise<void> {
    this.#connection = await this.#connect();
    const crd = await this.cluster.apply(crdOf(kustomization), { fieldManager: 'test', force: true });
    const opening = createWatchCache(this.cluster);
    const isEstablished = (object: KubeObject | undefined) => condition(object, 'Established')?.status === 'True';
    await opening.waitFor(refOf(crd), isEstablished, AbortSignal.timeout(60_000));
    await opening.close();
  }

  async close(): Promise<void> {
    await this.#connection?.close();
  }

  async beginTest(): Promise<void> {
    this.#watches = createWatchCache(this.cluster);
    this.#count += 1;
    await this.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.namespace } });
  }

  async endTest(): Promise<void> {
    for (const controllers of this.#running.splice(0)) await controllers.stop();
    await this.watches.close();
  }

  /** As `start`, and waits until it works. */
  async control(
    reconcile: Reconcile,
    definition: Partial<ControllerDefinition<KubeObject, undefined>> = {},
    options: Partial<StartOptions> = {},
  ): Promise<RunningControllers> {
    const controllers = await this.start(reconcile, definition, options);
    await controllers.started;
    return controllers;
  }

  /** A controller of Kustomizations whose passes are `reconcile` between a progress and a success. */
  async start(
    reconcile: Reconcile,
    definition: Partial<ControllerDefinition<KubeObject, undefined>>,
    options: Partial<StartOptions>,
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
    const { cluster, watches, namespace } = this;
    const controllers = await startControllers([controller], {
      cluster,
      log: silentLog,
      watches,
      namespace,
      ...options,
    });
    this.#running.push(controllers);
    return controllers;
  }

  create(
    name: string,
    spec: Record<string, unknown> = {},
    metadata: Record<string, unknown> = {},
  ): Promise<KubeObject> {
    return this.cluster.create({
      ...kind,
      metadata: { name, namespace: this.namespace, ...metadata },
      spec: { interval: '1h', prune: true, sourceRef: { kind: 'GitRepository', name: 'app' }, ...spec },
    });
  }

  ref(name: string): ObjectRef {
    return { ...kind, namespace: this.namespace, name };
  }

  async until(name: string, predicate: (object: KubeObject) => boolean): Promise<KubeObject> {
    const found = await this.watches.waitFor(
      this.ref(name),
      (object) => object !== undefined && predicate(object),
      AbortSignal.timeout(60_000),
    );
    return found!;
  }
}

export function condition(object: KubeObject | undefined, type: string): Condition | undefined {
  const conditions: Condition[] = object?.['status']?.conditions ?? [];
  return conditions.find((item) => item.type === type);
}

export const isReady = (object: KubeObject) => condition(object, 'Ready')?.status === 'True';
export const isFailed = (object: KubeObject) => condition(object, 'Ready')?.status === 'False';

export function summary(object: KubeObject): string[] {
  const conditions: Condition[] = object['status'].conditions;
  return conditions.map(({ type, status, reason, message }) => `${type}=${status}/${reason} ${message}`);
}

export function aborted(signal: AbortSignal): Promise<unknown> {
  return signal.aborted ? Promise.resolve() : new Promise((resolve) => signal.addEventListener('abort', resolve));
}
