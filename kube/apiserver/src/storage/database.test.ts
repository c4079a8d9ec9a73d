import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataDirectoryError, StorageWriteError } from '../errors.ts';
import { surviveKills } from '../testing/kill-rounds.ts';
import { contentsOf, countBatches, writeBatch } from '../testing/numbered-writes.ts';
import { Database } from './database.ts';
import { openDatabase } from './open-database.ts';
import { Store } from './store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'storage-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function openStore(directory = folder): Promise<Store> {
  const database = await Database.open(directory);
  try {
    return new Store({ database });
  } catch (error) {
    database.close();
    throw error;
  }
}

async function write(store: Store, from: number, to: number): Promise<void> {
  for (let batch = from; batch < to; batch++) {
    writeBatch(store, batch);
    await store.settled();
  }
}

function contentsAfter(batches: number): Map<string, unknown> {
  const store = new Store();
  for (let batch = 0; batch < batches; batch++) writeBatch(store, batch);
  return contentsOf(store);
}

it('loses no acknowledged write and keeps no half of a batch when its process is killed', () =>
  surviveKills(folder, 3));

describe('a directory with 40 batches in its file and 20 in its log', () => {
  const [inFile, all] = [40, 60];
  let copy: string;
  beforeEach(async () => {
    const first = await openStore();
    await write(first, 0, inFile);
    await first.close(); // writes the log into the file
    const second = await openStore();
    await write(second, inFile, all);
    copy = join(folder, 'copy');
    await mkdir(copy);
    for (const name of ['state.db', 'state.db-wal']) await copyFile(join(folder, name), join(copy, name));
    await second.close();
  });

  it('goes back to a whole batch when the log is cut anywhere, and never behind the file', async () => {
    const log = await readFile(join(copy, 'state.db-wal'));
    const file = await readFile(join(copy, 'state.db'));
    const seen = new Set<number>();
    for (let length = log.length; length >= 0; length -= Math.ceil(log.length / 25)) {
      await writeFile(join(copy, 'state.db'), file);
      await writeFile(join(copy, 'state.db-wal'), log.subarray(0, length));
      const store = await openStore(copy);
      const batches = countBatches(store);
      expect(batches).toBeGreaterThanOrEqual(inFile);
      expect(contentsOf(store)).toEqual(contentsAfter(batches));
      seen.add(batches);
      await store.close();
    }
    expect(seen.has(all)).toBe(true);
    expect(seen.size).toBeGreaterThan(5);
  });

  it('goes back to a whole batch when a byte of the log is wrong', async () => {
    const log = await readFile(join(copy, 'state.db-wal'));
    const file = await readFile(join(copy, 'state.db'));
    for (let at = 40; at < log.length; at += Math.ceil(log.length / 10)) {
      const torn = Buffer.from(log);
      torn[at] = torn[at]! ^ 0xff;
      await writeFile(join(copy, 'state.db'), file);
      await writeFile(join(copy, 'state.db-wal'), torn);
      const store = await openStore(copy);
      const batches = countBatches(store);
      expect(batches).toBeGreaterThanOrEqual(inFile);
      expect(contentsOf(store)).toEqual(contentsAfter(batches));
      await store.close();
    }
  });

  it('refuses a file in which a page is wrong, or holds what was written', async () => {
    const file = await readFile(join(folder, 'state.db'));
    await rm(join(copy, 'state.db-wal'));
    let refused = 0;
    for (let at = 100; at < file.length; at += 6131) {
      const damaged = Buffer.from(file);
      damaged.fill(0x5a, at, at + 16);
      await writeFile(join(copy, 'state.db'), damaged);
      const opened = await openStore(copy).catch((error: unknown) => error);
      if (opened instanceof Store) {
        expect(contentsOf(opened)).toEqual(contentsAfter(countBatches(opened)));
        await opened.close();
      } else {
        refused++;
        expect(opened).toBeInstanceOf(DataDirectoryError);
        expect(opened).toMatchObject({ message: expect.stringContaining(copy) });
      }
    }
    expect(refused).toBeGreaterThan(3);
  });

  it('refuses a file that was cut', async () => {
    await rm(join(copy, 'state.db-wal'));
    const { size } = await stat(join(folder, 'state.db'));
    await copyFile(join(folder, 'state.db'), join(copy, 'state.db'));
    for (const part of [0.9, 0.5, 0.1]) {
      await truncate(join(copy, 'state.db'), Math.floor(size * part));
      await expect(openStore(copy)).rejects.toThrow(`data directory ${copy} holds a damaged state.db`);
    }
  });
});

it('notices an object that is gone, and one that is older than it should be', async () => {
  const { DatabaseSync } = await import('node:sqlite');
  const store = await openStore();
  await write(store, 0, 20);
  await store.close();
  const tamper = (sql: string) => {
    const database = new DatabaseSync(join(folder, 'state.db'));
    database.exec(sql);
    database.close();
  };
  const message = `data directory ${folder} holds a damaged state.db: objects are missing or outdated`;

  tamper(`CREATE TABLE kept AS SELECT * FROM objects;
          DELETE FROM objects WHERE key = (SELECT min(key) FROM objects)`);
  await expect(openStore()).rejects.toThrow(message);
  tamper('INSERT OR REPLACE INTO objects SELECT * FROM kept');
  const again = await openStore();
  expect(contentsOf(again)).toEqual(contentsAfter(20));
  await write(again, 20, 25);
  await again.close();
  tamper('INSERT OR REPLACE INTO objects SELECT * FROM kept');
  await expect(openStore()).rejects.toThrow(message);
});

