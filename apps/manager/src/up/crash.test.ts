import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { KubeObject } from '@flux/apimachinery';
import { type Cluster, connectCluster } from '@flux/client';
import { afterEach, beforeEach, expect, test } from 'vitest';

const entry = resolve(import.meta.dirname, '..', '..', '..', 'flux', 'src', 'main.ts');
const rounds = 20;
const configMap = { apiVersion: 'v1', kind: 'ConfigMap' };

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flux-crash-'));
  await mkdir(join(directory, 'fleet'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function startFlux(...args: string[]): { child: ChildProcess; exit: Promise<number>; output: () => string } {
  const base = ['--disable-warning=ExperimentalWarning', entry, 'up', '--path', join(directory, 'fleet')];
  const child = spawn(process.execPath, [...base, '--data-dir', join(directory, 'state'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
  const exit = new Promise<number>((done) => child.once('exit', (code) => done(code ?? -1)));
  return { child, exit, output: () => text };
}

/** One round of a changing fleet: the objects of this round appear and those of the last one go. */
function manifests(round: number): string {
  const names = [0, 1, 2, 3].map((index) => `round-${round + (index % 2)}-${index}`);
  return names
    .map((name) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: default\ndata:\n  a: b\n`)
    .join('---\n');
}

/** Writes ConfigMaps one after the other until the server is gone; tells of each that it acknowledged. */
async function writeUntilKilled(round: number, onAcknowledged: (name: string) => void): Promise<void> {
  let cluster: Cluster | undefined;
  try {
    cluster = await connectCluster({ kubeconfig: join(directory, 'state', 'kubeconfig') });
    for (let index = 0; ; index++) {
      const name = `written-${round}-${index}`;
      await cluster.create({ ...configMap, metadata: { name, namespace: 'default' } } as KubeObject);
      onAcknowledged(name);
    }
  } catch {
    // killed, as it should be
  } finally {
    await cluster?.close();
  }
}

/** Every other round sees a write acknowledged before its end, however slow the machine is. */
async function untilTheEnd(round: number, firstWrite: Promise<void>): Promise<void> {
  if (round % 2 === 1) await firstWrite;
  await new Promise((later) => setTimeout(later, Math.random() * 1000));
}

test('a process killed at any moment loses no object, no inventory entry and no acknowledged write', {
  timeout: 900_000,
}, async () => {
  const acknowledged: string[] = [];
  for (let round = 0; round < rounds; round++) {
    await writeFile(join(directory, 'fleet', 'objects.yaml'), manifests(round));
    const { child, exit, output } = startFlux();
    // From the first line on (the server is up), or from the first write, the end is up to a second away.
    await new Promise<void>((seen, failed) => {
      child.stdout!.once('data', () => seen());
      child.stderr!.once('data', () => seen());
      exit.then((code) => failed(new Error(`ended with ${code}: ${output()}`)));
    });
    const firstWrite = Promise.withResolvers<void>();
    const writing = writeUntilKilled(round, (name) => {
      acknowledged.push(name);
      firstWrite.resolve();
    });
    await untilTheEnd(round, Promise.race([firstWrite.promise, writing]));
    child.kill('SIGKILL');
    await exit;
    await writing;
  }

  const { exit, output } = startFlux('--once');
  expect(await exit, output()).toBe(0);

  const { child, exit: ended, output: said } = startFlux();
  await new Promise<void>((seen) => child.stdout!.on('data', () => said().includes('objects are ready') && seen()));
  const cluster = await connectCluster({ kubeconfig: join(directory, 'state', 'kubeconfig') });
  const { items } = await cluster.list(configMap, { namespace: 'default' });
  const kustomization = await cluster.get({
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    namespace: 'flux-system',
    name: 'flux-system',
  });
  await cluster.close();
  child.kill('SIGTERM');
  await ended;

  const names = items.map(({ metadata }) => metadata.name);
  const expected = [...manifests(rounds - 1).matchAll(/name: (round-\S+)/g)].map((match) => match[1]!);
  const inventory: { id: string }[] = kustomization['status'].inventory.entries;
  expect(names.filter((name) => name.startsWith('round-')).sort()).toEqual([...expected].sort());
  expect(inventory.map(({ id }) => id).sort()).toEqual(expected.map((name) => `default_${name}__ConfigMap`).sort());
  expect(acknowledged.filter((name) => !names.includes(name))).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(await readFile(join(directory, 'state', 'kubeconfig'), 'utf8')).toContain('server:');
});
