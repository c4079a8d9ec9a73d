import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { configMap, DirectClient, deployment } from '../testing/direct-client.ts';
import { patching, type ReviewRequest, WebhookServer } from '../testing/webhook-server.ts';

const group = '/apis/admissionregistration.k8s.io/v1';
const maps = '/api/v1/namespaces/default/configmaps';

let client: DirectClient;
let hooks: WebhookServer;
let changeMeanwhile: (() => Promise<unknown>) | undefined;

const add = (path: string, value: unknown) => ({ op: 'add', path, value });
const webhooks = {
  allow: () => ({ allowed: true }),
  deny: () => ({ allowed: false }),
  forbid: () => ({ allowed: false, status: { code: 403, reason: 'Forbidden', message: 'not here' } }),
  warn: () => ({ allowed: true, warnings: ['take care', 'bad\nline'] }),
  label: () => patching(add('/metadata/annotations', { hooked: 'yes' })),
  uid: () => ({ allowed: true, uid: 'other' }),
  kind: () => patching({ op: 'replace', path: '/kind', value: 'Secret' }),
  missing: () => patching({ op: 'remove', path: '/data/none' }),
  broken: () => ({ status: 500, text: 'boom' }),
  elsewhere: () => ({ status: 307, text: '', headers: { location: hooks.client('allow').url } }),
  endless: () => ({ status: 200, text: 'x'.repeat(9 * 1024 * 1024) }),
  never: () => 'never' as const,
  count: ({ object }: ReviewRequest) => patching(add('/data', { ...object.data, n: `${object.data?.n ?? ''}x` })),
  once: ({ object }: ReviewRequest) =>
    object.data?.once ? { allowed: true } : patching(add('/data', { ...object.data, once: '1' })),
};

beforeAll(async () => {
  client = await DirectClient.start({ controllers: false });
  hooks = await WebhookServer.start(
    {
      ...webhooks,
      meanwhile: async () => {
        const change = changeMeanwhile;
        changeMeanwhile = undefined;
        await change?.();
        return { allowed: true };
      },
    },
    ['hook.default.svc'],
  );
});
afterAll(async () => {
  await client.close();
  await hooks.close();
});
beforeEach(() => {
  hooks.requests.length = 0;
});

const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] }];
let count = 0;

/** Stores a configuration for objects that carry its name as label; answers the label. */
async function configure(kind: 'Mutating' | 'Validating', path: string, fields: object = {}, label?: string) {
  const name = `hook-${++count}`;
  const t = label ?? name;
  const webhook = {
    name: `${name}.example.com`,
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    clientConfig: hooks.client(path),
    objectSelector: { matchLabels: { t } },
    rules,
    ...fields,
  };
  const configuration = { apiVersion: 'admissionregistration.k8s.io/v1', kind: `${kind}WebhookConfiguration` };
  await client.create(`${group}/${kind.toLowerCase()}webhookconfigurations`, {
    ...configuration,
    metadata: { name },
    webhooks: [webhook],
  });
  return { t, name: `${name}.example.com` };
}

const labelled = (t: string, data: Record<string, string> = {}) => ({
  ...configMap(`map-${t}`, data),
  metadata: { name: `map-${t}`, labels: { t } },
});
const create = (t: string) => client.send('POST', maps, labelled(t));

