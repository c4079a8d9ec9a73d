import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { checkout, listRemote } from '@flux/git';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startGitServer, startSshGitServer, type TestSshGitServer } from '../index.ts';

let directory: TemporaryDirectory;

beforeEach(async () => {
  directory = await temporaryDirectory('git-servers-test');
});
afterEach(() => directory[Symbol.asyncDispose]());

test('the HTTP server serves commits that are the same on every run', async () => {
  await using server = await startGitServer();
  const id = await server.commit('team/app', { 'a.yaml': 'a: 1\n' }, { tag: 'v1.0.0' });
  server.protect('team/app', { username: 'user', password: 'correct' });
  const url = server.urlOf('team/app');

  expect(id).toBe('40da493a2898292b41b30944d6055b47faa5ebf5');
  await expect(listRemote({ url })).rejects.toThrow(
    `unable to list remote for '${url}': authentication required: Unauthorized\n`,
  );
  const remote = await listRemote({ url, credentials: { username: 'user', password: 'correct' } });
  expect(Object.fromEntries(remote.refs)).toEqual({ HEAD: id, 'refs/heads/main': id, 'refs/tags/v1.0.0': id });
  expect(remote.head).toBe('refs/heads/main');
});

describe('the ssh server', () => {
  let server: TestSshGitServer;

  beforeAll(async () => {
    server = await startSshGitServer();
  });
  afterAll(() => server.close());

  const get = (credentials: Parameters<typeof checkout>[0]['credentials'], name = 'app') =>
    checkout({
      url: server.urlOf(name),
      ref: { branch: 'main' },
      directory: directory.path,
      credentials: credentials!,
    });

  test('a checkout with key and host key works', async () => {
    const id = await server.commit('app', { 'a.yaml': 'a: 1\n' });
    const { identity, knownHosts } = server;

    expect((await get({ identity, knownHosts })).revision).toBe(`main@sha1:${id}`);
    expect(readFileSync(join(directory.path, 'a.yaml'), 'utf8')).toBe('a: 1\n');
  });

  test('an encrypted key works with its passphrase only', async () => {
    await server.commit('app', { 'a.yaml': 'a: 1\n' });
    await using keys = await temporaryDirectory('git-keys');
    const key = join(keys.path, 'key');
    writeFileSync(key, server.identity, { mode: 0o600 });
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'phrase', '-f', key]);
    const credentials = { identity: readFileSync(key, 'utf8'), knownHosts: server.knownHosts };

    await expect(get({ ...credentials, passphrase: 'wrong' })).rejects.toThrow('ssh: handshake failed');
    expect((await get({ ...credentials, passphrase: 'phrase' })).commit).toBeDefined();
  });

  test('an unknown host and a changed host key are refused (SRC-GIT-22)', async () => {
    await server.commit('app', { 'a.yaml': 'a: 1\n' });
    await using other = await startSshGitServer();
    const { identity } = server;
    const changed = `${server.knownHosts.split(' ')[0]} ${other.knownHosts.split(' ').slice(1).join(' ')}`;
    const url = server.urlOf('app');

    await expect(get({ identity, knownHosts: '' })).rejects.toThrow(
      `unable to clone '${url}': ssh: handshake failed: knownhosts: key is unknown`,
    );
    await expect(get({ identity, knownHosts: changed })).rejects.toThrow(
      `unable to clone '${url}': ssh: handshake failed: knownhosts: key mismatch`,
    );
  });

  test('a key that is not accepted, and a repository that is not there', async () => {
    await using other = await startSshGitServer();
    const { knownHosts, identity } = server;

    await expect(get({ identity: other.identity, knownHosts })).rejects.toThrow(
      'ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported methods remain',
    );
    await expect(get({ identity, knownHosts }, 'gone')).rejects.toThrow('repository not found');
  });

  test('a user that the server does not know is refused like a wrong key', async () => {
    await server.commit('app', { 'a.yaml': 'a: 1\n' });
    const { identity, knownHosts } = server;
    const url = server.urlOf('app').replace(/\/\/[^@]+@/, '//nobody-here@');

    await expect(
      checkout({ url, ref: { branch: 'main' }, directory: directory.path, credentials: { identity, knownHosts } }),
    ).rejects.toThrow(
      `unable to clone '${url}': ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported methods remain`,
    );
  });

  test('a port where nothing listens is told as in Go', async () => {
    const { identity, knownHosts } = server;
    const gone = await startSshGitServer();
    const url = gone.urlOf('app');
    await gone.close();

    await expect(
      checkout({ url, ref: { branch: 'main' }, directory: directory.path, credentials: { identity, knownHosts } }),
    ).rejects.toThrow(`unable to clone '${url}': dial tcp ${new URL(url).host}: connect: connection refused`);
  });

  test('only Git commands run', async () => {
    writeFileSync(join(directory.path, 'key'), server.identity, { mode: 0o600 });
    const { username, port } = new URL(server.url);
    const options = ['StrictHostKeyChecking=no', `UserKnownHostsFile=${devNull}`, 'BatchMode=yes'];
    const args = ['-F', devNull, '-i', join(directory.path, 'key'), '-p', port, ...options.flatMap((o) => ['-o', o])];

    await expect(promisify(execFile)('ssh', [...args, `${username}@127.0.0.1`, 'id'])).rejects.toThrow(
      "unrecognized command 'id'",
    );
  });

  test('a host that looks like an option is no option', async () => {
    mkdirSync(join(directory.path, 'x'));
    const url = 'ssh://-oProxyCommand=touch%20pwned/app';

    await expect(checkout({ url, ref: { branch: 'main' }, directory: directory.path })).rejects.toMatchObject({
      code: 'GIT',
    });
  });
});
