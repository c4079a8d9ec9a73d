import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DirectClient } from '../testing/direct-client.ts';

const group = '/apis/rbac.authorization.k8s.io/v1';
const roles = `${group}/namespaces/default/roles`;
const bindings = `${group}/namespaces/default/rolebindings`;
const bob = { headers: { 'impersonate-user': 'bob' } };
const mergeAsBob = { headers: { ...bob.headers, 'content-type': 'application/merge-patch+json' } };
const rule = (resource: string) => ({ apiGroups: [''], resources: [resource], verbs: ['get'] });

describe('grants of somebody who may write roles', () => {
  let client: DirectClient;
  beforeAll(async () => {
    client = await DirectClient.start({ controllers: false });
    const writes = { apiGroups: ['rbac.authorization.k8s.io'], resources: ['*'], verbs: ['create', 'patch'] };
    await client.create(`${group}/clusterroles`, {
      metadata: { name: 'writer' },
      rules: [rule('configmaps'), writes],
    });
    await client.create(`${group}/clusterrolebindings`, {
      metadata: { name: 'writer' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'writer' },
      subjects: [{ kind: 'User', name: 'bob' }],
    });
    await client.send('POST', roles, { metadata: { name: 'own' }, rules: [rule('configmaps')] }, bob);
  });
  afterAll(() => client.close());

  const begin = 'is forbidden: user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions';

  it('may give what its author has', async () => {
    expect((await client.get(`${roles}/own`)).metadata.name).toBe('own');
  });

  it('may not grow by a patch', async () => {
    const { status, body } = await client.send('PATCH', `${roles}/own`, { rules: [rule('secrets')] }, mergeAsBob);
    expect(status).toBe(403);
    expect(body.message).toContain(
      `"own" ${begin} not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}`,
    );
  });

  it('tells each resource that is missing, with the names of objects', async () => {
    const rules = [
      { apiGroups: [''], resources: ['secrets', 'pods/exec'], verbs: ['get', 'create'], resourceNames: ['a'] },
    ];
    const { body } = await client.send('POST', roles, { metadata: { name: 'x' }, rules }, bob);
    expect(body.message.split('\n').slice(1)).toEqual([
      '{APIGroups:[""], Resources:["pods/exec"], ResourceNames:["a"], Verbs:["get" "create"]}',
      '{APIGroups:[""], Resources:["secrets"], ResourceNames:["a"], Verbs:["get" "create"]}',
    ]);
  });

  it('covers paths that are no resources', async () => {
    const rules = [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }];
    const { status } = await client.send('POST', `${group}/clusterroles`, { metadata: { name: 'x' }, rules }, bob);
    expect(status).toBe(403);
  });

  it('may not gather the rules of other roles', async () => {
    const path = `${group}/clusterroles`;
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] };
    const begin = 'clusterroles.rbac.authorization.k8s.io';
    const refusal = `${begin} "all" is forbidden: must have cluster-admin privileges to use the aggregationRule`;
    const { body } = await client.send('POST', path, { metadata: { name: 'all' }, aggregationRule }, bob);
    expect(body.message).toBe(refusal);
    await client.create(path, { metadata: { name: 'all' }, aggregationRule });
    const patched = await client.send('PATCH', `${path}/all`, { aggregationRule: null }, mergeAsBob);
    expect(patched.body.message).toBe(refusal);
  });

  it('does not bind a role that is not there', async () => {
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'nope' };
    const { body } = await client.send('POST', bindings, { metadata: { name: 'x' }, roleRef }, bob);
    expect(body.message).toBe('rolebindings.rbac.authorization.k8s.io "nope" not found');
  });
});
