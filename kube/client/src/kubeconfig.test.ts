import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
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

  expect(connection.tls).toEqual({ ca: 'CA' });
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

  expect(await credentials?.refresh()).toBe(true);
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

async function plugin(script: string, extra = ''): Promise<string> {
  const path = await file('plugin.sh', `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return file(
    'config',
    config('one', `{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin.sh, ${extra}}}`),
  );
}

test('an exec plugin runs once until it expires or is refused, and sees its cluster', async () => {
  const kubeconfig = await plugin(
    `echo run >> ${join(directory, 'runs')}
echo "$KUBERNETES_EXEC_INFO" > ${join(directory, 'info')}
echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"'$SECRET'","expirationTimestamp":"2999-01-01T00:00:00Z"}}'`,
    'provideClusterInfo: true, interactiveMode: Never, env: [{name: SECRET, value: s3}]',
  );
  const { credentials } = await resolveConnection({ kubeconfig });
  const both = await Promise.all([credentials?.get(), credentials?.get()]);
  await credentials?.get();

  const runs = () => execFileSync('wc', ['-l', join(directory, 'runs')], { encoding: 'utf8' }).trim()[0];
  expect(both[1]).toEqual({ authorization: 'Bearer s3' });
  expect(runs()).toBe('1');
  expect(JSON.parse(execFileSync('cat', [join(directory, 'info')], { encoding: 'utf8' }))).toMatchObject({
    kind: 'ExecCredential',
    spec: { interactive: false, cluster: { server: 'https://one.example.com:6443' } },
  });
  await credentials?.refresh();
  expect(runs()).toBe('2');
});

test('a plugin that answers another version, fails or is missing says so', async () => {
  const get = async (kubeconfig: string) => (await resolveConnection({ kubeconfig })).credentials?.get();

  await expect(get(await plugin(`echo '{"kind":"ExecCredential","apiVersion":"v0","status":{}}'`))).rejects.toThrow(
    'is configured to use API version client.authentication.k8s.io/v1, it returned ExecCredential of version v0',
  );
  await expect(get(await plugin('exit 3'))).rejects.toThrow('executable ./plugin.sh failed with exit code 3');
  const missing = await file(
    'config',
    config(
      'one',
      '{exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin, installHint: get it}}',
    ),
  );
  await expect(get(missing)).rejects.toThrow('get it');
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

test('connecting sends nothing before the first use', async () => {
  const path = await file('config', config('one', '{token: t}'));
  const cluster = await connectCluster({ kubeconfig: path });

  expect(cluster.host).toBe('https://one.example.com:6443');
  await cluster.close();
});
