import { type EmbeddedCluster, startEmbeddedCluster } from '@flux/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BackupError } from './backup-error.ts';
import { readAtOneRevision } from './snapshot.ts';

const maps = { apiVersion: 'v1', kind: 'ConfigMap' };
const signal = new AbortController().signal;
let world: EmbeddedCluster;
beforeAll(async () => {
  world = await startEmbeddedCluster({ controllers: false });
});
afterAll(() => world.close());

const map = (name: string) => ({ ...maps, metadata: { name, namespace: 'default' } });
const names = (objects: { metadata: { name: string } }[]) => objects.map(({ metadata }) => metadata.name);

test('everything that is read is of one moment, whatever is written meanwhile', async () => {
  const { cluster } = world;
  for (let index = 0; index < 3; index++) await cluster.create(map(`old-${index}`));

  const seen = await readAtOneRevision(cluster, signal, async (snapshot) => {
    await cluster.create(map('new'));
    await cluster.delete({ ...maps, name: 'old-1', namespace: 'default' });
    const listed = names(await snapshot.list(maps, { namespace: 'default' }));
    const found = await Promise.all(
      ['old-1', 'new'].map((name) => snapshot.find({ ...maps, namespace: 'default', name })),
    );
    return { listed, found: found.map((object) => object?.metadata.name) };
  });

  expect(seen).toEqual({ listed: ['old-0', 'old-1', 'old-2'], found: ['old-1', undefined] });
});

test('reads all pages, also when objects are written between them', async () => {
  const { cluster } = world;
  const metadata = (index: number) => ({ name: `page-${index}`, namespace: 'default' });
  const kind = { apiVersion: 'v1', kind: 'ServiceAccount' };
  await Promise.all(Array.from({ length: 1100 }, (_, index) => cluster.create({ ...kind, metadata: metadata(index) })));

  const seen = await readAtOneRevision(cluster, signal, async (snapshot) => {
    await cluster.delete({ ...kind, ...metadata(7) });
    return snapshot.list(kind, { namespace: 'default' });
  });

  expect(names(seen).filter((name) => name.startsWith('page-'))).toHaveLength(1100);
});

test('begins again when the moment is forgotten meanwhile, and gives up when that goes on', async () => {
  const { cluster, server } = world;
  let attempts = 0;
  const forget = async () => {
    await cluster.create(map(`forget-${attempts}`));
    server.compact();
  };
  const read = (forgetful: number) =>
    readAtOneRevision(cluster, signal, async (snapshot) => {
      if (++attempts <= forgetful) await forget();
      return snapshot.list(maps);
    });

  expect((await read(1)).length).toBeGreaterThan(0);
  expect(attempts).toBe(2);
  attempts = 10;
  await expect(read(99)).rejects.toThrow(BackupError);
});
