import { crdOf, kinds } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { waitForDefinitions } from '@flux/ssa';

/** A cluster with the CRDs of Flux in it. */
export interface TestCluster extends AsyncDisposable {
  readonly cluster: Cluster;
  /** `https://127.0.0.1:<port>` */
  readonly url: string;
  /** Path of a kubeconfig with cluster-admin rights. */
  readonly kubeconfig: string;
  close(): Promise<void>;
}

const establishMs = 30_000;

/** Creates the CRDs of all kinds and waits until they are served. */
export async function installCrds(cluster: Cluster): Promise<void> {
  const definitions = kinds.map((kind) => crdOf(kind) as unknown as KubeObject);
  for (const definition of definitions) await cluster.apply(definition, { fieldManager: 'testkit', force: true });
  await waitForDefinitions(cluster, definitions, { timeoutMs: establishMs });
}
