import { expect, test } from 'vitest';
import { aborted, type ControllerWorld, isReady } from './controller-world.ts';

/** What leads to a pass, and to which objects. */
export function testTriggers(world: ControllerWorld): void {
  test('a change during a pass tells the pass and leads to another one', async () => {
    const triggers: string[] = [];
    await world.control(async (run) => {
      triggers.push(run.triggers.map(({ cause }) => cause).join());
      if (triggers.length > 1) return;
      await world.cluster.patch(world.ref('app'), 'merge', { spec: { path: './other' } });
      await aborted(run.superseded);
      triggers.push((run.superseded.reason as Error).message);
    });
    await world.create('app');
    const object = await world.until(
      'app',
      (current) => isReady(current) && current['status'].observedGeneration === 2,
    );

    expect(object.metadata.generation).toBe(2);
    expect(triggers).toEqual([
      'finalizer',
      `New reconciliation triggered by Kustomization/${world.namespace}/app`,
      'generation',
    ]);
  });

  test('a labelled ConfigMap queues the objects that an index finds (KUS-CTRL-05)', async () => {
    const triggers: string[] = [];
    await world.control(async (run) => void triggers.push(run.triggers.map(({ subject }) => subject).join()), {
      indexes: {
        config: (object) => (object['spec'].postBuild?.substituteFrom ?? []).map((item: { name: string }) => item.name),
      },
      watches: [
        {
          kind: { apiVersion: 'v1', kind: 'ConfigMap' },
          labelSelector: 'reconcile.fluxcd.io/watch=Enabled',
          metadataOnly: true,
          mapToKeys: ({ object }, own) =>
            own.byIndex('config', object.metadata.name).map((item) => `${world.namespace}/${item.metadata.name}`),
        },
      ],
    });
    await world.create('app', { postBuild: { substituteFrom: [{ kind: 'ConfigMap', name: 'vars' }] } });
    await world.until('app', isReady);
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap' };
    await world.cluster.create({ ...configMap, metadata: { name: 'unlabelled', namespace: world.namespace } });
    await world.cluster.create({
      ...configMap,
      metadata: { name: 'vars', namespace: world.namespace, labels: { 'reconcile.fluxcd.io/watch': 'Enabled' } },
    });
    await world.until('app', (object) => triggers.length === 2 && isReady(object));

    expect(triggers[1]).toBe(`ConfigMap/${world.namespace}/vars`);
  });

  test('a shard takes only objects with its labels', async () => {
    const seen: string[] = [];
    await world.control(async (run) => void seen.push(run.object.metadata.name), {}, { labelSelector: 'shard=1' });
    await world.create('other');
    await world.create('mine', {}, { labels: { shard: '1' } });
    await world.until('mine', isReady);

    expect(seen).toEqual(['mine']);
  });
}
