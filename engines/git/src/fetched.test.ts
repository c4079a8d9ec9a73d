import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resolveEndpoint } from './credentials.ts';
import type { Fetched } from './fetched.ts';
import { fetchIntoMemory } from './fetched-in-memory.ts';
import { fetchOntoDisk } from './fetched-on-disk.ts';
import { commitFiles, createBareRepository, serveGit } from './index.ts';
import { pktLine } from './pkt-line.ts';
import { openSession } from './remote-session.ts';

let directory: TemporaryDirectory;
const closers: (() => unknown)[] = [];

beforeEach(async () => {
  directory = await temporaryDirectory('fetched-test');
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await directory[Symbol.asyncDispose]();
});

/** Everything of a folder: content, mode and links by path. */
function describeTree(root: string): Record<string, string> {
  const paths = readdirSync(root, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    paths.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(root.length + 1);
      if (entry.isSymbolicLink()) return [name, `-> ${readlinkSync(path)}`];
      if (entry.isDirectory()) return [name, 'directory'];
      return [
        name,
        `${(statSync(path).mode & 0o111) !== 0} ${createHash('sha1').update(readFileSync(path)).digest('hex')}`,
      ];
    }),
  );
}

test('memory and disk give the same objects and files, deltas and all', async () => {
  const gitDir = join(directory.path, 'repos', 'app.git');
  mkdirSync(join(directory.path, 'repos'));
  await createBareRepository(gitDir);
  const author = { name: 'a', email: 'a@b' };
  const lines = Array.from({ length: 3000 }, (_, index) => `line ${index * 7919}`);
  const files = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [`deep/${index % 3}/f${index}`, lines.slice(index).join('\n')]),
  );
  const id = await commitFiles(gitDir, {
    message: 'first',
    author,
    date: new Date(0),
    tag: 'v1',
    annotated: true,
    files: {
      ...files,
      'run.sh': { executable: 'x' },
      link: { symlink: '../../outside' },
      'ü "quoted"\n': 'odd',
      empty: '',
      '.gitmodules': '[x]\n',
    },
  });
  spawnSync('git', [`--git-dir=${gitDir}`, 'repack', '-adfq']);
  const server = await serveGit({ root: join(directory.path, 'repos'), host: '127.0.0.1', port: 0 });
  closers.push(() => server.close());
  const endpoint = resolveEndpoint({ url: `${server.url}/app.git` });
  await using session = await openSession(endpoint);
  const tagId = session.remote.refs.get('refs/tags/v1')!;
  await using memory = await fetchIntoMemory(session, new Map([['refs/tags/v1', tagId]]), undefined);
  await using disk = await fetchOntoDisk({ endpoint, wants: ['refs/tags/v1'], depth: 1 });

  const read = async (fetched: Fetched, sparse: string[]) => {
    const out = join(directory.path, `${fetched === memory ? 'memory' : 'disk'}-${sparse.length}`);
    mkdirSync(out);
    await fetched.write(id, out, sparse);
    return { tree: await fetched.listTree(id), tag: await fetched.read('refs/tags/v1'), files: describeTree(out) };
  };
  expect(await read(memory, [])).toEqual(await read(disk, []));
  expect(await read(memory, ['deep/1', 'emp'])).toEqual(await read(disk, ['deep/1', 'emp']));
  expect(await memory.readFile(id, '.gitmodules')).toBe(await disk.readFile(id, '.gitmodules'));
  expect(await memory.readFile(id, 'gone')).toBe(await disk.readFile(id, 'gone'));
  expect(await memory.read('0'.repeat(40))).toBeUndefined();
});

type Objects = { type: 1 | 2 | 3; content: Buffer }[];

