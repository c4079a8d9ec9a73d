import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { surviveKills } from '../testing/kill-rounds.ts';
import { Database } from './database.ts';
import { Store } from './store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'storage-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('loses no acknowledged write in 50 kills at random moments', () => surviveKills(folder, 50));

it('keeps its size over 100,000 updates of one object', async () => {
  const store = new Store({ database: await Database.open(folder) });
  const bucket = store.bucket('maps');
  for (let update = 1; update <= 100_000; update++) {
    const metadata = { name: 'busy', namespace: 'default' };
    store.put(bucket, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { text: `${update}`.repeat(200) } });
    // As many as come in one turn of the event loop share a commit; a few are enough to make thousands of commits.
    if (update % 20 === 0) await store.settled();
  }
  const whileOpen = await sizeOf(folder);
  await store.close();
  expect(whileOpen).toBeLessThan(20_000_000);
  expect(await sizeOf(folder)).toBeLessThan(100_000);
});

async function sizeOf(directory: string): Promise<number> {
  const names = await readdir(directory);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
