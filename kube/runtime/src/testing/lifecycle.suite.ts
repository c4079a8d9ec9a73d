import type { KubeObject } from '@flux/apimachinery';
import { expect, test } from 'vitest';
import { requeueAfter } from '../action.ts';
import { ReconcileError } from '../reconcile-error.ts';
import type { Run } from '../run.ts';
import { aborted, type ControllerWorld, condition, isReady, summary } from './controller-world.ts';

/** Objects and processes that begin and end. */
export function testLifecycle(world: ControllerWorld): void {
  test('a static object loses what it has from earlier, and is then left alone (SRC-HREPO-03)', async () => {
    let cleanups = 0;
    await world.control(async () => {}, {
      isStatic: (object) => object['spec'].path === 'static',
      cleanup: async () => {
        cleanups += 1;
        return undefined;
      },
    });
    await world.create('app');
    await world.until('app', isReady);
    await world.cluster.patch(world.ref('app'), 'merge', { spec: { path: 'static' } });
    // until both are written: another write in between is a conflict, and the pass comes again
    const isBare = ({ metadata, status }: KubeObject) => !metadata.finalizers && Object.keys(status).length === 0;
    const object = await world.until('app', isBare);
    await world.cluster.patch(world.ref('app'), 'merge', {
      metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': 'one' } },
    });
    await world.create('other', { path: 'static' }, { finalizers: ['finalizers.fluxcd.io'] });
    await world.until('other', isBare);

    expect(object['spec'].path).toBe('static');
    expect(cleanups).toBe(2);
  });

  test('deletion runs the cleanup, and a failed one keeps the finalizer and is retried', async () => {
    let attempts = 0;
    await world.control(async () => {}, {
      cleanup: async () => {
        attempts += 1;
        if (attempts === 1) throw new ReconcileError('PruneFailed', 'not yet', { retry: { afterMs: 1 } });
        return undefined;
      },
    });
    await world.create('app');
    await world.until('app', isReady);
    await world.cluster.delete(world.ref('app'));
    await world.watches.waitFor(world.ref('app'), (object) => object === undefined, AbortSignal.timeout(60_000));

    expect(attempts).toBe(2);
  });

  test('a stopping process ends a wait, keeps the conditions as they are and writes what was done', async () => {
    const waiting = Promise.withResolvers<void>();
    const controllers = await world.control(async (run) => {
      run.object['status'].lastAttemptedRevision = 'attempted';
      waiting.resolve();
      await aborted(run.signal);
      run.signal.throwIfAborted();
    });
    await world.create('app');
    await waiting.promise;
    await controllers.stop();
    const object = await world.cluster.get(world.ref('app'));

    expect(summary(object)).toEqual([
      'Reconciling=True/Progressing working',
      'Ready=Unknown/Progressing Reconciliation in progress',
    ]);
    expect(object['status'].lastAttemptedRevision).toBe('attempted');
  });

  test('a process that is told to stop before it has started ends quietly', async () => {
    const controllers = await world.start(async () => {}, {}, { signal: AbortSignal.abort(new Error('stopped')) });

    await expect(controllers.started).rejects.toThrow();
    await expect(controllers.stopped).resolves.toBeUndefined();
  });

  test('only the leader works; a released lease lets the next one start', async () => {
    const seen: string[] = [];
    const leaderElection = {
      id: 'kustomize-controller-leader-election',
      namespace: world.namespace,
      retryPeriodMs: 5,
      renewDeadlineMs: 20_000,
    };
    const first = await world.control(async () => void seen.push('first'), {}, { leaderElection });
    const reconcile = async (run: Run<KubeObject, undefined>) => {
      seen.push('second');
      run.succeed('ReconciliationSucceeded', 'second');
      return requeueAfter(3_600_000);
    };
    const second = await world.start(async () => {}, { reconcile }, { leaderElection });
    await world.create('app');
    await world.until('app', isReady);
    await first.stop();
    await second.started;
    await world.until('app', (object) => condition(object, 'Ready')?.message === 'second');

    expect(seen).toEqual(['first', 'second']);
  });
}
