import type { KubeObject } from '@flux/apimachinery';
import { waitForDefinitions } from '@flux/ssa';
import { type EmbeddedCluster, startEmbeddedCluster } from '@flux/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ClusterFacts, lookupIn, readCapabilities } from './cluster-facts.ts';

let embedded: EmbeddedCluster;

beforeAll(async () => {
  embedded = await startEmbeddedCluster();
  const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const config = (at: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'facts', namespace: at } });
  for (const object of [namespace('one'), namespace('two'), config('one'), config('two')]) {
    await embedded.cluster.create(object);
  }
});
afterAll(() => embedded.close());

test('templates learn the version and the served kinds of a cluster (HELM-TPL-12)', async () => {
  const { kubeVersion, apiVersions } = await readCapabilities(embedded.cluster);

  expect(kubeVersion.version).toMatch(/^v1\.\d+/);
  expect(apiVersions).toEqual(expect.arrayContaining(['v1', 'v1/ConfigMap', 'apps/v1', 'apps/v1/Deployment']));
  expect(apiVersions).not.toContain('example.com/v1');

  const schema = { openAPIV3Schema: { type: 'object' } };
  const definition: KubeObject = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'quinces.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind: 'Quince', plural: 'quinces' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
  await embedded.cluster.create(definition);
  await waitForDefinitions(embedded.cluster, [definition], { timeoutMs: 60_000 });

  const later = await readCapabilities(embedded.cluster);
  expect(later.apiVersions).toEqual(expect.arrayContaining(['example.com/v1', 'example.com/v1/Quince']));
});

test('a lookup gives an object, a list or nothing, and fails for kinds that do not exist (HELM-TPL-08)', async () => {
  const lookup = lookupIn(embedded.cluster);

  expect(await lookup('v1', 'ConfigMap', 'one', 'facts')).toMatchObject({ metadata: { namespace: 'one' } });
  expect(await lookup('v1', 'ConfigMap', 'one', 'none')).toEqual({});
  expect(await lookup('v1', 'ConfigMap', 'one', '')).toMatchObject({
    kind: 'ConfigMapList',
    items: expect.arrayContaining([expect.objectContaining({ metadata: expect.objectContaining({ name: 'facts' }) })]),
  });
  const everywhere = (await lookup('v1', 'ConfigMap', '', '')) as { items: { metadata: { name: string } }[] };
  expect(everywhere.items.filter(({ metadata }) => metadata.name === 'facts')).toHaveLength(2);
  expect(await lookup('v1', 'Namespace', '', 'one')).toMatchObject({ kind: 'Namespace' });
  await expect(lookup('example.com/v1', 'Gadget', '', 'x')).rejects.toThrow('no matches for kind "Gadget"');
});

test('a right that is taken away is noticed within a minute', async () => {
  const binding = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding' };
  await embedded.cluster.create({
    ...binding,
    metadata: { name: 'facts' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', namespace: 'one', name: 'robot' }],
  });
  const cluster = embedded.cluster.impersonate({ name: 'system:serviceaccount:one:robot' });
  let now = 0;
  const facts = new ClusterFacts(() => now);
  expect(await facts.isUnrestricted(cluster)).toBe(true);

  await embedded.cluster.delete({ ...binding, name: 'facts' });

  expect(await facts.isUnrestricted(cluster)).toBe(true);
  now = 60_000;
  expect(await facts.isUnrestricted(cluster)).toBe(false);
});
