import { crdOf, kinds } from '@flux/api';
import { type Condition, type KubeObject, refOf } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { createWatchCache } from '@flux/runtime';
import { waitUntilServed } from '@flux/ssa';

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
  const watches = createWatchCache(cluster);
  try {
    const definitions = kinds.map((kind) => crdOf(kind) as unknown as KubeObject);
    for (const definition of definitions) await cluster.apply(definition, { fieldManager: 'testkit', force: true });
    const signal = AbortSignal.timeout(establishMs);
    await Promise.all(definitions.map((definition) => watches.waitFor(refOf(definition), isEstablished, signal)));
    cluster.invalidate();
    await waitUntilServed(cluster, definitions, { timeoutMs: establishMs, signal });
  } finally {
    await watches.close();
  }
}

function isEstablished(definition: KubeObject | undefined): boolean {
  const conditions: readonly Condition[] = definition?.['status']?.conditions ?? [];
  return conditions.some(({ type, status }) => type === 'Established' && status === 'True');
}
