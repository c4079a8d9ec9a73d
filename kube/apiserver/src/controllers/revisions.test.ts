import type { KubeObject } from '@flux/apimachinery';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DirectClient } from '../testing/direct-client.ts';

const apps = '/apis/apps/v1/namespaces/default';

let client: DirectClient;
beforeAll(async () => {
  client = await DirectClient.start();
  await client.until('/api/v1/namespaces/default/serviceaccounts', 'default', (account) => account !== undefined);
});
afterAll(() => client.close());

function workload(kind: string, image: string, spec: object = {}) {
  const labels = { app: kind.toLowerCase() };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image }] } };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'w' },
    spec: { selector: { matchLabels: labels }, template, ...spec },
  };
}

async function revisionsOf(kind: string): Promise<[number, string][]> {
  const { items } = await client.get(`${apps}/controllerrevisions`);
  return items
    .filter(({ metadata }) => metadata.ownerReferences?.[0]?.kind === kind)
    .map((item): [number, string] => [item['revision'], item['data'].spec.template.spec.containers[0].image])
    .sort(([a], [b]) => a - b);
}

const isObserved = (object: KubeObject | undefined) =>
  object?.['status']?.observedGeneration === object?.metadata.generation;

it.each([
  ['StatefulSet', 'statefulsets', { serviceName: 'w' }],
  ['DaemonSet', 'daemonsets', {}],
] as const)(
  'keeps a revision for each template of a %s, and moves the one that is used again',
  async (kind, plural, spec) => {
    const path = `${apps}/${plural}`;
    await client.create(path, workload(kind, 'x:1', { revisionHistoryLimit: 1, ...spec }));
    const use = async (image: string) => {
      await client.patch(`${path}/w`, 'strategic-merge', {
        spec: { template: { spec: { containers: [{ name: 'c', image }] } } },
      });
      await client.until(path, 'w', isObserved);
    };
    await client.until(path, 'w', isObserved);
    expect(await revisionsOf(kind)).toEqual([[1, 'x:1']]);
    await use('x:2');
    await use('x:1');
    expect((await revisionsOf(kind)).slice(-2)).toEqual([
      [2, 'x:2'],
      [3, 'x:1'],
    ]);
  },
);
