import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { KubeObject } from '@flux/apimachinery';
import { type Cluster, connectCluster } from '@flux/client';
import { commitFiles, createBareRepository, serveGit } from '@flux/git';
import { controlPlane, ensureBuilt, startKubernetes } from '@flux/kubernetes';
import { readUsage, type Usage } from '../measure.ts';
import type { Row } from '../row.ts';

const root = resolve(import.meta.dirname, '..', '..', '..', '..');
const flux = join(root, 'flux');
const count = 100;
const concurrency = 20;

/** An engine to measure on: a cluster with our controllers running against it. */
interface Engine extends AsyncDisposable {
  name: string;
  cluster: Cluster;
  kubeconfig: string;
  /** The process whose memory and CPU count: the controllers, and with the embedded engine the API server too. */
  pid: number;
}

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

/** `BENCH_ENGINE=kubernetes` or `embedded` measures one of them only. */
function engines(): ((directory: string, progress: (message: string) => void) => Promise<Engine>)[] {
  const only = process.env['BENCH_ENGINE'];
  const all = { embedded: startEmbedded, kubernetes: startReal };
  return Object.entries(all).flatMap(([name, start]) => (only === undefined || only === name ? [start] : []));
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

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

/** Resolves when `expected` objects of the kind are Ready for their generation, by one watch. */
async function untilReady(cluster: Cluster, apiVersion: string, kind: string, expected: number): Promise<void> {
  const abort = new AbortController();
  const ready = new Set<string>();
  for await (const event of cluster.watch({ apiVersion, kind }, { signal: abort.signal, resourceVersion: '0' })) {
    if (event.type === 'ERROR') throw new Error(`watching ${kind} failed: ${JSON.stringify(event.object)}`);
    if (event.type === 'BOOKMARK') continue;
    if (isReady(event.object)) ready.add(event.object.metadata.name);
    if (ready.size >= expected) {
      abort.abort();
      return;
    }
  }
  throw new Error(`the watch of ${kind} ended when ${ready.size} of ${expected} were ready`);
}

function isReady(object: KubeObject): boolean {
  const conditions = (object['status']?.conditions ?? []) as { type: string; status: string }[];
  const observed = object['status']?.observedGeneration === object.metadata.generation;
  return observed && conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

async function startEmbedded(directory: string): Promise<Engine> {
  const kubeconfig = join(directory, 'kubeconfig');
  await mkdir(join(directory, 'empty'), { recursive: true });
  const args = ['up', '--data-dir', directory, '--path', join(directory, 'empty')];
  const child = await startFlux(args, 'all objects are ready');
  return engine('embedded', kubeconfig, child);
}

async function startReal(directory: string, progress: (message: string) => void): Promise<Engine> {
  const binaries = await ensureBuilt(controlPlane, progress);
  await mkdir(directory, { recursive: true });
  const kubernetes = await startKubernetes(binaries, join(directory, 'kubernetes'));
  await mkdir(join(directory, 'artifacts'));
  const install = spawn(flux, ['install', '--kubeconfig', kubernetes.kubeconfig], { stdio: 'ignore' });
  await new Promise((resolve) => install.once('exit', resolve));
  const args = ['manager', '--kubeconfig', kubernetes.kubeconfig, '--storage-path', join(directory, 'artifacts')];
  const addresses = ['--storage-addr', '127.0.0.1:0', '--metrics-addr=', '--health-addr='];
  const child = await startFlux([...args, ...addresses], 'starting controllers');
  return engine('kubernetes', kubernetes.kubeconfig, child, () => kubernetes.stop());
}

async function engine(
  name: string,
  kubeconfig: string,
  child: ChildProcess,
  stop: () => Promise<void> = async () => {},
): Promise<Engine> {
  const cluster = await connectCluster({ kubeconfig });
  return {
    name,
    cluster,
    kubeconfig,
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      await cluster.close();
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      await stop();
    },
  };
}

async function startFlux(args: string[], readyText: string): Promise<ChildProcess> {
  const child = spawn(flux, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const listen = (chunk: Buffer) => {
      if (output.length < 1_000_000) output += chunk;
      if (output.includes(readyText)) resolve();
    };
    child.stdout!.on('data', listen);
    child.stderr!.on('data', listen);
    child.once('exit', (code) => reject(new Error(`flux ${args[0]} ended with ${code}:\n${output}`)));
  });
  return child;
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
