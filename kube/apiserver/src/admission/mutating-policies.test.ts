import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configMap, DirectClient, deployment } from '../testing/direct-client.ts';
import { patching, WebhookServer } from '../testing/webhook-server.ts';

const group = '/apis/admissionregistration.k8s.io/v1';
const maps = '/api/v1/namespaces/default/configmaps';

let client: DirectClient;
beforeAll(async () => {
  client = await DirectClient.start({ controllers: false });
  await client.create('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
});
afterAll(() => client.close());

const configuration = (expression: string) => ({
  patchType: 'ApplyConfiguration',
  applyConfiguration: { expression },
});
const jsonPatch = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } });
const rule = {
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['CREATE', 'UPDATE'],
  resources: ['configmaps', 'pods'],
};
let count = 0;

const send = (name: string, spec: object) =>
  client.send('POST', `${group}/mutatingadmissionpolicies`, {
    ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingAdmissionPolicy', metadata: { name } },
    spec: { reinvocationPolicy: 'Never', ...spec },
  });

/** Stores a policy with a binding for objects that carry its name as label; answers the label. */
async function policy(mutations: object[], spec: object = {}, binding: object = {}, label?: string): Promise<string> {
  const name = `policy-${++count}`;
  const objectSelector = { matchLabels: { t: label ?? name } };
  const { status, body } = await send(name, {
    matchConstraints: { resourceRules: [rule], objectSelector },
    mutations,
    ...spec,
  });
  expect([status, body.message]).toEqual([201, undefined]);
  await client.create(`${group}/mutatingadmissionpolicybindings`, {
    ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingAdmissionPolicyBinding', metadata: { name } },
    spec: { policyName: name, ...binding },
  });
  return label ?? name;
}

const create = (t: string, data: Record<string, string> = {}) =>
  client.send('POST', maps, { ...configMap(`map-${t}`, data), metadata: { name: `map-${t}`, labels: { t } } });
const put = (field: string, expression: string) => configuration(`Object{data: Object.data{${field}: ${expression}}}`);

