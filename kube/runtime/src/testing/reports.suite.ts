import { expect, test } from 'vitest';
import { type ControllerWorld, isReady } from './controller-world.ts';

/** What is told of passes: events, metrics and probes. */
export function testReports(world: ControllerWorld): void {
  test('events carry metadata and the annotations of the object, repeats are counted (KUS-EVT-02)', async () => {
    const controllers = await world.control(async (run) => {
      run.eventMetadata['kustomize.toolkit.fluxcd.io/revision'] = 'x';
      for (const message of ['changed', 'changed', 'other']) run.event({ type: 'Normal', message });
    });
    await world.create('app', {}, { annotations: { 'event.toolkit.fluxcd.io/env': 'prod' } });
    await world.until('app', isReady);
    await controllers.stop();
    const { items } = await world.cluster.list({ apiVersion: 'v1', kind: 'Event' }, { namespace: world.namespace });

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
    const controllers = await world.control(
      async () => {},
      {},
      { metricsAddress: '127.0.0.1:0', healthAddress: '127.0.0.1:0' },
    );
    const scrape = async () => (await fetch(`http://${controllers.addresses.metrics}/metrics`)).text();
    await world.create('app');
    await world.until('app', isReady);
    await world.cluster.patch(world.ref('app'), 'merge', {
      metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': 'one' } },
    });
    await world.until('app', (object) => isReady(object) && object['status'].lastHandledReconcileAt === 'one');
    const before = await scrape();
    await world.cluster.delete(world.ref('app'));
    await world.watches.waitFor(world.ref('app'), (object) => object === undefined, AbortSignal.timeout(60_000));
    await controllers.stop().then(() => undefined);

    expect(before).toContain(
      `gotk_reconcile_duration_seconds_count{kind="Kustomization",name="app",namespace="${world.namespace}"}`,
    );
    expect(before).toContain('controller_runtime_max_concurrent_reconciles{controller="kustomization"} 4');
    expect((await controllers.metrics.scrape()).text).not.toContain(`name="app",namespace="${world.namespace}"`);
  });
}
