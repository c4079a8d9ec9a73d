import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configMap, DirectClient, deployment } from '../testing/direct-client.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const deployments = '/apis/apps/v1/namespaces/default/deployments';

describe('objects', () => {
  let client: DirectClient;
  beforeAll(async () => {
    client = await DirectClient.start({ controllers: false });
  });
  afterAll(() => client.close());

  it('pages a list consistently and counts what remains', async () => {
    await client.create('/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'pages' },
    });
    const path = '/api/v1/namespaces/pages/configmaps';
    for (const name of ['a', 'b', 'c', 'd', 'e']) await client.create(path, configMap(name));
    const first = (await client.send('GET', path, undefined, { query: { limit: '2' } })).body;
    await client.create(path, configMap('bb'));
    const query = { limit: '2', continue: String(first.metadata['continue' as never]) };
    const second = (await client.send('GET', path, undefined, { query })).body;
    expect(first.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expect(first.metadata).toMatchObject({ remainingItemCount: 3 });
    expect(second.items.map(({ metadata }) => metadata.name)).toEqual(['c', 'd']);
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  it('refuses an update that is based on an old version', async () => {
    const old = await client.create(maps, configMap('stale'));
    await client.patch(`${maps}/stale`, 'merge', { data: { a: '1' } });
    const { status, body } = await client.send('PUT', `${maps}/stale`, { ...old, data: { b: '2' } });
    expect(status).toBe(409);
    expect(body.message).toBe(
      'Operation cannot be fulfilled on configmaps "stale": the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  it('changes nothing in a dry run', async () => {
    const query = { dryRun: 'All' };
    expect((await client.send('POST', maps, configMap('dry'), { query })).status).toBe(201);
    expect((await client.send('GET', `${maps}/dry`)).status).toBe(404);
  });

  it('names the owner of a field that an apply without force would take', async () => {
    await client.apply(`${maps}/owned`, configMap('owned', { a: '1' }), { fieldManager: 'one' });
    const refused = await client.apply(`${maps}/owned`, configMap('owned', { a: '2' }), { fieldManager: 'two' });
    expect(refused.status).toBe(409);
    expect(refused.body.message).toBe('Apply failed with 1 conflict: conflict with "one": .data.a');
    const forced = await client.apply(`${maps}/owned`, configMap('owned', { a: '2' }), {
      fieldManager: 'two',
      force: 'true',
    });
    expect(forced.body['data']).toEqual({ a: '2' });
  });

  it('does not write a new version when an apply changes nothing', async () => {
    const first = await client.apply(`${maps}/same`, configMap('same', { a: '1' }));
    const second = await client.apply(`${maps}/same`, configMap('same', { a: '1' }));
    expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
  });

  it('keeps the selector of a Deployment', async () => {
    await client.create(deployments, deployment('fixed'));
    const { status, body } = await client.patch(`${deployments}/fixed`, 'merge', {
      spec: { selector: { matchLabels: { other: 'x' } }, template: { metadata: { labels: { other: 'x' } } } },
    });
    expect(status).toBe(422);
    expect(body.message).toContain('spec.selector: Invalid value: ');
    expect(body.message).toContain('field is immutable');
  });

  it('counts generations by changes of the spec', async () => {
    await client.create(deployments, deployment('counted'));
    const labelled = await client.patch(`${deployments}/counted`, 'merge', { metadata: { labels: { a: 'b' } } });
    const scaled = await client.patch(`${deployments}/counted`, 'merge', { spec: { replicas: 3 } });
    expect([labelled.body.metadata.generation, scaled.body.metadata.generation]).toEqual([1, 2]);
  });

  it('merges lists of containers by name in a strategic patch', async () => {
    await client.create(deployments, deployment('merged'));
    const { body } = await client.patch(`${deployments}/merged`, 'strategic-merge', {
      spec: { template: { spec: { containers: [{ name: 'side', image: 'busybox' }] } } },
    });
    const names = body['spec'].template.spec.containers.map(({ name }: { name: string }) => name);
    expect(names.sort()).toEqual(['c', 'side']);
  });

  it('warns of unknown fields, and refuses them when validation is strict', async () => {
    const body = { ...configMap('strict'), nope: 1 };
    const warned = await client.send('POST', maps, body, { query: { fieldValidation: 'Warn' } });
    expect(warned.headers['warning']).toEqual(['299 - "unknown field \\"nope\\""']);
    const refused = await client.send('POST', maps, body, { query: { fieldValidation: 'Strict' } });
    expect(refused.status).toBe(400);
    expect(refused.body.message).toContain('strict decoding error: unknown field "nope"');
  });

  it('is not fooled by a member called __proto__', async () => {
    const text = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"proto"},"data":{"__proto__":"x"}}';
    await client.send('POST', maps, text);
    const { body } = await client.send('GET', `${maps}/proto`);
    expect(Object.keys(body['data'])).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('keeps a deleted object until its last finalizer is gone', async () => {
    await client.create(maps, { ...configMap('held'), metadata: { name: 'held', finalizers: ['example.com/x'] } });
    await client.send('DELETE', `${maps}/held`);
    expect((await client.get(`${maps}/held`)).metadata.deletionTimestamp).toBeDefined();
    await client.patch(`${maps}/held`, 'json', [{ op: 'remove', path: '/metadata/finalizers' }]);
    expect((await client.send('GET', `${maps}/held`)).status).toBe(404);
  });
});
