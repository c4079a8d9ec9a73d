import { resolve } from 'node:path';
import { isJsonObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import type { Context } from '../context.ts';

/** The cluster to read or write, and whether it is an API server of ours. */
export interface OpenState extends AsyncDisposable {
  cluster: Cluster;
  /** As the API server says, `v1.36.3`. */
  kubernetes: string;
  isEmbedded: boolean;
}

/** Opens the cluster of the global flags, or the state in the data directory of a stopped `flux up`, made if `create` is set. */
export async function openState(
  context: Context,
  dataDirectory: string | undefined,
  { create }: { create: boolean },
): Promise<OpenState> {
  if (dataDirectory === undefined) return describe(await context.cluster(), async () => {});
  const { openStoppedCluster } = await import('@flux/manager');
  const { cluster, close } = await openStoppedCluster(resolve(context.cwd, dataDirectory), { create });
  try {
    return await describe(cluster, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function describe(cluster: Cluster, close: () => Promise<void>): Promise<OpenState> {
  const { body } = await cluster.raw({ method: 'GET', path: '/version' });
  const { gitVersion, goVersion } = isJsonObject(body) ? body : {};
  return {
    cluster,
    kubernetes: typeof gitVersion === 'string' ? gitVersion : 'unknown',
    // Ours runs in Node and says so where others name their Go.
    isEmbedded: typeof goVersion === 'string' && goVersion.startsWith('node'),
    [Symbol.asyncDispose]: close,
  };
}
