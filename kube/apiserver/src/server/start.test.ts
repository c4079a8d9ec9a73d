import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataDirectoryError, ListenError, startApiServer } from '../index.ts';
import { configMap, DirectClient } from '../testing/direct-client.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const quiet = { controllers: false } as const;

describe('a server with a data directory', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'apiserver-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('has its objects, identity and revision again after a restart, and no history', async () => {
    const first = await DirectClient.start({ ...quiet, dataDirectory: folder });
    const { metadata } = await first.create(maps, configMap('kept', { a: '1' }));
    const kubeconfig = first.server.caPem;
    await first.close();
    const second = await DirectClient.start({ ...quiet, dataDirectory: folder });
    try {
      expect(await second.get(`${maps}/kept`)).toMatchObject({ metadata, data: { a: '1' } });
      expect(second.server.caPem).toBe(kubeconfig);
      const next = await second.create(maps, configMap('next'));
      expect(Number(next.metadata.resourceVersion)).toBeGreaterThan(Number(metadata.resourceVersion));
      for await (const event of second.watch(maps, { resourceVersion: '1' })) {
        expect(event).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
      }
    } finally {
      await second.close();
    }
  });

  it('keeps every acknowledged write when it is killed', async () => {
    const program = new URL('../testing/write-until-killed.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const acknowledged: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(line);
      if (acknowledged.length === 200) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const client = await DirectClient.start({ ...quiet, dataDirectory: folder });
    try {
      const { items } = await client.get(maps);
      const names = new Set(items.map(({ metadata }) => metadata.name));
      expect(acknowledged.length).toBeGreaterThanOrEqual(200);
      expect(acknowledged.filter((name) => !names.has(name))).toEqual([]);
    } finally {
      await client.close();
    }
  });

  it('says who has the directory when it is in use, and leaves that server working', async () => {
    const first = await DirectClient.start({ ...quiet, dataDirectory: folder });
    try {
      const second = startApiServer({ ...quiet, dataDirectory: folder });
      await expect(second).rejects.toBeInstanceOf(DataDirectoryError);
      await expect(second).rejects.toThrow(String(process.pid));
      expect((await first.send('POST', maps, configMap('fine'))).status).toBe(201);
    } finally {
      await first.close();
    }
  });

  it('copies its state while it answers; the copy is a server of its own', async () => {
    const first = await DirectClient.start({ ...quiet, dataDirectory: join(folder, 'first') });
    const second = join(folder, 'second');
    await mkdir(second);
    try {
      await first.create(maps, configMap('before', { a: '1' }));
      const copying = first.server.copyState(join(second, 'state.db'));
      await first.create(maps, configMap('meanwhile'));
      await copying;
    } finally {
      await first.close();
    }
    const copy = await DirectClient.start({ ...quiet, dataDirectory: second });
    try {
      expect(await copy.get(`${maps}/before`)).toMatchObject({ data: { a: '1' } });
      expect((await stat(join(second, 'state.db'))).mode & 0o077).toBe(0);
    } finally {
      await copy.close();
    }
  });

  it('keeps keys and state from other users', async () => {
    await (await DirectClient.start({ ...quiet, dataDirectory: folder })).close();
    for (const name of await readdir(folder)) {
      expect([name, (await stat(join(folder, name))).mode & 0o077]).toEqual([name, 0]);
    }
  });

  it('names a data directory that is a file', async () => {
    const started = startApiServer({ ...quiet, dataDirectory: new URL(import.meta.url).pathname });
    await expect(started).rejects.toBeInstanceOf(DataDirectoryError);
    await expect(started).rejects.toThrow('start.test.ts');
  });
});

it('names an address that is taken', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  try {
    const started = startApiServer({ ...quiet, port });
    await expect(started).rejects.toBeInstanceOf(ListenError);
    await expect(started).rejects.toThrow(String(port));
  } finally {
    other.close();
  }
});
