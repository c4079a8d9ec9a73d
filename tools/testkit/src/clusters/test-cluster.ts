import { crdOf, kinds } from '@flux/api';
import type { Cluster } from '@flux/client';
import { applyDefinitions } from '@flux/ssa';

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
  await applyDefinitions(cluster, kinds.map(crdOf), { fieldManager: 'testkit', timeoutMs: establishMs });
}
