import type { KubeObject } from '@flux/apimachinery';
import { expect, test } from 'vitest';
import { awaitChange, holdBack, requeueAfter } from '../action.ts';
import { ReconcileError } from '../reconcile-error.ts';
import type { Run } from '../run.ts';
import { type ControllerWorld, isFailed, isReady, summary } from './controller-world.ts';

/** What a pass writes, and when the next one comes. */
export function testPasses(world: ControllerWorld): void {
  test('an object gets a finalizer, is reconciled and observed; both writes are updates of the field manager (SRC-CTL-17)', async () => {
    const triggers: string[] = [];
    await world.control(async (run) => {
      triggers.push(run.triggers.map(({ cause }) => cause).join());
      run.object['status'].lastAppliedRevision = 'x';
    });
    await world.create('app');
    const object = await world.until('app', isReady);
    const live = await world.cluster.get(world.ref('app'));

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
    await world.control(async () => {
      throw new ReconcileError('BuildFailed', 'kustomize build failed: no');
    });
    await world.create('app', {}, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'one' } });
    const object = await world.until('app', isFailed);

    expect(summary(object)).toEqual([
      'Reconciling=True/ProgressingWithRetry working',
      'Ready=False/BuildFailed kustomize build failed: no',
    ]);
    expect(object['status']).toMatchObject({ observedGeneration: -1, lastHandledReconcileAt: 'one' });
  });

  test('a suspended object is not reconciled, but its request is recorded (KUS-FLOW-02)', async () => {
    let passes = 0;
    await world.control(async () => {
      passes += 1;
    });
    await world.create('app', { suspend: true }, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'one' } });
    await world.until('app', (object) => object['status'].lastHandledReconcileAt === 'one');

    expect(passes).toBe(0);
  });

  test('a retry after 0 comes at once', async () => {
    let passes = 0;
    await world.control(async () => {
      passes += 1;
      if (passes === 1) throw new ReconcileError('GaveWay', 'gave way', { retry: { afterMs: 0 } });
    });
    await world.create('app');
    await world.until('app', isReady);

    expect(passes).toBe(2);
  });

  test('an interval of 0 waits for a change', async () => {
    let passes = 0;
    const reconcile = async (run: Run<KubeObject, undefined>) => {
      passes += 1;
      run.succeed('ReconciliationSucceeded', 'done');
      return requeueAfter(0);
    };
    await world.control(async () => {}, { reconcile });
    await world.create('app');
    await world.until('app', isReady);
    await world.create('other');
    await world.until('other', isReady);

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
    await world.control(async () => {}, { reconcile });
    await world.create('app');
    await world.until('app', isReady);

    expect(versions[1]).toBe(versions[0]);
  });

  test('a defect in a step becomes a failed condition and is retried with back-off (SRC-CTL-20)', async () => {
    let passes = 0;
    await world.control(
      async () => {
        passes += 1;
        if (passes === 1) throw new TypeError('undefined is not a function');
      },
      {},
      { minRetryMs: 1 },
    );
    await world.create('app');
    await world.until('app', isReady);

    expect(passes).toBe(2);
  });

  test('conditions of other writers survive (SRC-CTL-17)', async () => {
    await world.control(async () => {
      const value = {
        type: 'Approved',
        status: 'True',
        reason: 'R',
        message: '',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      };
      await world.cluster.patch(world.ref('app'), 'json', [{ op: 'add', path: '/status/conditions/-', value }], {
        subresource: 'status',
      });
    });
    await world.create('app');
    const object = await world.until('app', isReady);

    expect(summary(object)).toEqual(['Ready=True/ReconciliationSucceeded Applied revision: x', 'Approved=True/R ']);
  });
}
