import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { startEmbeddedCluster } from '@flux/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeArchive } from '../backup/write-archive.ts';
import { flux, kustomization, tryFlux } from './flux-world.ts';

let folder: TemporaryDirectory;
beforeAll(async () => {
  folder = await temporaryDirectory('interrupted');
});
afterAll(() => folder[Symbol.asyncDispose]());

const inTeam = (name: string) => ({ name, namespace: 'team' });
const owned = (...fields: string[]) => [
  {
    manager: 'kustomize-controller',
    operation: 'Apply' as const,
    apiVersion: 'v1',
    time: '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:data': Object.fromEntries(fields.map((field) => [`f:${field}`, {}])) },
  },
];
const status = { inventory: { entries: [{ id: 'team_a__ConfigMap', v: 'v1' }] }, lastAppliedRevision: 'main@sha1:a' };
const objects: KubeObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } },
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...inTeam('words'), managedFields: owned('a') },
    data: { a: 'YQ==' },
    type: 'Opaque',
  },
  {
    apiVersion: kustomization.apiVersion,
    kind: 'Kustomization',
    metadata: {
      ...inTeam('app'),
      generation: 7,
      finalizers: ['finalizers.fluxcd.io'],
      managedFields: [
        {
          ...owned()[0],
          apiVersion: kustomization.apiVersion,
          fieldsV1: { 'f:spec': { 'f:interval': {}, 'f:prune': {}, 'f:sourceRef': {} } },
        },
      ],
    },
    spec: { interval: '1h', force: false, prune: true, sourceRef: { kind: 'GitRepository', name: 'app' } },
    status,
  },
];

/** A cluster that the connection is lost to at a certain write. */
function losingConnection(cluster: Cluster, atWrite: number): Cluster {
  let writes = 0;
  const count = () => {
    if (++writes === atWrite) throw new Error('connection lost');
  };
  const writing = new Set(['create', 'update', 'patch']);
  return new Proxy(cluster, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        if (writing.has(String(name))) count();
        return member.apply(target, args);
      };
    },
  });
}

test('a restore that was interrupted at any write ends the same when it is run again', async () => {
  const facts = { createdAt: 'then', flux: '0.1.0', kubernetes: 'v1.36.3', scope: 'flux' as const, secrets: true };
  await writeFile(join(folder.path, 'b.tar.gz'), await writeArchive(objects, facts));
  for (let atWrite = 1; ; atWrite++) {
    await using world = await startEmbeddedCluster();
    const { cluster } = world;
    const lost = { cluster: losingConnection(cluster, atWrite), [Symbol.asyncDispose]: async () => {} };
    const first = await tryFlux(lost, folder.path, 'restore', 'b.tar.gz');
    if (first.exit === 0) {
      expect(atWrite).toBeGreaterThan(6);
      return;
    }
    expect(first.output).toMatch(/✗ .*: connection lost; run the restore again to go on/);

    await flux(world, folder.path, 'restore', 'b.tar.gz');

    const restored = await cluster.get(kustomization);
    expect(restored['spec']).toEqual(objects[2]?.['spec']);
    expect(restored['status']).toMatchObject(status);
    expect(restored.metadata.annotations).toBeUndefined();
    expect(restored.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['kustomize-controller']);
    const secret = await cluster.get({ apiVersion: 'v1', kind: 'Secret', ...inTeam('words') });
    expect(secret.metadata.managedFields).toEqual(owned('a'));
    const again = await flux(world, folder.path, 'restore', 'b.tar.gz');
    expect(again).toContain('✔ 1 unchanged');
    expect(again).not.toContain('resumed');
  }
});
