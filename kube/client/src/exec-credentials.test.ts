import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Credentials } from './connection.ts';
import { execCredentials } from './exec-credentials.ts';
import type { ExecConfig, KubeconfigCluster } from './kubeconfig.ts';

const v1 = 'client.authentication.k8s.io/v1';
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flux-exec-'));
});

afterEach(() => rm(directory, { recursive: true }));

/** A plugin that counts its runs and then does what the script says. */
async function plugin(
  script: string,
  config: Partial<ExecConfig> = {},
  cluster: KubeconfigCluster = {},
): Promise<Credentials> {
  const path = join(directory, 'plugin.sh');
  // A program writes it: a file that this process has open for writing, a child of another thread may have open, too, and
  // then it cannot be run (ETXTBSY).
  const input = `#!/bin/sh\necho run >> '${directory}/runs'\n${script}\n`;
  execFileSync('sh', ['-c', 'cat > "$0" && chmod 755 "$0"', path], { input });
  const exec: ExecConfig = { apiVersion: v1, command: './plugin.sh', interactiveMode: 'Never', ...config };
  return execCredentials(exec, { server: 'https://one.example.com', ca: 'CA', directory, cluster });
}

function credential(status: object, apiVersion = v1): string {
  return `echo '${JSON.stringify({ kind: 'ExecCredential', apiVersion, status })}'`;
}

async function runs(): Promise<number> {
  return (await readFile(join(directory, 'runs'), 'utf8')).trim().split('\n').length;
}

test('a plugin gets its environment, arguments and the cluster, with the configuration of the extension', async () => {
  const extensions = [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'a' } }];
  const credentials = await plugin(
    `echo "$KUBERNETES_EXEC_INFO" > '${directory}/info'
echo '{"kind":"ExecCredential","apiVersion":"${v1}","status":{"token":"'$SECRET-$1'"}}'`,
    { provideClusterInfo: true, env: [{ name: 'SECRET', value: 's3' }], args: ['one'] },
    { 'tls-server-name': 'other', 'disable-compression': true, extensions },
  );

  expect(await credentials.get()).toEqual({ authorization: 'Bearer s3-one' });
  expect(JSON.parse(await readFile(join(directory, 'info'), 'utf8'))).toEqual({
    kind: 'ExecCredential',
    apiVersion: v1,
    spec: {
      interactive: false,
      cluster: {
        server: 'https://one.example.com',
        'tls-server-name': 'other',
        'certificate-authority-data': Buffer.from('CA').toString('base64'),
        'disable-compression': true,
        config: { audience: 'a' },
      },
    },
  });
});

test('a plugin runs once for all who ask, until its credential expires', async () => {
  const credentials = await plugin(credential({ token: 't', expirationTimestamp: '2999-01-01T00:00:00Z' }));
  await Promise.all([credentials.get(), credentials.get()]);
  await credentials.get();
  expect(await runs()).toBe(1);

  const expired = await plugin(credential({ token: 't', expirationTimestamp: '2001-01-01T00:00:00Z' }));
  await expired.get();
  await expired.get();
  expect(await runs()).toBe(3);
});

test('refusals of one credential make one run, whenever they arrive', async () => {
  const credentials = await plugin(credential({ token: 't' }));
  const refused = await credentials.get();
  await Promise.all([credentials.refresh(refused), credentials.refresh(refused)]);
  await credentials.refresh(refused);

  expect(await runs()).toBe(2);
});

test('v1beta1 needs no interactiveMode, and a credential may be a certificate', async () => {
  const apiVersion = 'client.authentication.k8s.io/v1beta1';
  const status = { clientCertificateData: 'CERT', clientKeyData: 'KEY' };
  await plugin(credential(status, apiVersion));
  const config = { apiVersion, command: './plugin.sh' };
  const credentials = execCredentials(config, { server: 'https://one', ca: undefined, directory, cluster: {} });

  expect(await credentials.get()).toEqual({ certificate: { cert: 'CERT', key: 'KEY' } });
});

test.each<[string, Partial<ExecConfig>, string]>([
  ['no empty interactiveMode', { interactiveMode: '' as never }, 'interactiveMode must be specified'],
  ['no unknown interactiveMode', { interactiveMode: 'Maybe' as never }, '"Maybe" is not supported, use Never'],
  ['no unknown version', { apiVersion: 'client.authentication.k8s.io/v1alpha1' }, 'v1alpha1" is not supported, use'],
  ['no empty command', { command: '' }, 'users[].user.exec.command is empty'],
])('there is %s', async (_, config, message) => {
  await expect(plugin('', config)).rejects.toThrow(message);
});

test.each<[string, string, string]>([
  ['fails', 'exit 3', 'exec: executable ./plugin.sh failed with exit code 3'],
  ['prints no JSON', 'echo secret', 'decoding the output of exec plugin ./plugin.sh: it is no JSON'],
  ['answers another version', credential({ token: 't' }, 'v0'), `use API version ${v1}, it returned ExecCredential of`],
  ['gives nothing', credential({}), "didn't return a token or cert/key pair"],
  ['gives half a pair', credential({ token: 't', clientKeyData: 'k' }), 'returned only certificate or key, not both'],
  ['gives no time', credential({ token: 't', expirationTimestamp: 'soon' }), 'expirationTimestamp that is no time'],
])('a plugin that %s says so', async (_, script, message) => {
  await expect((await plugin(script)).get()).rejects.toThrow(message);
});

test('a plugin that is not installed comes with its hint', async () => {
  const credentials = await plugin('', { command: 'no-such-plugin', installHint: 'get it from x' });

  await expect(credentials.get()).rejects.toThrow(
    /^getting credentials: exec: executable no-such-plugin not found\n\nIt looks like[\s\S]*get it from x$/,
  );
});

test('an aborted wait ends at once, and the plugin with it when nobody else waits', async () => {
  const credentials = await plugin(`trap 'touch "${directory}/killed"; exit 1' TERM
echo > '${directory}/ready'
while :; do sleep 0.02; done`);
  const abort = new AbortController();
  const waiting = credentials.get(abort.signal);
  await expect.poll(() => readFile(join(directory, 'ready'), 'utf8').catch(() => undefined)).toBeDefined();
  abort.abort(new Error('stopped'));

  await expect(waiting).rejects.toThrow('stopped');
  await expect.poll(() => readFile(join(directory, 'killed'), 'utf8').catch(() => undefined)).toBe('');
});
