import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DirectClient } from '../testing/direct-client.ts';

const template = {
  metadata: { labels: { a: 'b' } },
  spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] },
};

describe('what kinds of objects refuse', () => {
  let client: DirectClient;
  beforeAll(async () => {
    client = await DirectClient.start({ controllers: false });
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
    await client.create('/api/v1/namespaces/default/serviceaccounts', account);
  });
  afterAll(() => client.close());

  const causes = async (path: string, spec: object) => {
    const { body } = await client.send('POST', path, { metadata: { name: 'x' }, spec }, { query: { dryRun: 'All' } });
    const details = body['details'] as { causes?: { field: string; message: string }[] } | undefined;
    return (details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`).sort();
  };
  const inDefault = (group: string, plural: string) => `/apis/${group}/namespaces/default/${plural}`;

  it.each([
    [
      { internalTrafficPolicy: 'Foo' },
      'spec.internalTrafficPolicy: Unsupported value: "Foo": supported values: "Cluster", "Local"',
    ],
    [
      { externalTrafficPolicy: 'Local' },
      'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
    ],
    [{ ipFamilies: ['IPv6'] }, 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
    [
      { externalIPs: ['127.0.0.1'] },
      'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
    [
      { allocateLoadBalancerNodePorts: true },
      "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
  ])('a Service with %j', async (spec, cause) => {
    expect(await causes('/api/v1/namespaces/default/services', { ports: [{ port: 80 }], ...spec })).toEqual([cause]);
  });

  it.each([
    [
      { minReplicas: 0 },
      [
        'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
        'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
      ],
    ],
    [
      { metrics: [{ type: 'Resource' }] },
      ['spec.metrics[0].resource: Required value: must populate information for the given metric source'],
    ],
    [
      { behavior: { scaleUp: { policies: [{ type: 'Pods', value: 0, periodSeconds: 9 }] } } },
      ['spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero'],
    ],
  ])('a HorizontalPodAutoscaler with %j', async (spec, expected) => {
    const target = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }, maxReplicas: 3 };
    expect(await causes(inDefault('autoscaling/v2', 'horizontalpodautoscalers'), { ...target, ...spec })).toEqual(
      expected,
    );
  });

  it.each([
    [
      { maxFailedIndexes: 1 },
      [
        'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
        'spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode',
      ],
    ],
    [
      { managedBy: 'x' },
      ['spec.managedBy: Invalid value: "x": must be a domain-prefixed path (such as "acme.io/foo")'],
    ],
    [
      { podReplacementPolicy: 'Foo' },
      ['spec.podReplacementPolicy: Unsupported value: "Foo": supported values: "Failed", "TerminatingOrFailed"'],
    ],
  ])('a Job with %j', async (spec, expected) => {
    expect(await causes(inDefault('batch/v1', 'jobs'), { template, ...spec })).toEqual(expected);
  });

  it.each([
    [
      { accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'] },
      'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
    ],
    [
      { selector: { matchExpressions: [{ key: 'a', operator: 'Gt' }] } },
      'spec.selector.matchExpressions[0].operator: Invalid value: "Gt": not a valid selector operator',
    ],
  ])('a PersistentVolumeClaim with %j', async (spec, cause) => {
    const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    expect(await causes('/api/v1/namespaces/default/persistentvolumeclaims', { ...claim, ...spec })).toEqual([cause]);
  });

  it.each([
    [{ hostPath: { path: '/a/../b' } }, ['spec.hostPath.path: Invalid value: "/a/../b": must not contain \'..\'']],
    [{ local: { path: '/x' } }, ['spec.nodeAffinity: Required value: Local volume requires node affinity']],
    [
      { nfs: {} },
      [
        'spec.nfs.path: Invalid value: "": must be an absolute path',
        'spec.nfs.path: Required value',
        'spec.nfs.server: Required value',
      ],
    ],
  ])('a PersistentVolume with %j', async (source, expected) => {
    const volume = { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } };
    expect(await causes('/api/v1/persistentvolumes', { ...volume, ...source })).toEqual(expected);
  });

  it('an Ingress without paths, or whose backend has two ports', async () => {
    const path = inDefault('networking.k8s.io/v1', 'ingresses');
    expect(await causes(path, { rules: [{ http: { paths: [] } }] })).toEqual([
      'spec.rules[0].http.paths: Required value',
    ]);
    const defaultBackend = { service: { name: 's', port: { name: 'x', number: 80 } } };
    expect(await causes(path, { defaultBackend })).toEqual([
      'spec.defaultBackend: Invalid value: "": cannot set both port name & port number',
    ]);
  });

  it.each([
    [{ dnsPolicy: 'None' }, 'spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
    [
      { hostAliases: [{ ip: 'x' }] },
      'spec.hostAliases[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
    [{ os: { name: 'x' } }, 'spec.os: Unsupported value: "x": supported values: "linux", "windows"'],
    [
      { volumes: [{ name: 'v', secret: { secretName: 's', defaultMode: 9999 } }] },
      'spec.volumes[0].secret.defaultMode: Invalid value: 9999: must be a number between 0 and 0777 (octal), both inclusive',
    ],
    [
      { volumes: [{ name: 'v', downwardAPI: { items: [{ path: 'a' }] } }] },
      'spec.volumes[0].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required',
    ],
  ])('a Pod with %j', async (spec, cause) => {
    const containers = [{ name: 'c', image: 'x' }];
    expect(await causes('/api/v1/namespaces/default/pods', { containers, ...spec })).toEqual([cause]);
  });

  it('a Pod that says what admission works out', async () => {
    const pod = (spec: object) =>
      client.send('POST', '/api/v1/namespaces/default/pods', {
        metadata: { name: 'x' },
        spec: { containers: [{ name: 'c', image: 'x' }], ...spec },
      });
    expect((await pod({ priority: 5 })).body.message).toContain(
      'the integer value of priority (5) must not be provided in pod spec',
    );
    expect((await pod({ runtimeClassName: 'nope' })).body.message).toContain(
      'pods "x" is forbidden: pod rejected: RuntimeClass "nope" not found',
    );
  });
});