it('refuses everything while the disk is full, says so, and goes on when there is room', async () => {
  const sqlite = await openDatabase(folder);
  sqlite.exec('PRAGMA max_page_count = 12');
  const store = new Store({ database: new Database(sqlite, folder) });
  let batch = 0;
  const fill = async () => {
    for (; batch < 1000; batch++) {
      writeBatch(store, batch);
      await store.settled();
    }
  };
  await expect(fill()).rejects.toThrow(`cannot write to data directory ${folder}: database or disk is full`);
  await expect(store.settled()).rejects.toBeInstanceOf(StorageWriteError);
  expect(() => writeBatch(store, batch + 1)).toThrow(StorageWriteError);

  sqlite.exec('PRAGMA max_page_count = 100000');
  await store.settled();
  await write(store, batch + 1, batch + 5);
  await store.close();

  const again = await openStore();
  expect(countBatches(again)).toBe(batch + 5);
  expect(contentsOf(again)).toEqual(contentsAfter(batch + 5));
  await again.close();
});

it('names a directory that it may not write', async () => {
  await mkdir(join(folder, 'closed'), { mode: 0o500 });
  const program = new URL('../testing/store-until-killed.ts', import.meta.url).pathname;
  // The administrator may write everywhere, nobody may not.
  const identity = process.getuid?.() === 0 ? { uid: 65534 } : {};
  await chmod(folder, 0o755);
  const child = spawn(process.execPath, [program, join(folder, 'closed')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...identity,
  });
  expect(await text(child.stderr)).toContain(`data directory ${join(folder, 'closed')} is not writable`);
});

it('names the process that has the directory, and has it when that one is killed', async () => {
  const program = new URL('../testing/store-until-killed.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  await expect(openStore()).rejects.toThrow(
    `data directory ${folder} is in use by another API server (process ${child.pid})`,
  );
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (await openStore()).close();
});

it('begins a copy also while a commit is under way', async () => {
  const database = await Database.open(folder);
  const text = 'x'.repeat(1_000_000);
  let revision = 0;
  const commitUntil = async (isOver: () => boolean) => {
    while (!isOver()) {
      database.commit([{ resource: 'maps', key: `${revision % 8}`, revision: ++revision, text }]);
      await new Promise(setImmediate);
    }
  };
  try {
    for (let round = 0; round < 20; round++) {
      let isCopied = false;
      const copying = database.copyTo(join(folder, `copy-${round}.db`)).finally(() => (isCopied = true));
      await Promise.all([copying, commitUntil(() => isCopied)]);
    }
  } finally {
    database.close();
  }
});

it('copies a whole batch while writing goes on', async () => {
  const store = await openStore();
  await write(store, 0, 50);
  const copy = join(folder, 'copy');
  await mkdir(copy);
  let isCopied = false;
  const copying = store.copyTo(join(copy, 'state.db')).finally(() => (isCopied = true));
  let batch = 50;
  while (!isCopied) await write(store, batch, ++batch);
  await copying;
  await store.close();

  const copied = await openStore(copy);
  expect(countBatches(copied)).toBeGreaterThanOrEqual(50);
  expect(countBatches(copied)).toBeLessThanOrEqual(batch);
  expect(contentsOf(copied)).toEqual(contentsAfter(countBatches(copied)));
  await copied.close();
});

it('does not grow when one object is written again and again', async () => {
  const store = await openStore();
  const bucket = store.bucket('maps');
  const sizes: number[] = [];
  for (let update = 0; update < 2400; update++) {
    const metadata = { name: 'busy', namespace: 'default' };
    store.put(bucket, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { text: `${update}`.repeat(500) } });
    if (update % 4 === 0) await store.settled();
    if (update % 1200 === 1199) sizes.push(await sizeOf(folder));
  }
  await store.close();
  expect(sizes[1]).toBeLessThanOrEqual(sizes[0]! * 1.1);
  expect(await sizeOf(folder)).toBeLessThan(100_000);
});

it('gives back the space of many removed objects at the next start', async () => {
  const first = await openStore();
  const bucket = first.bucket('maps');
  for (let index = 0; index < 2000; index++) {
    const metadata = { name: `large-${index}`, namespace: 'default' };
    first.put(bucket, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { text: 'x'.repeat(10_000) } });
  }
  await first.settled();
  for (let index = 1; index < 2000; index++) first.remove(bucket, `default/large-${index}`);
  await first.close();
  expect(await sizeOf(folder)).toBeGreaterThan(10_000_000);

  const second = await openStore();
  expect(second.bucket('maps').size).toBe(1);
  await second.close();
  expect(await sizeOf(folder)).toBeLessThan(1_000_000);
});

it('takes over a directory without checksums and refuses one of the future', async () => {
  const { DatabaseSync } = await import('node:sqlite');
  const old = new DatabaseSync(join(folder, 'state.db'));
  old.exec(
    `CREATE TABLE objects (resource TEXT, key TEXT, text TEXT NOT NULL, PRIMARY KEY (resource, key)) WITHOUT ROWID;
     CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
     INSERT INTO objects VALUES ('maps', 'default/old', '{"metadata":{"name":"old","namespace":"default"}}');
     INSERT INTO counters VALUES ('revision', 77);`,
  );
  old.close();
  const store = await openStore();
  expect(store.revision).toBe(77);
  expect(store.bucket('maps').get('default/old')).toMatchObject({ metadata: { name: 'old' } });
  await store.close();

  const future = new DatabaseSync(join(folder, 'state.db'));
  future.exec('PRAGMA user_version = 99');
  future.close();
  await expect(openStore()).rejects.toThrow(`data directory ${folder} was written by a newer version of flux`);
});

async function sizeOf(directory: string): Promise<number> {
  const sizes = ['state.db', 'state.db-wal'].map((name) => stat(join(directory, name)).catch(() => ({ size: 0 })));
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
}
