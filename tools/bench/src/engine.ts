import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Cluster, connectCluster } from '@flux/client';
import { controlPlane, ensureBuilt, startKubernetes } from '@flux/kubernetes';

const flux = resolve(import.meta.dirname, '..', '..', '..', 'flux');

/** An engine to measure on: a cluster with our controllers running against it. */
export interface Engine extends AsyncDisposable {
  name: string;
  cluster: Cluster;
  kubeconfig: string;
  /** The process whose memory and CPU count: the controllers, and with the embedded engine the API server too. */
  pid: number;
}

/** `BENCH_ENGINE=kubernetes` or `embedded` measures one of them only. */
export function engines(): ((directory: string, progress: (message: string) => void) => Promise<Engine>)[] {
  const only = process.env['BENCH_ENGINE'];
  const all = { embedded: startEmbedded, kubernetes: startReal };
  return Object.entries(all).flatMap(([name, start]) => (only === undefined || only === name ? [start] : []));
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