/** A server that sends what no git would pack. */
async function hostile(objects: Objects, commit: string): Promise<string> {
  const head = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1');
  head.writeUInt32BE(objects.length, 8);
  const body = Buffer.concat([
    head,
    ...objects.flatMap(({ type, content }) => [
      Buffer.from([
        (type << 4) | (content.length & 15) | 128,
        ((content.length >> 4) & 127) | 128,
        content.length >> 11,
      ]),
      deflateSync(content),
    ]),
  ]);
  const pack = Buffer.concat([body, createHash('sha1').update(body).digest()]);
  const server: Server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.setHeader('content-type', 'application/x-git-upload-pack-advertisement');
      response.end(
        `${pktLine('# service=git-upload-pack\n')}0000${pktLine(`${commit} refs/heads/main\0shallow ofs-delta\n`)}0000`,
      );
    } else response.end(Buffer.concat([Buffer.from(`${pktLine(`shallow ${commit}\n`)}0000${pktLine('NAK\n')}`), pack]));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close() && server.closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.git`;
}

const idOf = (kind: string, content: Buffer) =>
  createHash('sha1').update(`${kind} ${content.length}\0`).update(content).digest('hex');
const item = (mode: string, name: string, id: string) =>
  Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]);

/** A commit whose root tree is made by hand. */
async function writeHostile(build: (ids: { blob: string; link: string; tree: string }) => Buffer[]): Promise<string> {
  const [blob, link] = [Buffer.from('evil'), Buffer.from(join(directory.path, 'outside'))];
  const inner = item('100644', 'planted', idOf('blob', blob));
  const ids = { blob: idOf('blob', blob), link: idOf('blob', link), tree: idOf('tree', inner) };
  const root = Buffer.concat(build(ids));
  const commit = Buffer.from(`tree ${idOf('tree', root)}\nauthor a <a@b> 0 +0000\ncommitter a <a@b> 0 +0000\n\nm\n`);
  const id = idOf('commit', commit);
  const objects: Objects = [
    { type: 1, content: commit },
    { type: 2, content: root },
    { type: 2, content: inner },
    { type: 3, content: blob },
    { type: 3, content: link },
  ];
  mkdirSync(join(directory.path, 'outside'));
  mkdirSync(join(directory.path, 'out'));
  await using session = await openSession(resolveEndpoint({ url: await hostile(objects, id) }));
  await using fetched = await fetchIntoMemory(session, new Map([['refs/heads/main', id]]), undefined);
  await fetched.write(id, join(directory.path, 'out'), []);
  return id;
}

test('an honest tree made by hand is written', async () => {
  await writeHostile(({ blob, tree }) => [item('100644', 'a', blob), item('40000', 'd', tree)]);

  expect(describeTree(join(directory.path, 'out'))['d/planted']).toBeDefined();
});

test.each<[string, (ids: { blob: string; link: string; tree: string }) => Buffer[]]>([
  ['a folder in the place of a symlink', ({ link, tree }) => [item('120000', 'a', link), item('40000', 'a', tree)]],
  ['a file in the place of a symlink', ({ link, blob }) => [item('120000', 'a', link), item('100644', 'a', blob)]],
  ['a submodule in the place of a symlink', ({ link, blob }) => [item('120000', 'a', link), item('160000', 'a', blob)]],
  ['a name that climbs out', ({ blob }) => [item('100644', '../outside/planted', blob)]],
  ['a folder called ..', ({ tree }) => [item('40000', '..', tree)]],
  ['a tree that is no tree', ({ blob }) => [item('40000', 'a', blob)]],
  ['an object that was not sent', () => [item('100644', 'a', '0'.repeat(40))]],
])('%s is refused and nothing lands outside', async (_title, build) => {
  await expect(writeHostile(build)).rejects.toThrow();

  expect(existsSync(join(directory.path, 'outside/planted'))).toBe(false);
});

test('a tree that holds itself many times over is given up', async () => {
  // Ten levels of ten references to the next level: ten thousand million files in a few hundred bytes.
  const blob = Buffer.from('x');
  let level = Buffer.concat(Array.from({ length: 10 }, (_, index) => item('100644', `${index}`, idOf('blob', blob))));
  const objects: Objects = [{ type: 3, content: blob }];
  for (let depth = 0; depth < 10; depth++) {
    objects.push({ type: 2, content: level });
    const id = idOf('tree', level);
    level = Buffer.concat(Array.from({ length: 10 }, (_, index) => item('40000', `${index}`, id)));
  }
  const commit = Buffer.from(`tree ${idOf('tree', level)}\nauthor a <a@b> 0 +0000\ncommitter a <a@b> 0 +0000\n\nm\n`);
  objects.push({ type: 2, content: level }, { type: 1, content: commit });
  const id = idOf('commit', commit);
  await using session = await openSession(resolveEndpoint({ url: await hostile(objects, id) }));
  await using fetched = await fetchIntoMemory(session, new Map([['x', id]]), undefined);

  await expect(fetched.write(id, directory.path, ['nothing'])).rejects.toThrow('the tree is too big');
  await expect(fetched.listTree(id)).rejects.toThrow('the tree is too big');
});
