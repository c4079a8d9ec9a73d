import { existsSync } from 'node:fs';
import { startApiServer } from '@flux/apiserver';
import { type Cluster, clusterOver } from '@flux/client';
import { DataDirectoryError, locateDataDirectory, prepareDataDirectory } from './data-directory.ts';

export interface StoppedCluster {
  cluster: Cluster;
  close(): Promise<void>;
}

/**
 * The state of a `flux up` that does not run, without its control loops. Throws while a process has it, and when there is
 * none, unless it is to be made.
 */
export async function openStoppedCluster(
  dataDirectory: string,
  { create }: { create: boolean },
): Promise<StoppedCluster> {
  const data = locateDataDirectory(dataDirectory);
  if (create) await prepareDataDirectory(data);
  else if (!existsSync(data.cluster)) throw new DataDirectoryError(`${data.root} is not a data directory of flux up`);
  const server = await startApiServer({ dataDirectory: data.cluster, controllers: false });
  const cluster = clusterOver({ send: server.handle, stream: server.stream, close: async () => {} }, server.url);
  return {
    cluster,
    close: async () => {
      await cluster.close();
      await server.close();
    },
  };
}
