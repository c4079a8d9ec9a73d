import { existsSync } from 'node:fs';
import { connectCluster } from '@flux/client';
import { temporaryDirectory } from '@flux/fs';
import { binaryPath, controlPlane, ensureBuilt, startKubernetes } from '@flux/kubernetes';
import { installCrds, type TestCluster } from './test-cluster.ts';

/** Whether `startRealCluster` can start at once: building Kubernetes takes minutes. */
export function isRealClusterBuilt(): boolean {
  return controlPlane.every((program) => existsSync(binaryPath(program)));
}

export interface RealTestCluster extends TestCluster {
  /** Kills the API server, which loses what it was doing, and starts it again. */
  restartApiServer(): Promise<void>;
}

/** A control plane of Kubernetes with one simulated node, built first where it is missing. */
export async function startRealCluster(): Promise<RealTestCluster> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await temporaryDirectory('real-cluster'));
  const binaries = await ensureBuilt(controlPlane);
  const kubernetes = stack.adopt(await startKubernetes(binaries, directory.path), (started) => started.stop());
  const { kubeconfig, url, restartApiServer } = kubernetes;
  const cluster = stack.adopt(await connectCluster({ kubeconfig }), (connected) => connected.close());
  await installCrds(cluster);
  const kept = stack.move();
  const close = () => kept.disposeAsync();
  return { cluster, url, kubeconfig, restartApiServer, close, [Symbol.asyncDispose]: close };
}
