import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { gitEnvironment } from './environment.ts';
import { checkout, commitFiles, createBareRepository, type GitServer, serveGit } from './index.ts';

let root: TemporaryDirectory;
let server: GitServer;
let directory: string;
let counter = 0;
const seen: (string | undefined)[] = [];
const author = { name: 'a', email: 'a@example.com' };
const bare = (name: string) => join(root.path, 'repos', `${name}.git`);

async function commit(name: string, files: Record<string, string | { symlink: string }>): Promise<string> {
  await createBareRepository(bare(name));
  return commitFiles(bare(name), { message: 'm', author, date: new Date(0), files });
}

/** Adds gitlinks, which commitFiles has no word for. */
async function commitWithLinks(name: string, files: Parameters<typeof commit>[1], links: Record<string, string>) {
  const parent = await commit(name, files);
  const input = [
    'commit refs/heads/main',
    'committer a <a@example.com> 0 +0000',
    'data 0',
    `from ${parent}`,
    ...Object.entries(links).map(([path, id]) => `M 160000 ${id} ${path}`),
    '',
  ].join('\n');
  const { status, stderr } = spawnSync('git', [`--git-dir=${bare(name)}`, 'fast-import', '--quiet'], {
    input,
    env: gitEnvironment(),
  });
  if (status !== 0) throw new Error(stderr.toString());
}

const modules = (entries: Record<string, string>) =>
  Object.entries(entries)
    .map(([path, url]) => `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n`)
    .join('');

beforeAll(async () => {
  root = await temporaryDirectory('git-submodules');
  mkdirSync(join(root.path, 'repos'));
  server = await serveGit({
    root: join(root.path, 'repos'),
    host: '127.0.0.1',
    port: 0,
    credentials: (repository) => {
      seen.push(repository);
      return repository.startsWith('private') ? { username: 'u', password: 'p' } : undefined;
    },
  });
});
afterAll(async () => {
  await server.close();
  await root[Symbol.asyncDispose]();
});
beforeEach(() => {
  directory = join(root.path, `out-${counter++}`);
  mkdirSync(directory);
});

const get = (name: string, more: Partial<Parameters<typeof checkout>[0]> = {}) =>
  checkout({ url: `${server.url}/${name}.git`, ref: { branch: 'main' }, directory, recurseSubmodules: true, ...more });

test('submodules are written recursively, relative URLs count from the parent (SRC-GIT-19)', async () => {
  const leaf = await commit('leaf', { 'leaf.yaml': 'leaf\n' });
  await commitWithLinks('middle', { '.gitmodules': modules({ leaf: '../leaf.git' }), m: '' }, { leaf });
  const middle = spawnSync('git', [`--git-dir=${bare('middle')}`, 'rev-parse', 'main'], {
    encoding: 'utf8',
  }).stdout.trim();
  await commitWithLinks(
    'top',
    { '.gitmodules': modules({ 'vendor/middle': `${server.url}/middle.git` }) },
    { 'vendor/middle': middle },
  );

  await get('top');

  expect(readFileSync(join(directory, 'vendor/middle/leaf/leaf.yaml'), 'utf8')).toBe('leaf\n');
  expect(readdirSync(directory, { recursive: true }).filter((path) => String(path).endsWith('.git'))).toEqual([]);
});

test('without the option a submodule is an empty directory', async () => {
  const leaf = await commit('leaf2', { x: '' });
  await commitWithLinks('plain', { '.gitmodules': modules({ leaf: '../leaf2.git' }) }, { leaf });

  await get('plain', { recurseSubmodules: false });

  expect(readdirSync(join(directory, 'leaf'))).toEqual([]);
});

test('a submodule of the same host gets the credentials of its parent, one elsewhere does not', async () => {
  const leaf = await commit('private-leaf', { x: 'secret' });
  await commitWithLinks('private-top', { '.gitmodules': modules({ leaf: '../private-leaf.git' }) }, { leaf });
  const elsewhere = server.url.replace('127.0.0.1', 'localhost');
  await commitWithLinks(
    'private-evil',
    { '.gitmodules': modules({ leaf: `${elsewhere}/private-leaf.git` }) },
    { leaf },
  );
  const credentials = { username: 'u', password: 'p' };

  await get('private-top', { credentials });
  expect(readFileSync(join(directory, 'leaf/x'), 'utf8')).toBe('secret');
  directory += '-evil';
  mkdirSync(directory);
  await expect(get('private-evil', { credentials })).rejects.toThrow('authentication required');
});

test('a submodule cannot come from a local path, or without a URL', async () => {
  const leaf = await commit('leaf3', { x: '' });
  await commitWithLinks('local', { '.gitmodules': modules({ l: bare('leaf3') }) }, { l: leaf });
  await commitWithLinks('nameless', {}, { l: leaf });

  await expect(get('local')).rejects.toMatchObject({ code: 'GIT' });
  await expect(get('nameless')).rejects.toThrow("no url found for submodule path 'l' in .gitmodules");
});

test('a repository that contains itself ends', async () => {
  // The commit of a link cannot be the commit that holds it, but the chain can be made as long as one likes.
  let id = await commit('chain', { x: '' });
  for (let index = 0; index < 12; index++) {
    await commitWithLinks('chain', { '.gitmodules': modules({ n: `${server.url}/chain.git` }) }, { n: id });
    id = spawnSync('git', [`--git-dir=${bare('chain')}`, 'rev-parse', 'main'], { encoding: 'utf8' }).stdout.trim();
  }

  await expect(get('chain')).rejects.toThrow('submodules are nested deeper than 10');
});
