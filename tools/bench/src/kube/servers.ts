import { type ChildProcess, fork } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cluster, connectCluster } from '@flux/client';
import { controlPlane, ensureBuilt, startKubernetes } from '@flux/kubernetes';

const script = join(import.meta.dirname, 'serve-once.ts');

/** An API server to measure, in a process of its own. */
export interface MeasuredServer extends AsyncDisposable {
  name: string;
  kubeconfig: string;
  cluster: Cluster;
  /** The process that serves; with the real one etcd is another. */
  pid: number;
  /** Bytes in use after a collection; undefined where the server does not tell. */
  usedBytes(): Promise<number | undefined>;
}

/** Ours, in memory or on disk. */
export async function startOwnServer(directory: string, kind: 'memory' | 'sqlite'): Promise<MeasuredServer> {
  await mkdir(directory, { recursive: true });
  const kubeconfig = join(directory, 'kubeconfig');
  const data = kind === 'sqlite' ? [join(directory, 'data')] : [];
  const child = fork(script, [kubeconfig, ...data], {
    execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
  });
  await nextMessage(child);
  const cluster = await connectCluster({ kubeconfig });
  return {
    name: kind,
    kubeconfig,
    cluster,
    pid: child.pid ?? 0,
    async usedBytes() {
      const answer = nextMessage<{ usedBytes: number }>(child);
      child.send('memory');
      return (await answer).usedBytes;
    },
    async [Symbol.asyncDispose]() {
      await cluster.close();
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await ended;
    },
  };
}

/** kube-apiserver over etcd without fsync and without control loops: the least that it needs. */
export async function startRealServer(directory: string, progress: (message: string) => void): Promise<MeasuredServer> {
  const kubernetes = await startKubernetes(await ensureBuilt(controlPlane, progress), directory, {
    controlLoops: false,
  });
  const cluster = await connectCluster({ kubeconfig: kubernetes.kubeconfig });
  return {
    name: 'kube-apiserver',
    kubeconfig: kubernetes.kubeconfig,
    cluster,
    pid: kubernetes.pids['kube-apiserver'] ?? 0,
    usedBytes: () => Promise.resolve(undefined),
    async [Symbol.asyncDispose]() {
      await cluster.close();
      await kubernetes.stop();
    },
  };
}

function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const failed = (code: number | null) => reject(new Error(`the measured server ended with ${code}`));
    child.once('exit', failed);
    child.once('message', (message) => {
      child.off('exit', failed);
      resolve(message as T);
    });
  });
}
