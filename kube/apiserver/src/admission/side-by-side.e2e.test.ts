import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { controlPlane, ensureBuilt, type RealCluster, startKubernetes } from '@flux/kubernetes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../index.ts';
import { configMap } from '../testing/direct-client.ts';
import { TlsClient } from '../testing/tls-client.ts';
import { type Answer, patching, type ReviewRequest, WebhookServer } from '../testing/webhook-server.ts';

const group = '/apis/admissionregistration.k8s.io/v1';
const maps = '/api/v1/namespaces/default/configmaps';
const add = (path: string, value: unknown) => ({ op: 'add', path, value });

const answers: Readonly<Record<string, (request: ReviewRequest) => Answer>> = {
  allow: () => ({ allowed: true }),
  deny: () => ({ allowed: false }),
  forbid: () => ({ allowed: false, status: { code: 403, reason: 'Forbidden', message: 'not here' } }),
  reason: () => ({ allowed: false, status: { reason: 'Invalid' } }),
  warn: () => ({ allowed: true, warnings: ['take care', 'bad\nline'] }),
  uid: () => ({ allowed: true, uid: 'other' }),
  broken: () => ({ status: 500, text: 'boom' }),
  missing: () => ({ status: 404, text: 'x' }),
  empty: () => ({ status: 200, text: '' }),
  never: () => 'never',
  label: () => patching(add('/metadata/annotations', { hooked: 'yes' })),
  kind: () => patching({ op: 'replace', path: '/kind', value: 'Secret' }),
  place: () => patching({ op: 'replace', path: '/metadata/namespace', value: 'kube-system' }),
  nothing: () => patching({ op: 'remove', path: '/data/none' }),
  merge: () => ({ ...patching(add('/data', {})), patchType: 'Merge' }),
  untyped: () => ({ allowed: true, patch: 'W10=' }),
  count: ({ object }) => patching(add('/data', { ...object.data, n: `${object.data?.n ?? ''}x` })),
};
const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] };
const put = (field: string, text: string) => ({
  patchType: 'ApplyConfiguration',
  applyConfiguration: { expression: `Object{data: Object.data{${field}: ${text}}}` },
});
const patch = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } });

/** What each label of an object meets: webhooks, or a policy. */
const hooks: Readonly<Record<string, { kind: 'Mutating' | 'Validating'; path: string; fields?: object }>> = {
  ...Object.fromEntries(
    Object.keys(answers).flatMap((path) => [
      [`v-${path}`, { kind: 'Validating', path, ...(path === 'never' ? { fields: { timeoutSeconds: 1 } } : {}) }],
      ...(path === 'never' ? [] : [[`m-${path}`, { kind: 'Mutating', path }]]),
    ]),
  ),
  ignored: { kind: 'Validating', path: 'broken', fields: { failurePolicy: 'Ignore' } },
  condition: {
    kind: 'Validating',
    path: 'deny',
    fields: { matchConditions: [{ name: 'c', expression: 'object.data.none == ""' }] },
  },
  authorized: {
    kind: 'Validating',
    path: 'deny',
    fields: { matchConditions: [{ name: 'c', expression: 'authorizer.requestResource.check("create").allowed()' }] },
  },
  nowhere: { kind: 'Validating', path: '', fields: { clientConfig: { url: 'https://127.0.0.1:1/x' } } },
  service: {
    kind: 'Validating',
    path: '',
    fields: { clientConfig: { service: { namespace: 'default', name: 'none', path: '/x' } } },
  },
};
const policies: Readonly<Record<string, { mutations: object[] } & Record<string, unknown>>> = {
  merged: {
    mutations: [put('a', '"1"'), put('b', 'object.data.a + variables.v')],
    variables: [{ name: 'v', expression: '"2"' }],
  },
  patched: { mutations: [patch('[JSONPatch{op: "add", path: "/data", value: Object.data{a: "1"}}]')] },
  tested: { mutations: [patch('[JSONPatch{op: "test", path: "/metadata/name", value: "1"}]')] },
  failing: { mutations: [put('a', 'object.none.x')] },
  leftout: { mutations: [put('a', 'object.none.x'), put('b', '"1"')], failurePolicy: 'Ignore' },
  mistyped: { mutations: [put('a', '1')] },
  misplaced: {
    mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{data: Object.x{}}' } }],
  },
  unknown: { mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{none: 1}' } }] },
  variable: { mutations: [put('a', 'variables.v')], variables: [{ name: 'v', expression: 'object.none.x' }] },
  empty: { mutations: [] },
  untyped: { mutations: [put('a', 'nope'), patch('[1]'), { patchType: 'JSONPatch' }] },
  last: { mutations: [put('a', '"1"')] },
};

const deny = (expression: string, more: object = {}) => ({ validations: [{ expression, ...more }] });
const validating: Readonly<Record<string, { spec: object; binding?: object }>> = {
  plain: { spec: deny('object.metadata.name == "x"') },
  worded: { spec: deny('false', { messageExpression: '"not " + object.metadata.name', reason: 'Forbidden' }) },
  failing: { spec: deny('object.none.x == 1') },
  leftout: { spec: { ...deny('object.none.x == 1'), failurePolicy: 'Ignore' } },
  variable: { spec: { ...deny('variables.v == 1'), variables: [{ name: 'v', expression: 'object.none.x' }] } },
  authorized: {
    spec: deny('!authorizer.group("").resource("configmaps").namespace("default").check("create").allowed()'),
  },
  namespace: { spec: deny('namespaceObject.metadata.name != "default"') },
  uncovered: {
    spec: { ...deny('false'), matchConditions: [{ name: 'c', expression: 'request.operation == "UPDATE"' }] },
  },
  condition: { spec: { ...deny('false'), matchConditions: [{ name: 'c', expression: 'object.none == 1' }] } },
  warned: { spec: deny('false', { message: 'take care' }), binding: { validationActions: ['Warn', 'Audit'] } },
  paramless: {
    spec: { ...deny('params == null'), paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } },
    binding: { paramRef: { name: 'none', namespace: 'default', parameterNotFoundAction: 'Deny' } },
  },
  kindless: {
    spec: { ...deny('true'), paramKind: { apiVersion: 'x/v1', kind: 'None' } },
    binding: { paramRef: { name: 'none', parameterNotFoundAction: 'Deny' } },
  },
  empty: { spec: { failurePolicy: 'Maybe' } },
  untyped: {
    spec: {
      ...deny('1'),
      matchConditions: [{ name: 'c', expression: 'nope' }],
      variables: [{ name: 'v', expression: 'also' }],
    },
  },
  unruled: {
    spec: { ...deny('true'), matchConstraints: { resourceRules: [{ ...rule, apiGroups: [], operations: ['X'] }] } },
  },
  last: { spec: deny('false') },
};

