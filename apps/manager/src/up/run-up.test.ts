import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import { type Cluster, connectCluster } from '@flux/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runUp } from './run-up.ts';

const run = promisify(execFile);
const podinfo: ObjectRef = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'podinfo' };
const service: ObjectRef = { apiVersion: 'v1', kind: 'Service', namespace: 'default', name: 'podinfo' };
const kustomization: ObjectRef = {
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  namespace: 'flux-system',
  name: 'podinfo',
};

/** A `flux up` in this process, with what it printed. */
class Fleet {
  readonly lines: string[] = [];
  output = '';
  exit: Promise<number> = Promise.resolve(0);
  #abort = new AbortController();
  #ready = Promise.withResolvers<void>();

  start(dataDirectory: string): Promise<void> {
    this.exit = runUp({
      dataDirectory,
      signal: this.#abort.signal,
      print: (line) => this.lines.push(line),
      output: (text) => {
        this.output += text;
        this.#ready.resolve();
      },
    });
    this.exit.then(() => this.#ready.reject(new Error('ended early')), this.#ready.reject);
    return this.#ready.promise;
  }

  async stop(): Promise<number> {
    this.#abort.abort();
    return await this.exit;
  }
}

/** The first state of an object that satisfies the predicate, by watch. */
async function waitFor(
  cluster: Cluster,
  ref: ObjectRef,
  predicate: (object: KubeObject | undefined) => boolean,
): Promise<KubeObject | undefined> {
  const { items, metadata } = await cluster.list(ref, { namespace: ref.namespace! });
  const present = items.find((item) => item.metadata.name === ref.name);
  if (predicate(present)) return present;
  const abort = new AbortController();
  const options = { namespace: ref.namespace!, resourceVersion: metadata.resourceVersion, signal: abort.signal };
  for await (const event of cluster.watch(ref, options)) {
    if (event.type === 'ERROR' || event.type === 'BOOKMARK') throw new Error(`unexpected ${event.type}`);
    if (event.object.metadata.name !== ref.name) continue;
    const object = event.type === 'DELETED' ? undefined : event.object;
    if (!predicate(object)) continue;
    abort.abort();
    return object;
  }
  throw new Error('the watch ended');
}

function conditionOf(
  object: KubeObject | undefined,
  type: string,
): { status?: string; reason?: string; message?: string } {
  return (object?.['status']?.conditions ?? []).find((condition: { type: string }) => condition.type === type) ?? {};
}

describe('flux up with the example fleet', () => {
  let data: string;
  let fleet: Fleet;
  let cluster: Cluster;
  let work: string;

  const git = (...args: string[]) =>
    run('git', ['-C', work, '-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args]);
  const push = async (message: string) => {
    await git('add', '--all');
    await git('commit', '--quiet', '-m', message);
    await git('push', '--quiet');
  };
  const edit = async (file: string, change: (text: string) => string) => {
    const path = join(work, file);
    await writeFile(path, change(await readFile(path, 'utf8')));
  };

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'flux-up-'));
    fleet = new Fleet();
    await fleet.start(join(data, 'state'));
    cluster = await connectCluster({ kubeconfig: join(data, 'state', 'kubeconfig') });
    work = join(data, 'podinfo');
    const url = fleet.lines
      .find((line) => line.startsWith('✔ Git server'))!
      .split(' ')
      .at(-1);
    await run('git', ['clone', '--quiet', `${url}/podinfo.git`, work]);
  });

  afterAll(async () => {
    await cluster?.close();
    await fleet?.stop();
    await rm(data, { recursive: true, force: true });
  });

  test('everything becomes Ready and the table says so', () => {
    expect(fleet.output).toContain('all objects are ready');
    expect(fleet.output).toMatch(/Kustomization\s+flux-system\/podinfo-patch\s+True/);
    expect(fleet.output).toMatch(/HelmRelease\s+flux-system\/podinfo\s+True/);
    expect(fleet.output).toMatch(/GitRepository\s+flux-system\/podinfo\s+True\s+master@sha1:[0-9a-f]{8}/);
  });

  test('the seed patch of the fleet reached the second instance', async () => {
    const patched = await cluster.get({ ...podinfo, namespace: 'podinfo-patch' });

    expect(patched['spec'].replicas).toBe(3);
  });

  test('a pushed commit changes the Deployment', async () => {
    await edit('kustomize/deployment.yaml', (text) => text.replace('replicas: 2', 'replicas: 4'));
    await push('Run four');

    const changed = await waitFor(cluster, podinfo, (object) => object?.['spec'].replicas === 4);

    expect(changed?.metadata.labels?.['kustomize.toolkit.fluxcd.io/name']).toBe('podinfo');
  });

  test('a removed manifest is pruned', async () => {
    await edit('kustomize/kustomization.yaml', (text) => text.replace('  - service.yaml\n', ''));
    await push('No service');

    await waitFor(cluster, service, (object) => object === undefined);

    expect(await cluster.find(podinfo)).toBeDefined();
  });

  test('broken YAML is reported and nothing is deleted', async () => {
    await edit('kustomize/deployment.yaml', (text) => text.replace('kind: Deployment', 'kind: [Deployment'));
    await push('Break it');

    const failed = await waitFor(cluster, kustomization, (object) => conditionOf(object, 'Ready').status === 'False');

    expect(conditionOf(failed, 'Ready')).toMatchObject({ reason: 'BuildFailed' });
    expect(conditionOf(failed, 'Ready').message).toContain('kustomize build failed: ');
    expect(await cluster.find(podinfo)).toBeDefined();
    await edit('kustomize/deployment.yaml', (text) => text.replace('kind: [Deployment', 'kind: Deployment'));
    await push('Mend it');
    await waitFor(cluster, kustomization, (object) => conditionOf(object, 'Ready').status === 'True');
  });

  test('a second flux up on the same data directory is refused', async () => {
    await expect(new Fleet().start(join(data, 'state'))).rejects.toThrow(/in use/);
  });
});
