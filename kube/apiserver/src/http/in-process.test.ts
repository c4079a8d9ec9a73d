import { StatusError } from '@flux/apimachinery';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configMap, DirectClient, type WatchEvent } from '../testing/direct-client.ts';

const maps = '/api/v1/namespaces/default/configmaps';

async function take(events: AsyncIterable<WatchEvent>, count: number): Promise<WatchEvent[]> {
  const taken: WatchEvent[] = [];
  for await (const event of events) if (taken.push(event) === count) break;
  return taken;
}

describe('direct calls', () => {
  let client: DirectClient;
  beforeAll(async () => {
    client = await DirectClient.start({ controllers: false });
  });
  afterAll(() => client.close());

  it('answers with frozen objects and leaves the body of the caller alone', async () => {
    const body = configMap('frozen', { a: '1' });
    const { body: created, status } = await client.send('POST', maps, body);
    expect(status).toBe(201);
    expect(Object.isFrozen(created.metadata)).toBe(true);
    expect(body).toEqual(configMap('frozen', { a: '1' }));
    expect((await client.get(`${maps}/frozen`)).metadata.uid).toBe(created.metadata.uid);
  });

  it('reads a body that is text', async () => {
    const text = JSON.stringify(configMap('text'));
    expect((await client.send('POST', maps, text)).status).toBe(201);
  });

  it('resumes a watch after the revision of a list without a gap', async () => {
    const { metadata } = await client.get(maps);
    await client.create(maps, configMap('w1'));
    await client.patch(`${maps}/w1`, 'merge', { data: { a: 'b' } });
    await client.send('DELETE', `${maps}/w1`);
    const events = await take(client.watch(maps, { resourceVersion: metadata.resourceVersion! }), 3);
    expect(events.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([
      'ADDED w1',
      'MODIFIED w1',
      'DELETED w1',
    ]);
  });

  it('ends a watch when its signal aborts', async () => {
    const abort = new AbortController();
    const types: string[] = [];
    for await (const { type } of client.watch(maps, {}, abort.signal)) {
      types.push(type);
      abort.abort();
    }
    expect(types[0]).toBe('ADDED');
  });

  it('rejects a stream that is refused with the Status', async () => {
    const refused = take(client.watch(maps, { labelSelector: 'a in (' }), 1);
    await expect(refused).rejects.toBeInstanceOf(StatusError);
  });

  it('impersonates with repeated headers and applies RBAC to the impersonated user', async () => {
    const headers = { 'Impersonate-User': 'jane', 'Impersonate-Group': ['devs', 'ops'] };
    const review = await client.server.handle({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      headers: { 'content-type': 'application/json', ...headers },
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    });
    expect(review.body).toMatchObject({
      status: { userInfo: { username: 'jane', groups: ['devs', 'ops', 'system:authenticated'] } },
    });
    const { status, body } = await client.server.handle({ method: 'GET', path: maps, headers });
    expect(status).toBe(403);
    expect(body).toMatchObject({
      message:
        'configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" in the namespace "default"',
    });
  });
});
