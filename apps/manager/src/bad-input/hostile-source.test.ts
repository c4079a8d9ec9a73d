import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { GitRepository } from '@flux/api';
import { startEmbeddedCluster, startGitServer } from '@flux/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { configMap, Fleet, reasonOf, type Team } from './fleet.ts';

let fleet: Fleet;
let other: Team;
let team: Team;
let version = 0;

beforeAll(async () => {
  const [embedded, git] = await Promise.all([startEmbeddedCluster(), startGitServer()]);
  const close = async () => {
    await git.close();
    await embedded.close();
  };
  fleet = await Fleet.start({ cluster: embedded.cluster, git, close });
  other = await fleet.team();
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

beforeEach(async () => {
  team = await fleet.team();
});
afterEach(async () => {
  await other.deploy({ 'deploy/version.yaml': configMap('version', { version: String(++version) }) });
  expect(await team.find('kept')).toBeDefined();
});

function messageOf(object: GitRepository): string | undefined {
  return object.status?.conditions?.find(({ type }) => type === 'Ready')?.message;
}

describe('a repository that cannot be read leaves what runs as it is', () => {
  const clone = (url: string) => `failed to checkout and determine revision: unable to clone '${url}': `;
  const list = (url: string) => `failed to checkout and determine revision: unable to list remote for '${url}': `;

  test('when it is not found', async () => {
    const url = team.url.replace('app.git', 'gone.git');
    await team.request({ source: { url } });
    const failed = await team.sourceFailed();

    expect(reasonOf(failed)).toBe('GitOperationFailed');
    expect(messageOf(failed)).toBe(`${list(url)}repository not found: `);
  });

  test('when the branch is missing', async () => {
    await team.request({ source: { ref: { branch: 'gone' } } });
    const failed = await team.sourceFailed();

    expect(reasonOf(failed)).toBe('GitOperationFailed');
    expect(messageOf(failed)).toBe(`${clone(team.url)}couldn't find remote ref "refs/heads/gone"`);
  });

  test('when it asks for other credentials, which nothing repeats', async () => {
    team.protect({ username: 'user', password: 'correct' });
    await team.secret('login', { username: 'user', password: 'hunter2' });
    await team.request({ source: { secretRef: { name: 'login' } } });
    const failed = await team.sourceFailed();

    expect(reasonOf(failed)).toBe('GitOperationFailed');
    expect(messageOf(failed)).toBe(`${list(team.url)}authentication required: Unauthorized\n`);
    expect(JSON.stringify(failed)).not.toContain('hunter2');
  });
});

describe('an artifact that is an attack is refused', () => {
  let server: Server;
  let content: Uint8Array;

  beforeAll(async () => {
    server = createServer((_request, response) => response.end(content));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => void server.close());

  const offer = async (archive: Uint8Array, digest = sha256(archive)) => {
    content = archive;
    const { port } = server.address() as AddressInfo;
    await team.offerArtifact({ url: `http://127.0.0.1:${port}/${digest}.tar.gz`, digest });
    const { status } = await team.failed();
    expect(status?.inventory?.entries).toHaveLength(1);
    return status?.conditions?.find(({ type }) => type === 'Ready');
  };

  test.each(['../evil.yaml', '/tmp/evil.yaml', 'deploy/../../evil.yaml'])('a tarball with %s', async (name) => {
    const ready = await offer(gzipSync(tar({ name, body: configMap('evil') })));

    expect(ready?.reason).toBe('ArtifactFailed');
    expect(ready?.message).toMatch(/evil\.yaml/);
    expect(await team.find('evil')).toBeUndefined();
  });

  test('a tarball of another digest', async () => {
    const digest = sha256(Buffer.from('another'));
    const ready = await offer(gzipSync(tar({ name: 'deploy/evil.yaml', body: configMap('evil') })), digest);

    expect(ready?.reason).toBe('ArtifactFailed');
    expect(ready?.message).toMatch(
      new RegExp(`^failed to verify archive: computed digest doesn't match provided '${digest}'`),
    );
  });

  test('a tarball of a few kilobytes that unpacks to a hundred megabytes of nothing', async () => {
    const ready = await offer(gzipSync(tar({ name: 'deploy/bomb.yaml', body: Buffer.alloc(100 * 1024 * 1024) })));

    expect(ready?.reason).toBe('BuildFailed');
    expect(ready?.message).toMatch(/bomb\.yaml.*control characters are not allowed/);
  });

  test('what is no tarball', async () => {
    expect((await offer(Buffer.from('hello')))?.reason).toBe('ArtifactFailed');
  });
});

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** An archive of one file, by hand, since a packer would not take such names. */
function tar({ name, body }: { name: string; body: string | Uint8Array }): Uint8Array {
  const bytes = Buffer.from(body);
  const header = Buffer.alloc(512);
  header.write(name);
  header.write('0000644\0', 100);
  header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        0', 148);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, bytes, Buffer.alloc(((512 - (bytes.length % 512)) % 512) + 1024)]);
}
