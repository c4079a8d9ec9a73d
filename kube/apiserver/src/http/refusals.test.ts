import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configMap, DirectClient } from '../testing/direct-client.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const otherUid = '00000000-0000-0000-0000-000000000000';

describe('requests that are refused', () => {
  let client: DirectClient;
  beforeAll(async () => {
    client = await DirectClient.start({ controllers: false });
    await client.create(maps, configMap('a'));
  });
  afterAll(() => client.close());

  const query = (text: string) => Object.fromEntries(new URLSearchParams(text));

  it('tells a wrong uid of a patch as a change of a field that is immutable', async () => {
    const { status, body } = await client.patch(`${maps}/a`, 'merge', { metadata: { uid: otherUid } });
    expect(status).toBe(422);
    expect(body.message).toBe(
      `ConfigMap "a" is invalid: metadata.uid: Invalid value: "${otherUid}": field is immutable`,
    );
  });

  it('tells a bad label as often as the server looks at it', async () => {
    const { body } = await client.patch(`${maps}/a`, 'merge', { metadata: { labels: { a: 'x y' } } });
    const { causes } = body['details'] as { causes: unknown[] };
    expect(causes).toHaveLength(4);
  });

  it('tells more bad labels than a call may have arguments', async () => {
    const labels = Object.fromEntries(Array.from({ length: 70_000 }, (_, index) => [`!${index}`, 'x']));
    const { status, body } = await client.patch(`${maps}/a`, 'merge', { metadata: { labels } });
    expect([status, body['details']?.causes.length]).toEqual([422, 280_000]);
  });

  it('refuses options of a deletion whose kind is a number of 64 bits', async () => {
    const { status, body } = await client.send('DELETE', `${maps}/a`, { kind: 2n ** 63n });
    expect([status, body.message]).toEqual([400, expect.stringContaining('no kind 9223372036854775808 is registered')]);
  });

  it('answers 500 to a resourceVersion that is no number', async () => {
    const { status, body } = await client.send('PUT', `${maps}/a`, {
      metadata: { name: 'a', resourceVersion: 'x' },
    });
    expect([status, body.message]).toEqual([500, 'strconv.ParseUint: parsing "x": invalid syntax']);
  });

  it('applies a configuration without a name to an object that is there', async () => {
    expect((await client.apply(`${maps}/a`, { apiVersion: 'v1', kind: 'ConfigMap' })).status).toBe(200);
    const { status, body } = await client.apply(`${maps}/missing`, { apiVersion: 'v1', kind: 'ConfigMap' });
    expect(status).toBe(400);
    expect(body.message).toContain('name must be provided');
  });

  it('gives a built-in object its kind back that a patch removed', async () => {
    const patched = await client.patch(`${maps}/a`, 'json', [{ op: 'remove', path: '/kind' }]);
    expect(patched.body.kind).toBe('ConfigMap');
  });

  it.each([
    ['watch=true&continue=x', 'resourceVersionMatch is forbidden when continue is provided'],
    ['continue=e30', 'continue key is not valid: server does not recognize this encoded version '],
    ['continue=foo', "continue key is not valid: invalid character '~' looking for beginning of value"],
  ])('says of a list with %s: %s', async (text, message) => {
    const { body } = await client.send('GET', maps, undefined, { query: query(text) });
    expect(body.message).toContain(message);
  });

  it('tells what a deletion is given that is no DeleteOptions', async () => {
    const wrong = await client.send('DELETE', `${maps}/a`, { kind: 'Foo', apiVersion: 'v1' });
    expect([wrong.status, wrong.body.message]).toEqual([
      400,
      'no kind "Foo" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"',
    ]);
  });

  it('answers a deletion with the revision of the deletion where it answers with the object', async () => {
    const path = '/api/v1/namespaces/default/serviceaccounts';
    const account = await client.create(path, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'gone' },
    });
    const { body } = await client.send('DELETE', `${path}/gone`);
    expect(Number(body.metadata.resourceVersion)).toBeGreaterThan(Number(account.metadata.resourceVersion));
  });

  it('gives a watch in JSON only', async () => {
    const { status, body } = await client.send('GET', maps, undefined, {
      query: query('watch=true'),
      headers: { accept: 'application/yaml' },
    });
    expect(status).toBe(406);
    expect(JSON.stringify(body)).toContain('application/json;stream=watch');
  });
});
