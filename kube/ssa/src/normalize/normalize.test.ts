import type { KubeObject } from '@flux/apimachinery';
import { expect, test } from 'vitest';
import { normalizeObjects } from './normalize.ts';

async function normalize(object: unknown): Promise<KubeObject> {
  const [result] = await normalizeObjects([object as KubeObject]);
  return result as KubeObject;
}

test('a Deployment gains what Go writes for it and loses what Go does not know', async () => {
  const container = { name: 'web', image: 'nginx', imagee: 'typo', ports: [{ containerPort: 80 }], stdin: false };
  const spec = { replicas: 0, template: { spec: { containers: [container] } }, selector: { matchLabels: { a: 'b' } } };

  const result = await normalize({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec });

  expect(result['spec']).toEqual({
    replicas: 0,
    selector: { matchLabels: { a: 'b' } },
    strategy: {},
    template: {
      metadata: {},
      spec: {
        containers: [{ name: 'web', image: 'nginx', ports: [{ containerPort: 80, protocol: 'TCP' }], resources: {} }],
      },
    },
  });
  expect(result).not.toHaveProperty('status');
});

test('a Service port without target port is sent with 0, as Go sends it', async () => {
  const spec = { ports: [{ port: 80 }] };

  const result = await normalize({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec });

  expect(result['spec']).toEqual({ ports: [{ port: 80, protocol: 'TCP', targetPort: 0 }] });
});

test('stringData of a Secret goes into data and wins', async () => {
  const secret = { data: { a: 'b2xk', b: 'Yg==' }, stringData: { a: 'new' } };

  const result = await normalize({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, ...secret });

  expect(result['data']).toEqual({ a: Buffer.from('new').toString('base64'), b: 'Yg==' });
  expect(result).not.toHaveProperty('stringData');
});

test('an object that does not fit its type is applied as written', async () => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { n: 5 }, unknown: true };

  expect(await normalize(object)).toEqual(object);
});

test('status goes, except that of a CRD; roles are left alone', async () => {
  const custom = { apiVersion: 'x.io/v1', kind: 'Foo', metadata: { name: 'f', creationTimestamp: null }, status: {} };
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'r' }, rules: null };
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'c' },
    status: {},
  };

  expect(await normalize(custom)).toEqual({ apiVersion: 'x.io/v1', kind: 'Foo', metadata: { name: 'f' } });
  expect(await normalize(role)).toEqual(role);
  expect(await normalize(crd)).toEqual(crd);
});

test('quantities are canonical and a key named __proto__ stays data', async () => {
  const data = JSON.parse('{"__proto__":"x"}');
  const limits = { cpu: '1000m', memory: 0.5 };

  const map = await normalize({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data });
  const quota = await normalize({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q' },
    spec: { hard: limits },
  });

  expect(Object.keys(map['data'])).toEqual(['__proto__']);
  expect(quota['spec'].hard).toEqual({ cpu: '1', memory: '500m' });
});
