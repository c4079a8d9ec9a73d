import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import { type Cluster, connectCluster } from '@flux/client';
import { commitFiles, commitFolder, createBareRepositoryOn, type GitServer, serveGit } from '@flux/git';
import { controlPlane, ensureBuilt, ensureKubectl, type RealCluster, startKubernetes } from '@flux/kubernetes';
import { type RunningControllers, silentLog } from '@flux/runtime';
import type { FileServer } from '@flux/source-controller';
import { parseYaml } from '@flux/yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startManager } from './start-manager.ts';
import { serveChartFolder } from './up/chart-repository.ts';
import { rewriterOf } from './up/rewrite-url.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '..', '..', '..');
const author = { name: 'e2e', email: 'e2e@localhost' };

describe('on real Kubernetes', () => {
  let directory: string;
  let kubernetes: RealCluster;
  let cluster: Cluster;
  let git: GitServer;
  let charts: FileServer;
  let manager: RunningControllers;
  let kubectl: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'flux-e2e-'));
    kubernetes = await startKubernetes(await ensureBuilt(controlPlane), join(directory, 'kubernetes'));
    cluster = await connectCluster({ kubeconfig: kubernetes.kubeconfig });
    kubectl = await ensureKubectl();
    const podinfo = join(directory, 'git', 'podinfo.git');
    await mkdir(join(directory, 'git'));
    await createBareRepositoryOn(podinfo, 'master');
    await commitFolder(podinfo, join(root, 'examples', 'podinfo'), { branch: 'master', message: 'Import', author });
    const fleet = join(directory, 'git', 'fleet.git');
    await createBareRepositoryOn(fleet, 'main');
    await commitFolder(fleet, join(root, 'examples', 'fleet'), { branch: 'main', message: 'Import', author });
    git = await serveGit({ root: join(directory, 'git'), host: '127.0.0.1', port: 0 });
    charts = await serveChartFolder(join(root, 'examples', 'charts'), join(directory, 'charts'), {
      host: '127.0.0.1',
      port: 0,
    });
    await run(join(root, 'flux'), ['install', '--kubeconfig', kubernetes.kubeconfig]);
    await mkdir(join(directory, 'artifacts'));
    manager = await startManager({
      cluster,
      log: silentLog,
      storagePath: join(directory, 'artifacts'),
      storageAddress: '127.0.0.1:0',
      rewriteUrl: rewriterOf([
        `https://github.com/stefanprodan/podinfo=${git.url}/podinfo.git`,
        `https://stefanprodan.github.io/podinfo=${charts.url}`,
      ]),
    });
    await manager.started;
  });

  afterAll(async () => {
    await manager?.stop();
    await git?.close();
    await charts?.close();
    await cluster?.close();
    await kubernetes?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  /** By the watches that the controllers share. */
  const untilReady = (ref: ObjectRef, generation = 1) =>
    manager.watches.waitFor(ref, (object) => isReady(object, generation), AbortSignal.timeout(120_000));

  test('the seed manifests apply unchanged and become Ready', async () => {
    const folder = join(root, 'examples', 'fleet');
    const names = await readdir(folder);
    for (const name of names) {
      await run(kubectl, ['--kubeconfig', kubernetes.kubeconfig, 'apply', '-f', join(folder, name)]);
    }
    // The one object that the document leaves to the bootstrap. Its repository holds the same manifests, so that it comes last:
    // kubectl reads, and creates what it did not find.
    await cluster.create({
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { name: 'flux-system', namespace: 'flux-system' },
      spec: { interval: '1m', url: `${git.url}/fleet.git`, ref: { branch: 'main' } },
    } as KubeObject);

    for (const name of names) {
      const object = parseYaml(await readFile(join(folder, name), 'utf8')) as KubeObject;
      const apiVersion = object.apiVersion.replace('v1beta2', 'v1');
      await untilReady({ apiVersion, kind: object.kind, namespace: 'flux-system', name: object.metadata.name });
    }
    const patched = await cluster.get({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      namespace: 'podinfo-patch',
      name: 'podinfo',
    });
    expect(patched['spec'].replicas).toBe(3);
  });

  test('kubectl reads an object at the old version and at the new one', async () => {
    for (const version of ['v1beta1', 'v1beta2', 'v1']) {
      const resource = `kustomizations.${version}.kustomize.toolkit.fluxcd.io`;
      const args = [
        '--kubeconfig',
        kubernetes.kubeconfig,
        '-n',
        'flux-system',
        'get',
        resource,
        'podinfo',
        '-o',
        'json',
      ];
      const { stdout } = await run(kubectl, args);

      expect(JSON.parse(stdout)).toMatchObject({
        apiVersion: `kustomize.toolkit.fluxcd.io/${version}`,
        spec: { path: './kustomize', targetNamespace: 'default' },
      });
    }
  });

  test('a commit reaches the cluster when a reconcile is asked for', async () => {
    const deployment = await readFile(join(root, 'examples/podinfo/kustomize/deployment.yaml'), 'utf8');
    await commitFiles(join(directory, 'git', 'podinfo.git'), {
      branch: 'master',
      message: 'Run four',
      author,
      date: new Date(),
      files: { 'kustomize/deployment.yaml': deployment.replace('replicas: 2', 'replicas: 4') },
    });

    const flux = ['reconcile', 'kustomization', 'podinfo', '--with-source', '--kubeconfig', kubernetes.kubeconfig];
    await run(join(root, 'flux'), flux);

    const changed = await cluster.get({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      namespace: 'default',
      name: 'podinfo',
    });
    expect(changed['spec'].replicas).toBe(4);
  });

  test('deleting a Kustomization removes what it applied', async () => {
    // The fleet would bring it back.
    await run(join(root, 'flux'), ['suspend', 'kustomization', 'flux-system', '--kubeconfig', kubernetes.kubeconfig]);
    const flux = ['delete', 'kustomization', 'podinfo-patch', '--silent', '--kubeconfig', kubernetes.kubeconfig];
    await run(join(root, 'flux'), flux);

    await manager.watches.waitFor(
      { apiVersion: 'v1', kind: 'Namespace', name: 'podinfo-patch' },
      (object) => object === undefined,
      AbortSignal.timeout(120_000),
    );
  });
});

function isReady(object: KubeObject | undefined, generation: number): boolean {
  const conditions: { type: string; status: string }[] = object?.['status']?.conditions ?? [];
  const observed = (object?.['status']?.observedGeneration ?? 0) >= generation;
  return observed && conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}
