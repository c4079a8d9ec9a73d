import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type CheckoutOptions,
  type CommitRequest,
  checkout,
  commitFiles,
  createBareRepository,
  type GitServer,
  serveGit,
} from './index.ts';

let root: TemporaryDirectory;
let server: GitServer;
let directory: string;
let counter = 0;
let minute = 0;
const commits: Record<string, string> = {};

const author = { name: 'Golden', email: 'golden@example.com' };
const url = (name: string) => `${server.url}/${name}.git`;
const bare = (name: string) => join(root.path, 'repos', `${name}.git`);

async function commit(name: string, files: CommitRequest['files'], more: Partial<CommitRequest> = {}): Promise<string> {
  await createBareRepository(bare(name));
  minute++;
  return commitFiles(bare(name), {
    message: `commit ${minute}`,
    author,
    date: new Date(1767225600000 + minute * 60000),
    files,
    ...more,
  });
}

beforeAll(async () => {
  root = await temporaryDirectory('git-test');
  mkdirSync(join(root.path, 'repos'));
  server = await serveGit({
    root: join(root.path, 'repos'),
    host: '127.0.0.1',
    port: 0,
    credentials: (repository) => (repository === 'private.git' ? { username: 'user', password: 'correct' } : undefined),
  });
  commits['1'] = await commit('app', { 'deploy/a.yaml': 'a: 1\n', 'README.md': '# app\n' }, { tag: 'v1.0.0' });
  commits['2'] = await commit('app', { 'README.md': '2\n' }, { tag: 'v1.1.0', annotated: true });
  commits['3'] = await commit('app', { 'README.md': '3\n' }, { tag: 'v2.0.0-rc.1' });
  commits['4'] = await commit('app', { 'README.md': '4\n' });
  commits['side'] = await commit('app', { 'side.txt': 'x' }, { branch: 'feature/side', from: 'main' });
  await commit('private', { x: '1' });
  await createBareRepository(bare('empty'));
});

afterAll(async () => {
  await server.close();
  await root[Symbol.asyncDispose]();
});

beforeEach(() => {
  directory = join(root.path, `out-${counter++}`);
  mkdirSync(directory);
});

const get = (ref: CheckoutOptions['ref'], more: Partial<CheckoutOptions> = {}) =>
  checkout({ url: url('app'), directory, timeoutMs: 20_000, ...(ref ? { ref } : {}), ...more });

describe('references (SRC-GIT-10..15)', () => {
  test.each([
    ['branch', { branch: 'main' }, 'main@sha1:', '4'],
    ['branch with a slash', { branch: 'feature/side' }, 'feature/side@sha1:', 'side'],
    ['tag', { tag: 'v1.0.0' }, 'v1.0.0@sha1:', '1'],
    ['annotated tag', { tag: 'v1.1.0' }, 'v1.1.0@sha1:', '2'],
    ['semver', { semver: '>=1.0.0' }, 'v1.1.0@sha1:', '2'],
    ['semver with pre-releases', { semver: '>=1.0.0-0' }, 'v2.0.0-rc.1@sha1:', '3'],
    ['name of a branch', { name: 'refs/heads/main' }, 'refs/heads/main@sha1:', '4'],
    ['name of a tag', { name: 'refs/tags/v1.1.0' }, 'refs/tags/v1.1.0@sha1:', '2'],
    ['peeled name', { name: 'refs/tags/v1.1.0^{}' }, 'refs/tags/v1.1.0^{}@sha1:', '2'],
    ['tag before semver and branch', { branch: 'main', tag: 'v1.0.0', semver: '1.x' }, 'v1.0.0@sha1:', '1'],
  ] as const)('%s', async (_title, ref, prefix, want) => {
    const result = await get(ref);

    expect(result.revision).toBe(prefix + commits[want]);
    expect(result.commit?.hash).toBe(commits[want]);
    expect(existsSync(join(directory, '.git'))).toBe(false);
    expect(readFileSync(join(directory, 'deploy/a.yaml'), 'utf8')).toBe('a: 1\n');
  });

  test('a commit is found in the history, with or without its branch', async () => {
    expect((await get({ commit: commits['4']! })).revision).toBe(`sha1:${commits['4']}`);
    directory += 'b';
    mkdirSync(directory);
    expect((await get({ branch: 'main', commit: commits['1']! })).revision).toBe(`main@sha1:${commits['1']}`);
    expect(readFileSync(join(directory, 'README.md'), 'utf8')).toBe('# app\n');
  });

  test('a commit of another branch is not found in the named one', async () => {
    await expect(get({ branch: 'main', commit: commits['side']! })).rejects.toThrow(
      `unable to resolve commit object for '${commits['side']}': object not found`,
    );
  });

  test('commit and tag objects carry author, message and tagger', async () => {
    const result = await get({ tag: 'v1.1.0' });

    expect(result.commit).toMatchObject({ message: 'commit 2', author, signature: '' });
    expect(result.tag).toMatchObject({ name: 'v1.1.0', message: 'commit 2', tagger: author });
    directory += 'b';
    mkdirSync(directory);
    expect((await get({ branch: 'main' })).tag).toBeUndefined();
  });

  test('of tags that differ in build metadata the newest commit wins', async () => {
    await commit('meta', { x: '1' }, { tag: 'v1.0.0+b' });
    const newest = await commit('meta', { x: '2' }, { tag: 'v1.0.0+a' });
    await commit('meta', { x: '3' }, { tag: 'v1.0' });

    expect((await get({ semver: '1.x' }, { url: url('meta') })).revision).toBe(`v1.0.0+a@sha1:${newest}`);
  });

  test('a known revision is not fetched again (SRC-GIT-16)', async () => {
    const known = await get({ branch: 'main' }, { knownRevision: `main/${commits['4']}` });
    expect(known).toMatchObject({ revision: `main@sha1:${commits['4']}`, commit: undefined });
    expect(readdirSync(directory)).toEqual([]);

    const annotated = await get({ tag: 'v1.1.0' }, { knownRevision: `v1.1.0@sha1:${commits['2']}` });
    expect(annotated.commit).toBeUndefined();
    const moved = await get({ branch: 'main' }, { knownRevision: `main@sha1:${commits['1']}` });
    expect(moved.commit?.hash).toBe(commits['4']);
  });
});

