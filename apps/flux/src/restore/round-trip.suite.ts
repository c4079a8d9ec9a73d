import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resumeAnnotation } from './compare.ts';
import {
  Controllers,
  configMap,
  fillSources,
  flux,
  gitRepository,
  helmRelease,
  kustomization,
  type Sources,
  type TestCluster,
  team,
  tenant,
  tryFlux,
} from './flux-world.ts';

const fluxKinds = [kustomization, helmRelease, gitRepository];
const map = (name: string): ObjectRef => ({ apiVersion: 'v1', kind: 'ConfigMap', ...team, name });

/** Made for this test. */
const key = {
  identity: 'AGE-SECRET-KEY-1WRJCTG5QQ32XQCQLZQMQVVN4NULTL2MTWLRPSZ3FX8H9YR759G3QD46P20',
  recipient: 'age1xnq9j3qseth9nc4x3jfhlmycqtfz47ryf6a96j295hfs43jnk5hskkehkz',
};
const otherIdentity = 'AGE-SECRET-KEY-1D9NSZFR0PQ3YCAVR4ELYVGYTWU9XMJ5LHRFYVKCXX4XWVCJFP5YS4U28NP';

/** Where clusters come from; the embedded one is where the archive of the first tests is made. */
interface Engines {
  startEmbedded(): Promise<TestCluster>;
  start(): Promise<TestCluster>;
  startSources(): Promise<Sources>;
}

