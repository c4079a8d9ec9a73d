import { isRealClusterBuilt, serveCharts, startRealCluster } from '@flux/testkit';
import { describe } from 'vitest';
import { type ChaosPlace, testReleaseChaos } from './testing/release-chaos.suite.ts';

const isBuilt = isRealClusterBuilt();
const title = `on real Kubernetes${isBuilt ? '' : ' (left out: build it with `npm run kubernetes -- --build-only`)'}`;

describe.skipIf(!isBuilt)(title, () => {
  testReleaseChaos({ open: openReal, serveCharts, rounds: Number(process.env['CHAOS_ROUNDS'] ?? 8) });
});

/** kube-apiserver is killed like the manager, without a word. */
async function openReal(): Promise<ChaosPlace> {
  const real = await startRealCluster();
  const { cluster, kubeconfig, restartApiServer } = real;
  return { cluster, kubeconfig, restart: restartApiServer, [Symbol.asyncDispose]: () => real.close() };
}