let folder: string;
let kubernetes: RealCluster;
let own: ApiServer;
let server: WebhookServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'side-by-side-'));
  kubernetes = await startKubernetes(await ensureBuilt(controlPlane), folder);
  own = await startApiServer({ controllers: false });
  server = await WebhookServer.start(answers);
});
afterAll(async () => {
  await kubernetes?.stop();
  await own?.close();
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Stores every webhook and policy; what is refused is part of the result. */
async function configure(client: TlsClient): Promise<Map<string, string>> {
  const refused = new Map<string, string>();
  const store = async (label: string, plural: string, object: object) => {
    const body = JSON.stringify({ metadata: { name: label }, ...object });
    const { status, text } = await client.send('POST', `${group}/${plural}`, { body, headers: json });
    if (status !== 201) refused.set(label, JSON.parse(text).message);
  };
  for (const [label, { kind, path, fields }] of Object.entries(hooks)) {
    const webhook = {
      ...{ name: `${label}.example.com`, admissionReviewVersions: ['v1'], sideEffects: 'None', rules: [rule] },
      ...{ clientConfig: server.client(path), objectSelector: { matchLabels: { t: label } }, ...fields },
    };
    await store(label, `${kind.toLowerCase()}webhookconfigurations`, { webhooks: [webhook] });
  }
  for (const [label, spec] of Object.entries(policies)) {
    const matchConstraints = { resourceRules: [rule], objectSelector: { matchLabels: { t: `p-${label}` } } };
    await store(`p-${label}`, 'mutatingadmissionpolicies', {
      spec: { matchConstraints, reinvocationPolicy: 'Never', ...spec },
    });
    await store(`p-${label}`, 'mutatingadmissionpolicybindings', { spec: { policyName: `p-${label}` } });
  }
  for (const [label, { spec, binding }] of Object.entries(validating)) {
    const matchConstraints = { resourceRules: [rule], objectSelector: { matchLabels: { t: `d-${label}` } } };
    await store(`d-${label}`, 'validatingadmissionpolicies', { spec: { matchConstraints, ...spec } });
    const bound = { policyName: `d-${label}`, validationActions: ['Deny'], ...binding };
    await store(`d-${label}`, 'validatingadmissionpolicybindings', { spec: bound });
  }
  return refused;
}

const json = { 'content-type': 'application/json' };

async function create(client: TlsClient, label: string): Promise<Record<string, unknown>> {
  const body = JSON.stringify({
    ...configMap(label),
    metadata: { name: label, labels: { t: label } },
    data: undefined,
  });
  const { status, text, headers } = await client.send('POST', maps, { body, headers: json });
  const { metadata, data, message, reason, details, code } = JSON.parse(text);
  await client.send('DELETE', `${maps}/${label}`);
  const seen = {
    status,
    warning: headers['warning'],
    annotations: metadata.annotations,
    data,
    message,
    reason,
    details,
    code,
  };
  return JSON.parse(JSON.stringify(seen).replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UID'));
}

async function everything(client: TlsClient): Promise<Record<string, unknown>> {
  const refused = await configure(client);
  // Kubernetes learns of each kind through a watch of its own: the last one of a kind is in effect when all are.
  while ((await create(client, 'm-count'))['data'] === undefined) await new Promise(setImmediate);
  while ((await create(client, 'service'))['status'] === 201) await new Promise(setImmediate);
  while ((await create(client, 'p-last'))['data'] === undefined) await new Promise(setImmediate);
  while ((await create(client, 'd-last'))['status'] === 201) await new Promise(setImmediate);
  const results: Record<string, unknown> = Object.fromEntries(refused);
  const labels = [
    ...Object.keys(hooks),
    ...Object.keys(policies).map((label) => `p-${label}`),
    ...Object.keys(validating).map((label) => `d-${label}`),
  ];
  for (const label of labels) results[`create ${label}`] = await create(client, label);
  return results;
}

test('webhooks and mutating policies do and say what they do and say in Kubernetes', async () => {
  const config = JSON.parse(await readFile(kubernetes.kubeconfig, 'utf8'));
  const caPem = Buffer.from(config.clusters[0].cluster['certificate-authority-data'], 'base64').toString();
  const { token } = config.users[0].user;
  const real = new TlsClient({ url: kubernetes.url, caPem, adminKubeconfig: () => `token: ${token}` });

  const [theirs, ours] = [await everything(real), await everything(new TlsClient(own))];

  expect(ours).toEqual(theirs);
});
