import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiServer, ApiServerOptions } from '@flux/apiserver';
import { clusterOver } from '@flux/client';
import { temporaryDirectory } from '@flux/fs';
import { installCrds, type TestCluster } from './test-cluster.ts';

export interface EmbeddedCluster extends TestCluster {
  readonly server: ApiServer;
}

/** The embedded API server, reached by direct calls; the kubeconfig is for those who come over HTTPS. */
export async function startEmbeddedCluster(options: ApiServerOptions = {}): Promise<EmbeddedCluster> {
  const { startApiServer } = await import('@flux/apiserver');
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await temporaryDirectory('embedded-cluster'));
  const server = stack.adopt(await startApiServer(options), (started) => started.close());
  const cluster = clusterOver({ send: server.handle, stream: server.stream, close: async () => {} }, server.url);
  stack.defer(() => cluster.close());
  await installCrds(cluster);
  const kubeconfig = join(directory.path, 'kubeconfig');
  await writeFile(kubeconfig, server.adminKubeconfig(), { mode: 0o600 });
  const kept = stack.move();
  const close = () => kept.disposeAsync();
  return { cluster, server, url: server.url, kubeconfig, close, [Symbol.asyncDispose]: close };
}