describe('failures in the words of go-git (SRC-GIT-33)', () => {
  test.each([
    [{ branch: 'nope' }, `couldn't find remote ref "refs/heads/nope"`],
    [{ tag: 'v9' }, `couldn't find remote ref "refs/tags/v9"`],
    [
      { branch: '--upload-pack=touch /tmp/pwned' },
      `couldn't find remote ref "refs/heads/--upload-pack=touch /tmp/pwned"`,
    ],
    [{ branch: 'main:refs/heads/other' }, `couldn't find remote ref "refs/heads/main:refs/heads/other"`],
    [undefined, `couldn't find remote ref "refs/heads/master"`],
  ])('%j cannot be cloned', async (ref, tail) => {
    await expect(get(ref)).rejects.toThrow(`unable to clone '${url('app')}': ${tail}`);
  });

  test.each([
    [{ semver: '>=9.0.0' }, 'no match found for semver: >=9.0.0'],
    [{ semver: 'abc' }, 'semver parse error: improper constraint: "abc"'],
    [{ name: 'refs/heads/nope' }, "unable to resolve ref 'refs/heads/nope' to a specific commit"],
    [{ name: '--exec=x/y' }, "unable to resolve ref '--exec=x/y' to a specific commit"],
    [{ name: '/refs/heads/main' }, "ref /refs/heads/main is invalid; Git refs cannot begin or end with a slash '/'"],
    [
      { commit: 'deadbeef'.repeat(5) },
      `unable to resolve commit object for '${'deadbeef'.repeat(5)}': object not found`,
    ],
    [{ commit: '--all' }, "unable to resolve commit object for '--all': object not found"],
  ])('%j is not there', async (ref, message) => {
    await expect(get(ref)).rejects.toThrow(expect.objectContaining({ message }));
  });

  test('an empty repository is its own failure (SRC-GIT-18)', async () => {
    await expect(get({ branch: 'main' }, { url: url('empty') })).rejects.toMatchObject({
      failure: 'emptyRepository',
      message: 'git repository is empty',
    });
  });

  test('a repository that is not there, and a server that is not there', async () => {
    await expect(get({ branch: 'main' }, { url: url('gone') })).rejects.toThrow(
      expect.objectContaining({ message: `unable to clone '${url('gone')}': repository not found: ` }),
    );
    const refused = 'http://127.0.0.1:1/app.git';
    await expect(get({ branch: 'main' }, { url: refused })).rejects.toThrow(
      `unable to clone '${refused}': Get "${refused}/info/refs?service=git-upload-pack": dial tcp 127.0.0.1:1: connect: connection refused`,
    );
    await expect(get({ name: 'refs/heads/x' }, { url: refused })).rejects.toThrow(
      `unable to list remote for '${refused}': `,
    );
    await expect(get({ branch: 'x' }, { url: refused, knownRevision: 'x@sha1:0' })).rejects.toThrow(
      'unable to list remote',
    );
  });

  test('missing and wrong credentials show the body of the answer', async () => {
    const message = `unable to clone '${url('private')}': authentication required: Unauthorized\n`;

    await expect(get({ branch: 'main' }, { url: url('private') })).rejects.toThrow(
      expect.objectContaining({ message }),
    );
    for (const credentials of [{ username: 'user', password: 'wrong' }, { username: 'user' }, { bearerToken: 't' }]) {
      await expect(get({ branch: 'main' }, { url: url('private'), credentials })).rejects.toThrow(
        expect.objectContaining({ message }),
      );
    }
  });

  test.each(['file:///etc', 'ext::sh -c id', 'git://host/x', 'not a url'])('%s is no remote', async (target) => {
    await expect(get({ branch: 'main' }, { url: target })).rejects.toMatchObject({ code: 'GIT' });
  });

  test('a server that sends without end, or nothing, is given up', async () => {
    const hostile = createServer((request, response) => {
      if (request.url?.startsWith('/silent')) return;
      response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' });
      if (request.url?.startsWith('/garbage')) response.end('zzzz');
      else response.end('<html>');
    });
    await new Promise<void>((resolve) => hostile.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(hostile.address() as AddressInfo).port}`;

    await expect(get({ branch: 'main' }, { url: `${base}/silent`, timeoutMs: 100 })).rejects.toThrow(
      `unable to clone '${base}/silent': context deadline exceeded`,
    );
    await expect(get({ branch: 'main' }, { url: `${base}/garbage` })).rejects.toThrow('invalid pkt-len found');
    hostile.closeAllConnections();
    hostile.close();
  });
});

describe('credentials', () => {
  test('work from the secret and from the URL', async () => {
    const credentials = { username: 'user', password: 'correct' };
    expect((await get({ branch: 'main' }, { url: url('private'), credentials })).commit).toBeDefined();

    const withUser = url('private').replace('://', '://user:correct@');
    directory += 'b';
    mkdirSync(directory);
    expect((await get({ branch: 'main' }, { url: withUser })).commit).toBeDefined();
  });

  test('a bearer token and a user in the URL exclude each other (SRC-GIT-20)', async () => {
    const withUser = url('private').replace('://', '://user:x@');

    await expect(get({ branch: 'main' }, { url: withUser, credentials: { bearerToken: 't' } })).rejects.toThrow(
      'basic auth and bearer token cannot be set at the same time',
    );
  });

  test('a rewritten URL is used, the original one is shown', async () => {
    const original = 'https://github.com/stefanprodan/app';
    const rewriteUrl = (text: string) => text.replace(original, url('app'));

    expect((await get({ branch: 'main' }, { url: original, rewriteUrl })).commit).toBeDefined();
    await expect(get({ branch: 'nope' }, { url: original, rewriteUrl })).rejects.toThrow(
      `unable to clone '${original}'`,
    );
  });
});

describe('files', () => {
  test('modes and symlinks are kept, and .gitattributes changes nothing', async () => {
    await commit('modes', {
      'run.sh': { executable: '#!/bin/sh\n' },
      link: { symlink: '/etc/passwd' },
      '.gitattributes': '* text eol=crlf ident\n*.txt export-subst filter=evil\n',
      'a.txt': 'one\n$Id$\n',
    });
    await get({ branch: 'main' }, { url: url('modes') });

    expect(lstatSync(join(directory, 'run.sh')).mode & 0o111).not.toBe(0);
    expect(lstatSync(join(directory, 'link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(directory, 'a.txt'), 'utf8')).toBe('one\n$Id$\n');
  });

  test('a sparse checkout takes paths by plain prefix (SRC-GIT-32)', async () => {
    await commit('sparse', { 'charts/a': '', 'charts-old/x': '', 'deploy/b': '', root: '' });
    await get({ branch: 'main' }, { url: url('sparse'), sparse: ['./charts', 'nope'] });

    expect(readdirSync(directory).sort()).toEqual(['charts', 'charts-old']);
  });
});
