import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gitEnvironment } from './environment.ts';
import {
  commitFiles,
  createBareRepository,
  type GitServer,
  listRemote,
  type PushNotification,
  serveGit,
} from './index.ts';
import { runGit } from './run-git.ts';

let root: TemporaryDirectory;
let server: GitServer;
let pushes: PushNotification[];

beforeEach(async () => {
  root = await temporaryDirectory('git-server');
  mkdirSync(join(root.path, 'repos'));
  writeFileSync(join(root.path, 'repos', 'plain.txt'), 'x');
  pushes = [];
  server = await serveGit({
    root: join(root.path, 'repos'),
    host: '127.0.0.1',
    port: 0,
    onPush: (push) => pushes.push(push),
  });
});
afterEach(async () => {
  await server.close();
  await root[Symbol.asyncDispose]();
});

function git(directory: string, ...args: string[]) {
  const identity = {
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@b',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@b',
  };
  return new Promise<string>((resolve, reject) => {
    runGit(args, { environment: gitEnvironment([], identity), directory }).then(
      ({ exitCode, stderr, stdout }) => (exitCode === 0 ? resolve(stdout.toString()) : reject(new Error(stderr))),
      reject,
    );
  });
}

test('a clone with a large push comes back, and the push is announced', async () => {
  await createBareRepository(join(root.path, 'repos/team/fleet.git'));
  const url = `${server.url}/team/fleet.git`;
  await git(root.path, 'clone', '-q', url, 'work');
  const work = join(root.path, 'work');
  writeFileSync(join(work, 'big'), Buffer.alloc(3_000_000, 'abcdefg1234'));
  await git(work, 'checkout', '-q', '-b', 'main');
  await git(work, 'add', '.');
  await git(work, 'commit', '-q', '-m', 'first');
  await git(work, 'tag', 'v1');
  await git(work, 'push', '-q', 'origin', 'main', 'v1');

  const id = (await git(work, 'rev-parse', 'HEAD')).trim();
  expect((await listRemote({ url })).refs.get('refs/heads/main')).toBe(id);
  await expect.poll(() => pushes).toHaveLength(1);
  expect(pushes).toEqual([
    {
      repository: 'team/fleet.git',
      updates: [
        { before: '0'.repeat(40), after: id, ref: 'refs/heads/main' },
        { before: '0'.repeat(40), after: id, ref: 'refs/tags/v1' },
      ],
    },
  ]);
  await git(work, 'push', '-q', 'origin', ':v1');
  await expect.poll(() => pushes).toHaveLength(2);
  expect(pushes[1]?.updates).toEqual([{ before: id, after: '0'.repeat(40), ref: 'refs/tags/v1' }]);
});

test('a refused push is not announced', async () => {
  const gitDir = join(root.path, 'repos/fleet.git');
  await createBareRepository(gitDir);
  const author = { name: 'a', email: 'a@b' };
  await commitFiles(gitDir, { message: '1', author, date: new Date(0), files: { a: '1' } });
  await git(root.path, 'clone', '-q', `${server.url}/fleet.git`, 'work');
  await commitFiles(gitDir, { message: '2', author, date: new Date(1000), files: { a: '2' } });
  const work = join(root.path, 'work');
  await git(work, 'commit', '-q', '--allow-empty', '-m', 'other');

  await expect(git(work, 'push', '-q', 'origin', 'HEAD:main')).rejects.toThrow('rejected');
  expect(pushes).toEqual([]);
});

test.each([
  '/plain.txt',
  '/../plain.txt',
  '/fleet.git/config',
  '/fleet.git/../fleet.git/info/refs',
  '/.hidden/info/refs',
  '/%2e%2e/x/info/refs',
  '/',
])('%s is not served', async (path) => {
  await createBareRepository(join(root.path, 'repos/fleet.git'));
  const { hostname, port } = new URL(server.url);
  const status = await new Promise((resolve, reject) => {
    request({ hostname, port, path }, (answer) => resolve(answer.resume().statusCode))
      .on('error', reject)
      .end();
  });

  expect(status).toBe(404);
});

test('a process that says too much, or lives too long, is ended', async () => {
  await createBareRepository(join(root.path, 'repos/fleet.git'));
  const environment = gitEnvironment();
  const directory = join(root.path, 'repos/fleet.git');

  await expect(runGit(['help', '-a'], { environment, directory, maxOutputBytes: 10 })).rejects.toThrow(
    'output of git help exceeds 10 bytes',
  );
  const stop = new AbortController();
  const pending = runGit(['-c', 'alias.wait=!sleep 600', 'wait'], { environment, directory, signal: stop.signal });
  stop.abort(new Error('stopped'));
  await expect(pending).rejects.toThrow('stopped');
});
