import { expect, test } from 'vitest';
import { isRealClusterBuilt, startRealCluster } from '../index.ts';

test('the real cluster serves the kinds of Flux', async () => {
  await using real = await startRealCluster();

  const mapping = await real.cluster.mapping({ apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' });

  expect(mapping).toMatchObject({ resource: 'kustomizations', namespaced: true });
  expect(isRealClusterBuilt()).toBe(true);
});