describe('a mutating admission policy', () => {
  it('merges fields, one mutation after the other, and owns none of them', async () => {
    const t = await policy([put('a', '"1"'), put('b', 'object.data.a + variables.v')], {
      variables: [{ name: 'v', expression: '"2"' }],
    });

    const { body } = await create(t, { mine: 'x' });

    expect(body['data']).toEqual({ mine: 'x', a: '1', b: '12' });
    expect(JSON.stringify(body.metadata.managedFields)).not.toContain('f:a');
  });

  it('merges lists by their keys', async () => {
    const t = await policy([
      configuration(`Object{spec: Object.spec{
        initContainers: [Object.spec.initContainers{name: "side", image: "side"}],
        containers: object.spec.containers.map(c, Object.spec.containers{
          name: c.name, env: [Object.spec.containers.env{name: "E", value: "1"}]})}}`),
    ]);
    const { template } = deployment('p').spec;

    const pod = await client.create('/api/v1/namespaces/default/pods', {
      metadata: { name: 'p', labels: { t } },
      spec: template.spec,
    });

    const { initContainers, containers, volumes } = pod['spec'];
    expect(containers).toHaveLength(1);
    expect(containers[0]).toMatchObject({ name: 'c', image: 'nginx:1.25', env: [{ name: 'E', value: '1' }] });
    expect(initContainers[0]).toMatchObject({ name: 'side', terminationMessagePath: '/dev/termination-log' });
    expect(initContainers[0].volumeMounts).toEqual(containers[0].volumeMounts);
    expect(volumes).toHaveLength(1);
  });

  it('applies JSON patches, unless their test fails', async () => {
    const key = '"/metadata/annotations/" + jsonpatch.escapeKey("a/b")';
    const t = await policy([
      jsonPatch(`[JSONPatch{op: "add", path: "/metadata/annotations", value: Object.metadata.annotations{}},
        JSONPatch{op: "add", path: ${key}, value: "c"}]`),
      jsonPatch('[JSONPatch{op: "test", path: "/data/x", value: "1"}, JSONPatch{op: "remove", path: "/data/x"}]'),
    ]);

    const { body } = await create(t, { x: '2' });

    expect(body).toMatchObject({ metadata: { annotations: { 'a/b': 'c' } }, data: { x: '2' } });
  });

  it('takes parameters and asks what the writer may do', async () => {
    await client.create(maps, configMap('params', { v: 'given' }));
    const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
    const ref = (name: string) => ({ paramRef: { name, namespace: 'default', parameterNotFoundAction: 'Deny' } });
    const allowed = 'authorizer.requestResource.check("create").allowed() ? "yes" : "no"';
    const t = await policy([put('a', 'params.data.v'), put('b', allowed)], { paramKind }, ref('params'));
    const missing = await policy([put('a', 'params.data.v')], { paramKind }, ref('none'));

    expect((await create(t)).body['data']).toEqual({ a: 'given', b: 'yes' });
    const { status, body } = await create(missing);
    expect([status, body['reason']]).toEqual([403, 'Forbidden']);
    expect(body.message).toContain(
      `policy '${missing}' with binding '${missing}' denied request: failed to configure binding: no params found`,
    );
  });

  it.each([
    [
      put('a', 'object.none.x'),
      `expression 'Object{data: Object.data{a: object.none.x}}' resulted in error: no such key: none`,
    ],
    [
      configuration('Object{data: Object.other{}}'),
      'type mismatch: unexpected type name "Object.other", expected "Object.data"',
    ],
    [
      configuration('Object{none: 1}'),
      'error applying patch: failed to convert patch object to typed object: .none: field not declared in schema',
    ],
    [
      put('a', '1'),
      'error applying patch: failed to convert patch object to typed object: .data.a: expected string, got &value',
    ],
    [
      jsonPatch('[JSONPatch{op: "remove", path: "/data/none"}]'),
      'JSON Patch: remove operation does not apply: doc is missing path: "/data/none": missing value',
    ],
  ])('refuses the request when it cannot do %j, or leaves it as it is', async (mutation, message) => {
    const failing = await policy([mutation]);
    const ignored = await policy([mutation, put('b', '"1"')], { failurePolicy: 'Ignore' });

    const { status, body } = await create(failing);

    expect([status, body['reason']]).toEqual([403, 'Invalid']);
    expect(body.message).toContain(`policy '${failing}' with binding '${failing}' denied request: ${message}`);
    expect((await create(ignored)).body['data']).toEqual({ b: '1' });
  });

  it('runs again when something changed the object later and it asked for that', async () => {
    const again = (field: string) => {
      const value = `has(object.data) && has(object.data.${field}) ? object.data.${field} + "I" : "I"`;
      return [put(field, value)];
    };
    const t = await policy(again('twice'), { reinvocationPolicy: 'IfNeeded' });
    await policy(again('once'), {}, {}, t);
    const hooks = await WebhookServer.start({
      hook: ({ object }) => patching({ op: 'add', path: '/data', value: { ...object.data, hooked: 'x' } }),
    });
    await client.create(`${group}/mutatingwebhookconfigurations`, {
      ...{
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        metadata: { name: 'w' },
      },
      webhooks: [
        {
          ...{ name: 'w.example.com', sideEffects: 'None', admissionReviewVersions: ['v1'] },
          ...{ clientConfig: hooks.client('hook'), rules: [rule], objectSelector: { matchLabels: { t } } },
        },
      ],
    });

    expect((await create(t)).body['data']).toEqual({ twice: 'II', once: 'I', hooked: 'x' });
    await client.send('DELETE', `${group}/mutatingwebhookconfigurations/w`);
    await hooks.close();
  });

  it('is refused itself when it is not well made', async () => {
    const matchConstraints = { resourceRules: [{ ...rule, operations: ['DELETE'] }] };
    const { status, body } = await send('bad', {
      matchConstraints,
      mutations: [configuration('1'), jsonPatch('[1]'), { patchType: 'JSONPatch' }, put('a', 'nope')],
    });

    expect(status).toBe(422);
    for (const part of [
      'spec.mutations[0].applyConfiguration.expression: Invalid value: "1": must evaluate to Object but got int',
      'spec.mutations[1].jsonPatch.expression: Invalid value: "[1]": must evaluate to list(JSONPatch) but got list(int)',
      'spec.mutations[2].jsonPatch: Required value: must be specified when patchType is JSONPatch',
      "ERROR: <input>:1:29: undeclared reference to 'nope' (in container '')",
      'resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
    ])
      expect(body.message).toContain(part);
    expect((await send('none', {})).body.message).toContain('spec.matchConstraints: Required value');
  });
});
