import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DirectClient, deployment } from '../testing/direct-client.ts';

const apps = '/apis/apps/v1/namespaces/default';

describe('workloads', () => {
  let client: DirectClient;
  beforeAll(async () => {
    client = await DirectClient.start({ controllers: false });
  });
  afterAll(() => client.close());

  const statefulSet = (name: string, spec: object = {}) => {
    const { spec: base } = deployment(name);
    const container = { name: 'c', image: 'x', volumeMounts: [{ name: 'data', mountPath: '/data' }] };
    const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    return {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name },
      spec: {
        ...base,
        template: { ...base.template, spec: { containers: [container] } },
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim }],
        ...spec,
      },
    };
  };

  it('mounts the claims of a StatefulSet as volumes', async () => {
    expect((await client.send('POST', `${apps}/statefulsets`, statefulSet('claims'))).status).toBe(201);
    const { status, body } = await client.send(
      'POST',
      `${apps}/statefulsets`,
      statefulSet('none', { volumeClaimTemplates: [] }),
    );
    expect(status).toBe(422);
    expect(body.message).toContain('spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"');
  });

  it('gives a partition only to who names no strategy', async () => {
    const named = statefulSet('named', { updateStrategy: { type: 'RollingUpdate' } });
    expect((await client.create(`${apps}/statefulsets`, named))['spec'].updateStrategy).toEqual({
      type: 'RollingUpdate',
    });
    expect((await client.create(`${apps}/statefulsets`, statefulSet('unnamed')))['spec'].updateStrategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { partition: 0 },
    });
  });

  it('says what is wrong with a strategy, a probe and a toleration at once', async () => {
    const wrong = deployment('wrong');
    const spec = {
      containers: [{ name: 'c', image: 'x', livenessProbe: { httpGet: { path: '/', port: 0 } } }],
      tolerations: [{ key: 'k', operator: 'Exists', value: 'v' }],
    };
    const { body } = await client.send('POST', `${apps}/deployments`, {
      ...wrong,
      spec: { ...wrong.spec, strategy: { type: 'Nope' }, template: { ...wrong.spec.template, spec } },
    });

    expect(body.message).toContain('spec.strategy: Unsupported value: {"Type":"Nope","RollingUpdate":null}');
    expect(body.message).toContain(
      'livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive',
    );
    expect(body.message).toContain(
      'tolerations[0].operator: Invalid value: "v": value must be empty when `operator` is \'Exists\'',
    );
  });

  it('shows which field of a pod may not change', async () => {
    await client
      .create('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
      .catch(() => undefined);
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', image: 'x' }] },
    };
    await client.create('/api/v1/namespaces/default/pods', pod);
    const { body } = await client.patch('/api/v1/namespaces/default/pods/p', 'merge', { spec: { nodeName: 'n0' } });

    expect(body.message).toContain('\n- "NodeName": "",\n+ "NodeName": "n0",\n');
  });
});