describe('a validating webhook', () => {
  it('is shown who does what to which object, and lets it pass', async () => {
    const { t } = await configure('Validating', 'allow');

    expect((await client.send('POST', maps, labelled(t), { query: { fieldManager: 'me' } })).status).toBe(201);
    expect((await client.send('DELETE', `${maps}/map-${t}`)).status).toBe(200);

    const [created, deleted] = hooks.requests.map(({ request }) => request);
    expect(created).toMatchObject({
      kind: { group: '', version: 'v1', kind: 'ConfigMap' },
      requestResource: { group: '', version: 'v1', resource: 'configmaps' },
      name: `map-${t}`,
      namespace: 'default',
      operation: 'CREATE',
      userInfo: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      object: { metadata: { name: `map-${t}`, managedFields: [{ manager: 'me' }] } },
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'me' },
    });
    expect(deleted).toMatchObject({ operation: 'DELETE', object: null, oldObject: { kind: 'ConfigMap' } });
  });

  it('refuses with its own words and code', async () => {
    const plain = await configure('Validating', 'deny');
    const worded = await configure('Validating', 'forbid', { failurePolicy: 'Ignore' });

    const first = await create(plain.t);
    const second = await create(worded.t);

    expect([first.status, first.body.message]).toEqual([
      400,
      `admission webhook "${plain.name}" denied the request without explanation`,
    ]);
    expect([second.status, second.body.message]).toEqual([
      403,
      `admission webhook "${worded.name}" denied the request: not here`,
    ]);
  });

  it('warns, in what a header can carry', async () => {
    const { t } = await configure('Validating', 'warn');

    expect((await create(t)).headers['warning']).toEqual(['299 - "take care"']);
  });

  it.each([
    ['uid', /received invalid webhook response: expected response.uid="[\w-]{36}", got "other"/],
    ['broken', /failed to call webhook: an error on the server \("boom"\) has prevented the request from succeeding/],
    ['elsewhere', /the server responded with the status code 307 but did not return more information/],
    ['endless', /response exceeds the limit of 8388608 bytes/],
    ['label', /validating webhook may not return response.patch/],
    ['never', /Post "https:\/\/127.0.0.1:\d+\/never\?timeout=1s": context deadline exceeded/],
  ])('that answers %s fails the request, or is left out as its failure policy says', async (path, message) => {
    const timeoutSeconds = path === 'never' ? 1 : 10;
    const failing = await configure('Validating', path, { timeoutSeconds });
    const ignored = await configure('Validating', path, { timeoutSeconds, failurePolicy: 'Ignore' });

    const [answer, other] = await Promise.all([create(failing.t), create(ignored.t)]);

    expect(answer.status).toBe(500);
    expect(answer.body.message).toContain(`Internal error occurred: failed calling webhook "${failing.name}": `);
    expect(answer.body.message).toMatch(message);
    expect(other.status).toBe(201);
  });

  it('is trusted only with a certificate of its bundle', async () => {
    const { t } = await configure('Validating', 'allow', { clientConfig: { url: hooks.client('allow').url } });

    expect((await create(t)).body.message).toContain('x509: certificate signed by unknown authority');
  });

  it('is asked only where rules, selectors and conditions cover the change', async () => {
    const condition = (expression: string) => ({ matchConditions: [{ name: 'c', expression }] });
    const others = [
      { rules: [{ ...rules[0], operations: ['UPDATE'] }] },
      { rules: [{ ...rules[0], scope: 'Cluster' }] },
      { rules: [{ ...rules[0], resources: ['configmaps/status'] }] },
      { rules: [{ ...rules[0], apiVersions: ['v2'] }] },
      { namespaceSelector: { matchLabels: { is: 'not' } } },
      condition('request.userInfo.username == "nobody"'),
      condition('!authorizer.requestResource.check("create").allowed()'),
      { failurePolicy: 'Ignore', ...condition('object.data.none == ""') },
    ];
    for (const fields of others) {
      const { t } = await configure('Validating', 'deny', fields);
      expect([JSON.stringify(fields), (await create(t)).status]).toEqual([JSON.stringify(fields), 201]);
    }
    const { t } = await configure('Validating', 'deny', condition('object.data.none == ""'));
    const failed = await create(t);
    expect(failed.status).toBe(403);
    expect(failed.body.message).toBe(
      `configmaps "map-${t}" is forbidden: expression 'object.data.none == ""' resulted in error: no such key: data`,
    );
  });

  it('sees the version that its rule names', async () => {
    const events = { apiGroups: ['events.k8s.io'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['events'] };
    const { t } = await configure('Validating', 'allow', { rules: [events] });
    const exact = await configure('Validating', 'deny', { rules: [events], matchPolicy: 'Exact' }, t);
    const event = {
      ...{ apiVersion: 'v1', kind: 'Event', metadata: { name: 'e', labels: { t } }, message: 'hello' },
      involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' },
    };

    const answer = await client.send('POST', '/api/v1/namespaces/default/events', event);

    expect([exact.t, answer.status]).toEqual([t, 201]);
    expect(hooks.requests).toHaveLength(1);
    expect(hooks.requests[0]!.request).toMatchObject({
      kind: { group: 'events.k8s.io', version: 'v1', kind: 'Event' },
      requestKind: { group: '', version: 'v1', kind: 'Event' },
      object: { apiVersion: 'events.k8s.io/v1' },
    });
  });

  it('is never asked about configurations of admission', async () => {
    const all = { apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'] };
    const { t } = await configure('Validating', 'deny', { rules: [all], objectSelector: {}, namespaceSelector: {} });

    expect((await create('free')).status).toBe(400);
    expect((await client.send('DELETE', `${group}/validatingwebhookconfigurations/${t}`)).status).toBe(200);
    expect((await create('free')).status).toBe(201);
  });

  it('is asked again about what changed meanwhile, and a client that wants one version gets a conflict', async () => {
    const { t } = await configure('Validating', 'meanwhile', { rules: [{ ...rules[0], operations: ['UPDATE'] }] });
    const { metadata } = await client.create(maps, labelled(t));
    const path = `${maps}/map-${t}`;
    const other = () => client.patch(path, 'merge', { data: { other: '1' } });

    changeMeanwhile = other;
    const patched = await client.patch(path, 'merge', { data: { mine: '1' } });
    expect(patched.body['data']).toEqual({ mine: '1', other: '1' });

    changeMeanwhile = () => client.patch(path, 'merge', { data: { other: '2' } });
    const version = patched.body.metadata.resourceVersion!;
    const put = { ...labelled(t), metadata: { ...metadata, resourceVersion: version, labels: { t } } };
    expect((await client.send('PUT', path, put)).status).toBe(409);
  });
});

describe('a mutating webhook', () => {
  it('changes the object, in dry runs too, and owns none of its fields', async () => {
    const { t } = await configure('Mutating', 'label');

    const dry = await client.send('POST', maps, labelled(t), { query: { dryRun: 'All' } });
    const { body } = await create(t);

    expect(dry.body.metadata.annotations).toEqual({ hooked: 'yes' });
    expect(hooks.requests[0]!.request).toMatchObject({ dryRun: true, options: { dryRun: ['All'] } });
    expect(body.metadata.annotations).toEqual({ hooked: 'yes' });
    expect(JSON.stringify(body.metadata.managedFields)).not.toContain('hooked');
  });

  it('runs again when a later one changed the object and it asked for that', async () => {
    const { t } = await configure('Mutating', 'count', { reinvocationPolicy: 'IfNeeded' });
    await configure('Mutating', 'once', {}, t);
    await configure('Mutating', 'count', {}, t);

    expect((await create(t)).body['data']).toEqual({ n: 'xxx', once: '1' });
    expect(hooks.requests.map(({ path }) => path)).toEqual(['/count', '/once', '/count', '/count']);
  });

  it('may not make another kind of it, nor patch what is not there', async () => {
    const kind = await configure('Mutating', 'kind');
    const missing = await configure('Mutating', 'missing');

    expect((await create(kind.t)).body.message).toBe('converting (v1.Secret) to (core.ConfigMap): unknown conversion');
    expect((await create(missing.t)).body.message).toBe(
      `Internal error occurred: remove operation does not apply: doc is missing path: "/data/none": missing value`,
    );
  });
});

describe('a webhook behind a Service', () => {
  const service = (spec: object) =>
    client.create('/api/v1/namespaces/default/services', {
      ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'hook' } },
      spec,
    });
  const through = (name: string, port = 443) => ({
    clientConfig: { service: { namespace: 'default', name, port, path: '/deny' }, caBundle: hooks.caBundle },
  });

  it('is called at the external name, under its own name', async () => {
    await service({ type: 'ExternalName', externalName: 'localhost' });
    const { t, name } = await configure('Validating', '', through('hook', hooks.port));

    expect((await create(t)).body.message).toBe(`admission webhook "${name}" denied the request without explanation`);
    await client.send('DELETE', '/api/v1/namespaces/default/services/hook');
  });

  it('fails as kube-proxy would when there is no way to it', async () => {
    const none = await configure('Validating', '', through('none'));
    expect((await create(none.t)).body.message).toContain(
      'Post "https://none.default.svc:443/deny?timeout=10s": service "none" not found',
    );

    await service({ ports: [{ port: 443 }], selector: { app: 'hook' } });
    const port = await configure('Validating', '', through('hook', 444));
    expect((await create(port.t)).body.message).toContain('no service port 444 found for service "hook"');
    const empty = await configure('Validating', '', through('hook'));
    expect((await create(empty.t)).body.message).toContain('no endpoints available for service "hook"');
  });

  it('is called at an address of its slices', async () => {
    // The webhook listens on loopback, which a slice may name in this form at most.
    const address = '::ffff:127.0.0.1';
    const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
    const slice = {
      metadata: { name: 'hook', labels: { 'kubernetes.io/service-name': 'hook' } },
      addressType: 'IPv6',
      ports: [{ port: hooks.port }],
      endpoints: [{ addresses: ['2001:db8::1'], conditions: { ready: false } }, { addresses: [address] }],
    };
    await client.create(slices, { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', ...slice });
    const { t, name } = await configure('Validating', '', through('hook'));

    expect((await create(t)).body.message).toBe(`admission webhook "${name}" denied the request without explanation`);
    await client.send('DELETE', `${slices}/hook`);
  });

  it('is left out while only simulated pods are behind the Service', async () => {
    const created = await configure('Validating', '', through('hook'));
    await client.create('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
    const { template } = deployment('hook').spec;
    await client.create('/api/v1/namespaces/default/pods', {
      metadata: { name: 'hook', labels: template.metadata.labels },
      spec: template.spec,
    });

    expect((await create(created.t)).status).toBe(201);
  });
});
