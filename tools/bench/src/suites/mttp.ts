import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { commitFiles, createBareRepository, serveGit } from '@flux/git';
import { type Engine, engines } from '../engine.ts';
import { readUsage, type Usage } from '../measure.ts';
import type { Row } from '../row.ts';
import { inParallel, untilReady } from '../until-ready.ts';

const count = 100;

/**
 * Mean time to production: 100 Kustomizations, each with a namespace of its own holding a ServiceAccount, a Deployment
 * without replicas, a Service and an Ingress, `wait: true`, from the first create until all are Ready. The floor is the
 * same objects written by a bare loop of 20 server-side applies at a time.
 */
export async function run(progress: (message: string) => void): Promise<Row[]> {
  const rows: Row[] = [];
  const directory = await mkdtemp(join(tmpdir(), 'flux-bench-mttp-'));
  const repository = join(directory, 'git', 'bench.git');
  await mkdir(join(directory, 'git'));
  await createBareRepository(repository);
  await commitFiles(repository, {
    message: 'Add the application',
    author: { name: 'bench', email: 'bench@localhost' },
    date: new Date(),
    files: { 'app/app.yaml': manifests('${ns}') },
  });
  const git = await serveGit({ root: join(directory, 'git'), host: '127.0.0.1', port: 0 });
  try {
    for (const start of engines()) {
      await using engine = await start(join(directory, start.name), progress);
      progress(`${engine.name}: measuring the floor`);
      const floor = await measureFloor(engine.cluster);
      progress(`${engine.name}: creating ${count} Kustomizations`);
      rows.push(...(await measure(engine, `${git.url}/bench.git`, floor)));
    }
    return rows;
  } finally {
    await git.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function measure(engine: Engine, url: string, floor: number): Promise<Row[]> {
  const { cluster } = engine;
  await cluster.apply(source(url), { fieldManager: 'bench', force: true });
  await untilReady(cluster, 'source.toolkit.fluxcd.io/v1', 'GitRepository', 1);
  const before = readUsage(engine.pid) as Usage;
  const start = performance.now();
  const ready = untilReady(cluster, 'kustomize.toolkit.fluxcd.io/v1', 'Kustomization', count);
  await inParallel(
    Array.from({ length: count }, (_, index) => kustomization(index)),
    (object) => cluster.create(object),
  );
  await ready;
  const seconds = (performance.now() - start) / 1000;
  const after = readUsage(engine.pid) as Usage;
  const peer = { name: 'floor', value: floor };
  return [
    { name: `${engine.name}: ${count} Kustomizations Ready`, value: seconds, unit: 's', peer },
    { name: `${engine.name}: peak memory`, value: after.peakMiB, unit: 'MiB' },
    { name: `${engine.name}: CPU`, value: after.cpuSeconds - before.cpuSeconds, unit: 's' },
  ];
}

async function measureFloor(cluster: Cluster): Promise<number> {
  const groups = Array.from({ length: count }, (_, index) => objects(`floor-${index}`));
  const start = performance.now();
  const apply = (object: KubeObject) => cluster.apply(object, { fieldManager: 'floor', force: true });
  // Namespaces first: the rest needs them, in the floor as in the measured run.
  await inParallel(
    groups.map(([namespace]) => namespace!),
    apply,
  );
  await inParallel(
    groups.flatMap(([, ...rest]) => rest),
    apply,
  );
  return (performance.now() - start) / 1000;
}

function source(url: string): KubeObject {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name: 'bench', namespace: 'default' },
    spec: { interval: '1h', url, ref: { branch: 'main' } },
  };
}

function kustomization(index: number): KubeObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: `bench-${index}`, namespace: 'default' },
    spec: {
      interval: '1h',
      path: './app',
      prune: true,
      wait: true,
      sourceRef: { kind: 'GitRepository', name: 'bench' },
      postBuild: { substitute: { ns: `bench-${index}` } },
    },
  };
}

function objects(namespace: string): KubeObject[] {
  const metadata = { name: 'app', namespace };
  const labels = { app: 'app' };
  const container = { name: 'app', image: 'example.com/app:1.0.0', ports: [{ containerPort: 8080, protocol: 'TCP' }] };
  const backend = { service: { name: 'app', port: { number: 80 } } };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { serviceAccountName: 'app', containers: [container] } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }] },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata,
      spec: {
        rules: [{ host: `${namespace}.example.com`, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
      },
    },
  ];
}

function manifests(namespace: string): string {
  return objects(namespace)
    .map((object) => JSON.stringify(object, null, 2))
    .join('\n---\n');
}
