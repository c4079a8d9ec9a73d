import type { KubeObject } from '@flux/apimachinery';
import { expect, test } from 'vitest';
import { deploymentReady, readinessOf } from './legacy-readiness.ts';

function object(apiVersion: string, kind: string, spec: object, status: object = {}, generation = 1): KubeObject {
  return { apiVersion, kind, metadata: { name: 'x', namespace: 'ns', generation }, spec, status };
}

const condition = (type: string, status = 'True') => ({ conditions: [{ type, status }] });

test.each<[string, KubeObject, boolean]>([
  ['a Pod that is Ready', object('v1', 'Pod', {}, condition('Ready')), true],
  ['a Pod that is not', object('v1', 'Pod', {}, condition('Ready', 'False')), false],
  ['a bound claim', object('v1', 'PersistentVolumeClaim', {}, { phase: 'Bound' }), true],
  ['a pending claim', object('v1', 'PersistentVolumeClaim', {}, { phase: 'Pending' }), false],
  ['an external Service', object('v1', 'Service', { type: 'ExternalName' }), true],
  ['a Service without an address', object('v1', 'Service', { type: 'ClusterIP' }), false],
  ['a Service with one', object('v1', 'Service', { type: 'ClusterIP', clusterIP: '10.0.0.1' }), true],
  ['a load balancer without ingress', object('v1', 'Service', { type: 'LoadBalancer', clusterIP: 'x' }), false],
  [
    'a load balancer with an external address',
    object('v1', 'Service', { type: 'LoadBalancer', clusterIP: 'x', externalIPs: ['1.1.1.1'] }),
    true,
  ],
  [
    'a load balancer with ingress',
    object('v1', 'Service', { type: 'LoadBalancer', clusterIP: 'x' }, { loadBalancer: { ingress: [{}] } }),
    true,
  ],
  [
    'an established definition',
    object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {}, condition('Established')),
    true,
  ],
  [
    'a definition whose names are taken',
    object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {}, condition('NamesAccepted', 'False')),
    true,
  ],
  ['a new definition', object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {}), false],
  ['a finished Job', object('batch/v1', 'Job', { completions: 2 }, { succeeded: 2 }), true],
  ['a running Job', object('batch/v1', 'Job', { completions: 2 }, { succeeded: 1 }), false],
  ['a paused Deployment', object('apps/v1', 'Deployment', { paused: true }), true],
  ['a ReplicaSet that is not observed', object('apps/v1', 'ReplicaSet', {}, { observedGeneration: 1 }, 2), false],
  ['a kind without a rule', object('example.com/v1', 'Widget', {}), true],
])('%s', (_, live, expected) => {
  expect(readinessOf(live)).toBe(expected);
});

test('a Job with too many failures never becomes ready', () => {
  const job = object('batch/v1', 'Job', { backoffLimit: 1 }, { failed: 2 });

  expect(() => readinessOf(job)).toThrow('job is failed: ns/x');
});

test('a DaemonSet counts its updated and ready Pods, unless Pods update on deletion', () => {
  const rolling = { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '50%' } } };
  const status = { observedGeneration: 1, desiredNumberScheduled: 3, updatedNumberScheduled: 3 };
  const daemonSet = (spec: object, changes: object) => object('apps/v1', 'DaemonSet', spec, { ...status, ...changes });

  expect(readinessOf(daemonSet(rolling, { numberReady: 1 }))).toBe(true);
  expect(readinessOf(daemonSet(rolling, { numberReady: 0 }))).toBe(false);
  expect(readinessOf(daemonSet(rolling, { numberReady: 3, updatedNumberScheduled: 2 }))).toBe(false);
  expect(readinessOf(daemonSet(rolling, { numberReady: 3, observedGeneration: 0 }))).toBe(false);
  expect(readinessOf(daemonSet({ updateStrategy: { type: 'OnDelete' } }, {}))).toBe(true);
});

test('a StatefulSet counts replicas above its partition, and its revision when there is none', () => {
  const rolling = (partition: number) => ({
    replicas: 3,
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition } },
  });
  const status = {
    observedGeneration: 1,
    updatedReplicas: 3,
    readyReplicas: 3,
    currentRevision: 'a',
    updateRevision: 'a',
  };
  const set = (spec: object, changes: object = {}) => object('apps/v1', 'StatefulSet', spec, { ...status, ...changes });

  expect(readinessOf(set(rolling(0)))).toBe(true);
  expect(readinessOf(set(rolling(0), { updateRevision: 'b' }))).toBe(false);
  expect(readinessOf(set(rolling(2), { updateRevision: 'b', updatedReplicas: 1 }))).toBe(true);
  expect(readinessOf(set(rolling(0), { readyReplicas: 2 }))).toBe(false);
  expect(readinessOf(set({ updateStrategy: { type: 'OnDelete' } }, { readyReplicas: 0 }))).toBe(true);
});

test('a Deployment counts the ready Pods of its newest ReplicaSet (HELM-WAIT-05)', () => {
  const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [] } };
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } };
  const deployment = object('apps/v1', 'Deployment', { replicas: 4, template, strategy }, { observedGeneration: 1 });
  deployment.metadata.uid = 'u';
  const replicaSet = (ready: number, changes: object = {}) => {
    const labels = { app: 'x', 'pod-template-hash': 'h' };
    const spec = { template: { ...template, metadata: { labels }, ...changes } };
    const set = object('apps/v1', 'ReplicaSet', spec, { observedGeneration: 1, readyReplicas: ready });
    set.metadata.ownerReferences = [
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x', uid: 'u', controller: true },
    ];
    return set;
  };

  expect(deploymentReady(deployment, [replicaSet(3)])).toBe(true);
  expect(deploymentReady(deployment, [replicaSet(2)])).toBe(false);
  expect(deploymentReady(deployment, [replicaSet(4, { spec: { containers: [{}] } })])).toBe(false);
  expect(deploymentReady(deployment, [])).toBe(false);
  expect(deploymentReady({ ...deployment, status: { observedGeneration: 0 } }, [replicaSet(4)])).toBe(false);
});
