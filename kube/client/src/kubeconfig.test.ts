import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { currentText } from './changing-file.ts';
import { connectCluster, resolveConnection } from './connect.ts';
import { mergeKubeconfigs, selectContext } from './kubeconfig.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flux-kubeconfig-'));
});

afterEach(() => rm(directory, { recursive: true }));

function config(name: string, user: string, options: { cluster?: string; current?: string } = {}): string {
  return `apiVersion: v1
kind: Config
current-context: ${options.current ?? name}
clusters:
- name: ${name}
  cluster:
    server: https://${name}.example.com:6443
    ${options.cluster ?? ''}
users:
- name: ${name}
  user: ${user}
contexts:
- name: ${name}
  context: {cluster: ${name}, user: ${name}, namespace: apps}
`;
}

async function file(name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

test('files of KUBECONFIG are merged, the first one that names something wins, missing ones are skipped', async () => {
  const first = await file('a', config('one', '{token: a}'));
  const second = await file(
    'b',
    config('two', '{token: b}') + config('one', '{token: shadowed}').slice(config('one', '').length),
  );
  const env = { KUBECONFIG: `${first}:${join(directory, 'missing')}::${second}` };

  expect(await resolveConnection({ env })).toMatchObject({ server: 'https://one.example.com:6443' });
  const connection = await resolveConnection({ env, context: 'two' });
  expect(await connection.credentials?.get()).toEqual({ authorization: 'Bearer b' });
});

test('an explicit file must exist, and alone counts', async () => {
  await expect(resolveConnection({ kubeconfig: join(directory, 'missing') })).rejects.toThrow('no such file');
});

test('without any configuration the message says what to do', async () => {
  await expect(resolveConnection({ env: { HOME: directory } })).rejects.toThrow(
    'no configuration has been provided: set KUBECONFIG',
  );
});

test('a context that does not exist is named, with those that do', () => {
  const merged = mergeKubeconfigs([{ text: config('one', '{}'), name: 'x', directory }]);

  expect(() => selectContext(merged, 'nope')).toThrow('context "nope" does not exist (there is: one)');
  expect(selectContext(merged).namespace).toBe('apps');
});

test('paths are relative to the file that holds them', async () => {
  await file('ca.pem', 'CA');
  await file('cert.pem', 'CERT');
  await file('key.pem', 'KEY');
  const path = await file(
    'config',
    config('one', '{client-certificate: cert.pem, client-key: key.pem}', { cluster: 'certificate-authority: ca.pem' }),
  );
  const connection = await resolveConnection({ kubeconfig: path });

  expect(await currentText(connection.tls?.ca ?? '')).toBe('CA');
  expect(await connection.credentials?.get()).toEqual({ certificate: { cert: 'CERT', key: 'KEY' } });
});

test('inline data wins over files, and basic authentication works', async () => {
  const data = Buffer.from('INLINE').toString('base64');
  const path = await file(
    'config',
    config('one', '{username: u, password: p}', {
      cluster: `certificate-authority: nowhere.pem\n    certificate-authority-data: ${data}\n    tls-server-name: other`,
    }),
  );
  const connection = await resolveConnection({ kubeconfig: path });

  expect(connection.tls).toEqual({ ca: 'INLINE', serverName: 'other' });
  expect(await connection.credentials?.get()).toEqual({ authorization: `Basic ${btoa('u:p')}` });
});

test('a token file is read again after a refusal', async () => {
  const path = await file('config', config('one', '{tokenFile: token}'));
  await file('token', 'first\n');
  const { credentials } = await resolveConnection({ kubeconfig: path });
  expect(await credentials?.get()).toEqual({ authorization: 'Bearer first' });
  await file('token', 'second\n');

  expect(await credentials?.refresh({})).toBe(true);
  expect(await credentials?.get()).toEqual({ authorization: 'Bearer second' });
});

test('impersonation of the kubeconfig becomes headers', async () => {
  const path = await file(
    'config',
    config('one', '{token: t, as: me, as-groups: [a, b], as-user-extra: {Scope/x: [v]}}'),
  );

  expect((await resolveConnection({ kubeconfig: path })).headers).toEqual({
    'impersonate-user': 'me',
    'impersonate-group': ['a', 'b'],
    'impersonate-extra-scope%2Fx': ['v'],
  });
});

test('of a kubeconfig that came from a Secret only harmless parts are used (KUS-AUTH-02)', async () => {
  await file('ca.pem', 'CA');
  const text = config(
    'one',
    '{token: t, tokenFile: /etc/passwd, as: root, exec: {apiVersion: client.authentication.k8s.io/v1, command: sh}}',
    { cluster: 'certificate-authority: ca.pem\n    insecure-skip-tls-verify: true' },
  );
  const connection = await resolveConnection({ kubeconfigText: text, remote: {} });

  expect(connection.tls).toEqual({});
  expect(connection.headers).toEqual({});
  expect(await connection.credentials?.get()).toEqual({ authorization: 'Bearer t' });
  const insecure = await resolveConnection({ kubeconfigText: text, remote: { allowInsecureTls: true } });
  expect(insecure.tls).toEqual({ insecureSkipVerify: true });
});

test('a Pod uses its service account, but only when there is no kubeconfig', async () => {
  const env = { HOME: directory, KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };

  expect(await resolveConnection({ env })).toMatchObject({ server: 'https://[fd00::1]:443' });
});

test('impersonation of a part without a user is refused', async () => {
  const path = await file('config', config('one', '{token: t, as-groups: [a]}'));

  await expect(resolveConnection({ kubeconfig: path })).rejects.toThrow(
    'has as-uid, as-groups or as-user-extra, but no as',
  );
});

test('a proxy comes from the cluster, else from the environment unless NO_PROXY names the server', async () => {
  const plain = await file('plain', config('one', '{token: t}'));
  const own = await file('own', config('one', '{token: t}', { cluster: 'proxy-url: socks5://own:1080' }));
  const env = { HTTPS_PROXY: 'http://env:3128' };

  expect(await resolveConnection({ kubeconfig: own, env })).toMatchObject({ proxyUrl: 'socks5://own:1080' });
  expect(await resolveConnection({ kubeconfig: plain, env })).toMatchObject({ proxyUrl: 'http://env:3128' });
  const excluded = await resolveConnection({ kubeconfig: plain, env: { ...env, NO_PROXY: '.example.com' } });
  expect(excluded.proxyUrl).toBeUndefined();
});

test('a proxy of another scheme is refused by name', async () => {
  const path = await file('config', config('one', '{token: t}', { cluster: 'proxy-url: ftp://me:secret@p' }));

  await expect(resolveConnection({ kubeconfig: path })).rejects.toThrow(
    'proxy-url: unsupported scheme "ftp", must be http, https, or socks5',
  );
});

test('auth providers other than oidc say what to use instead', async () => {
  const path = await file('config', config('one', '{auth-provider: {name: gcp}}'));

  await expect(resolveConnection({ kubeconfig: path })).rejects.toThrow('auth-provider "gcp" is not supported');
});

test('connecting sends nothing before the first use', async () => {
  const path = await file('config', config('one', '{token: t}'));
  const cluster = await connectCluster({ kubeconfig: path });

  expect(cluster.host).toBe('https://one.example.com:6443');
  await cluster.close();
});
