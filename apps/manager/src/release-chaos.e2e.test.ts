import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startApiServer } from '@flux/apiserver';
import { clusterOver, type Transport } from '@flux/client';
import { temporaryDirectory } from '@flux/fs';
import { installCrds, serveCharts } from '@flux/testkit';
import { type ChaosPlace, testReleaseChaos } from './testing/release-chaos.suite.ts';
import { choosePort } from './up/ports.ts';

testReleaseChaos({ open: openEmbedded, serveCharts, rounds: Number(process.env['CHAOS_ROUNDS'] ?? 100) });

/** The embedded server, with its state on disk; the transport finds the one that runs. */
async function openEmbedded(): Promise<ChaosPlace> {
  const directory = await temporaryDirectory('chaos-cluster');
  const dataDirectory = join(directory.path, 'cluster');
  await mkdir(dataDirectory);
  const port = await choosePort(undefined, undefined);
  let server = await startApiServer({ dataDirectory, port });
  const kubeconfig = join(directory.path, 'kubeconfig');
  await writeFile(kubeconfig, server.adminKubeconfig(), { mode: 0o600 });
  const transport: Transport = {
    send: (request) => server.handle(request),
    stream: (request) => server.stream(request),
    close: async () => {},
  };
  const cluster = clusterOver(transport, server.url);
  await installCrds(cluster);
  return {
    cluster,
    kubeconfig,
    async restart() {
      await server.close();
      server = await startApiServer({ dataDirectory, port });
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}