/** Backs up a cluster and restores: into an empty one, and into the one that lost its Flux. */
export function describeRoundTrip(title: string, { startEmbedded, start, startSources }: Engines): void {
  describe(title, () => {
    let sources: Sources;
    let folder: TemporaryDirectory;
    let output: string;
    let fresh: TestCluster;

    /** The archive comes from the embedded server: it means the same everywhere. */
    beforeAll(async () => {
      sources = await startSources();
      await fillSources(sources);
      folder = await temporaryDirectory('round-trip');
      await writeFile(join(folder.path, 'key.txt'), `# a key\n${key.identity}\n`);
      await writeFile(join(folder.path, 'other.txt'), otherIdentity);
      await using origin = await startEmbedded();
      for (const object of tenant(sources)) await origin.cluster.create(object);
      {
        await using controllers = await Controllers.start(origin);
        for (const ref of fluxKinds) await controllers.ready(ref);
      }
      output = await flux(origin, folder.path, 'backup', '--age-recipient', key.recipient);
      fresh = await start();
    });

    afterAll(async () => {
      await fresh?.[Symbol.asyncDispose]();
      await sources?.git.close();
      await sources?.charts.close();
      await folder?.[Symbol.asyncDispose]();
    });

    const restore = (cluster: TestCluster, ...args: string[]) =>
      tryFlux(cluster, folder.path, 'restore', 'flux-backup.tar.gz.age', '--age-identity-file=key.txt', ...args);

    test('the archive holds what Flux needs and nothing of it can be read', async () => {
      expect(output).toContain('1 HelmRelease');
      expect(output).toMatch(/1 Kustomization, 1 Namespace, 1 Role, 1 RoleBinding, 2 Secret, 1 ServiceAccount/);
      expect(output).toContain('✔ flux-backup.tar.gz.age written');
      expect(output).toContain('encrypted for 1 key');
      expect(output).not.toContain('hunter2');
      expect(output).not.toContain('⚠️');
      const bytes = await readFile(join(folder.path, 'flux-backup.tar.gz.age'));
      expect(bytes.includes('words')).toBe(false);
    });

    test('an empty cluster gets everything, the release is installed anew', async () => {
      const cluster = fresh;
      await using controllers = await Controllers.start(cluster);

      const planned = await restore(cluster, '--dry-run');
      expect(planned.output).toContain('Kustomization/team/app would be created');
      expect(await cluster.cluster.find(kustomization)).toBeUndefined();
      const { exit, output: said } = await restore(cluster);

      expect(said).not.toContain('hunter2');
      expect(said).toContain('nothing of the release of HelmRelease/team/chart is in the cluster');
      expect(said).toContain('✔ Kustomization/team/app resumed');
      expect(exit, said).toBe(0);
      for (const ref of fluxKinds) await controllers.ready(ref);
      expect((await cluster.cluster.get(map('a')))['data']).toEqual({ word: 'hunter2-secret' });
      expect((await cluster.cluster.get(map('from-chart')))['data']).toEqual({ word: '1' });
      const restored = await cluster.cluster.get(kustomization);
      expect(restored['spec'].suspend).toBeUndefined();
      expect(restored.metadata.annotations?.[resumeAnnotation]).toBeUndefined();
      const namespace = await cluster.cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: 'team' });
      expect(namespace.metadata.labels).toMatchObject({ tenant: 'yes' });

      const again = await restore(cluster);
      expect(again.output).toContain('unchanged');
      expect(again.output).not.toContain('resumed');
      expect(again.exit, again.output).toBe(0);
    });

    test('a wrong key and an object that differs are refused by name before anything is written', async () => {
      const ref = { apiVersion: 'v1', kind: 'Secret', ...team, name: 'words' };
      await fresh.cluster.patch(ref, 'merge', { data: { word: 'b3RoZXI=' } });
      await fresh.cluster.patch(gitRepository, 'merge', { metadata: { finalizers: null } });
      await fresh.cluster.delete(gitRepository);

      const file = 'flux-backup.tar.gz.age';
      const wrongKey = await tryFlux(fresh, folder.path, 'restore', file, '--age-identity-file=other.txt');
      const refused = await restore(fresh);

      expect(wrongKey).toMatchObject({ exit: 1, output: expect.stringContaining('cannot be read with other.txt') });
      expect(refused.output).toContain('1 object is in the cluster and differs from the archive: Secret/team/words');
      expect(refused.exit).toBe(1);
      expect(await fresh.cluster.find(gitRepository)).toBeUndefined();
      const before = await fresh.cluster.get(kustomization);

      const overwritten = await restore(fresh, '--overwrite', '--suspend');

      expect(overwritten.exit, overwritten.output).toBe(0);
      const { data } = await fresh.cluster.get(ref);
      expect(Buffer.from(data.word, 'base64').toString()).toBe('hunter2-secret');
      expect((await fresh.cluster.get(gitRepository))['spec'].suspend).toBe(true);
      expect(await fresh.cluster.get(kustomization)).toEqual(before);
    });

    test('a cluster that lost its Flux goes on: what left Git is pruned, the release is not touched', async () => {
      await using cluster = await start();
      for (const object of tenant(sources)) await cluster.cluster.create(object);
      {
        await using controllers = await Controllers.start(cluster);
        for (const ref of fluxKinds) await controllers.ready(ref);
      }
      await flux(cluster, folder.path, 'backup', '--output', 'plain.tar.gz');
      const before = await cluster.cluster.get(kustomization);
      const secrets = await helmSecrets(cluster);
      await loseFlux(cluster);
      await sources.git.commit('app', { 'b.yaml': null });
      expect(await cluster.cluster.find(map('b'))).toBeDefined();

      await flux(cluster, folder.path, 'restore', 'plain.tar.gz', '--suspend');
      const suspended = await cluster.cluster.get(kustomization);
      expect(suspended['spec'].suspend).toBe(true);
      expect(suspended['status'].inventory.entries).toHaveLength(2);
      expect(suspended.metadata.managedFields).toEqual(before.metadata.managedFields);
      await using controllers = await Controllers.start(cluster);
      for (const command of [['source', 'git'], ['source', 'helm'], ['kustomization'], ['helmrelease']]) {
        await flux(cluster, folder.path, 'resume', ...command, '--all', '-n', 'team');
      }

      for (const ref of fluxKinds) await controllers.ready(ref);
      expect(await cluster.cluster.find(map('b'))).toBeUndefined();
      expect(await cluster.cluster.find(map('a'))).toBeDefined();
      expect(await helmSecrets(cluster)).toEqual(secrets);
      const { status } = await cluster.cluster.get(helmRelease);
      expect(status.history).toMatchObject([{ version: 1, status: 'deployed' }]);
      await sources.git.commit('app', { 'b.yaml': configMap('b', 'stays until it is pruned') });
    });
  });
}

async function helmSecrets({ cluster }: TestCluster): Promise<unknown[]> {
  const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Secret' }, { ...team, labelSelector: 'owner=helm' });
  return items.map(({ metadata, data }) => [metadata.name, data]);
}

/** All objects of Flux go at once, without their controllers: what they applied stays. */
async function loseFlux({ cluster }: TestCluster): Promise<void> {
  const { items } = await cluster.list({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
  });
  for (const { spec } of items) {
    const kind = {
      apiVersion: `${spec.group}/${spec.versions.find((each: KubeObject) => each['storage']).name}`,
      kind: spec.names.kind,
    };
    for (const { metadata } of (await cluster.list(kind)).items) {
      const ref = { ...kind, name: metadata.name, namespace: metadata.namespace ?? '' };
      await cluster.patch(ref, 'merge', { metadata: { finalizers: null } });
      await cluster.delete(ref);
    }
  }
}
