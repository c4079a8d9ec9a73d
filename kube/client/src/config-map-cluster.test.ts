import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject } from '@flux/apimachinery';
import { type ApiServer, startApiServer } from '@flux/apiserver';
import { parseYaml } from '@flux/yaml';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clusterOver } from './api-cluster.ts';
import type { Cluster, TransportRequest } from './cluster.ts';
import { type ConfigMapClusterOptions, connectByConfigMap } from './config-map-cluster.ts';
import { ServiceAccountTokens } from './service-account-tokens.ts';

const audience = 'https://kubernetes.default.svc';
let server: ApiServer;
let management: Cluster;
let authority: string;
let directory: string;
const tokenRequests: string[] = [];

beforeAll(async () => {
  server = await startApiServer({ workloads: false });
  const send = (request: TransportRequest) => {
    if (request.path.endsWith('/token')) tokenRequests.push(request.path);
    return server.handle(request);
  };
  management = clusterOver({ send, stream: server.stream, close: async () => {} }, server.url);
  const kubeconfig = parseYaml(server.adminKubeconfig()) as {
    clusters: { cluster: { 'certificate-authority-data': string } }[];
  };
  const data = kubeconfig.clusters[0]?.cluster['certificate-authority-data'] ?? '';
  authority = Buffer.from(data, 'base64').toString('utf8');
  directory = await mkdtemp(join(tmpdir(), 'flux-account-'));
  await management.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
  await management.create({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'deployer', namespace: 'team' },
  });
  await management.create({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'deployer' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace: 'team' }],
  } as KubeObject);
});

afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

function connect(data: Record<string, string>, options: Partial<ConfigMapClusterOptions> = {}): Promise<Cluster> {
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'remote', namespace: 'team' }, data };
  return connectByConfigMap(configMap, {
    management,
    tokens: new ServiceAccountTokens(),
    allowsServiceAccounts: true,
    ...options,
  });
}

const generic = () => ({
  provider: 'generic',
  address: server.url.toUpperCase().replace('HTTPS', 'https'),
  'ca.crt': authority,
  audiences: `\n ${audience} \n`,
});

test('a ServiceAccount beside the ConfigMap reaches the other cluster by its tokens (KUS-AUTH-04)', async () => {
  const remote = await connect({ ...generic(), serviceAccountName: 'deployer' });

  const { items } = await remote.list({ apiVersion: 'v1', kind: 'ConfigMap' }, { namespace: 'team' });
  const refused = remote.list({ apiVersion: 'v1', kind: 'Secret' }, { namespace: 'team' });

  await expect(refused).rejects.toThrow('User "system:serviceaccount:team:deployer" cannot list resource "secrets"');
  expect(items.length).toBeGreaterThanOrEqual(0);
  await remote.close();
});

test('a default account stands in where none is named', async () => {
  const remote = await connect(generic(), { defaultServiceAccount: 'deployer' });

  await remote.list({ apiVersion: 'v1', kind: 'ConfigMap' }, { namespace: 'team' });

  await remote.close();
  await expect(connect(generic(), { defaultServiceAccount: 'gone' })).rejects.toThrow(
    "failed to get access token for cluster: failed to get service account 'team/gone': the specified default service account does not exist in the object namespace.",
  );
});

test('without any account the process uses its own', async () => {
  const claims = Buffer.from(JSON.stringify({ sub: 'system:serviceaccount:team:deployer' })).toString('base64url');
  await writeFile(join(directory, 'token'), `head.${claims}.signature`);
  const remote = await connect(generic(), { ownAccountDirectory: directory });

  await remote.list({ apiVersion: 'v1', kind: 'ConfigMap' }, { namespace: 'team' });

  await remote.close();
});

test('outside of a Pod there is no account of its own', async () => {
  await expect(connect(generic(), { ownAccountDirectory: '/nowhere' })).rejects.toThrow(
    'failed to get access token for cluster: failed to create provider access token for the controller: failed to read service account token file /nowhere/token: ',
  );
});

test('a token is asked for once, and again after most of its life', async () => {
  let now = Date.now();
  const tokens = new ServiceAccountTokens({ now: () => now });
  const subject = { namespace: 'team', serviceAccount: 'deployer', audiences: [audience] };
  tokenRequests.length = 0;

  await Promise.all([tokens.get(management, subject), tokens.get(management, subject)]);
  now += 47 * 60_000;
  await tokens.get(management, subject);
  expect(tokenRequests).toHaveLength(1);

  now += 2 * 60_000;
  await tokens.get(management, subject);
  expect(tokenRequests).toHaveLength(2);
});

test('a token that was refused is not used again', async () => {
  const tokens = new ServiceAccountTokens();
  const subject = { namespace: 'team', serviceAccount: 'deployer', audiences: [audience] };
  const credentials = tokens.credentials(management, subject);
  const first = await credentials.get();

  expect(await credentials.refresh(first)).toBe(true);
  tokenRequests.length = 0;
  await credentials.get();

  expect(tokenRequests).toHaveLength(1);
});

test.each<[string, () => Record<string, string>, Partial<ConfigMapClusterOptions>, string]>([
  ['a cloud', () => ({ provider: 'aws' }), {}, "provider 'aws' of ConfigMap 'team/remote' is not supported yet"],
  ['an unknown provider', () => ({ provider: 'x' }), {}, "provider 'x' not implemented"],
  ['no provider', () => ({}), {}, "provider '' not implemented"],
  ['no address', () => ({ provider: 'generic' }), {}, 'cluster address is required to create a REST config'],
  ['plain HTTP', () => ({ ...generic(), address: 'http://x' }), {}, "address 'http://x' must use https scheme"],
  [
    'an account that is not there',
    () => ({ ...generic(), serviceAccountName: 'gone' }),
    {},
    `failed to get service account 'team/gone': serviceaccounts "gone" not found`,
  ],
  [
    'an account without the gate',
    () => ({ ...generic(), serviceAccountName: 'deployer' }),
    { allowsServiceAccounts: false },
    'failed to get access token for cluster: ObjectLevelWorkloadIdentity feature gate is not enabled',
  ],
])('%s is refused in words', async (_, data, options, message) => {
  await expect(connect(data(), options)).rejects.toThrow(message);
});
