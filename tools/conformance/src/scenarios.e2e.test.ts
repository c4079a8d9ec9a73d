import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { controlPlane, ensureBuilt, type RealCluster, startKubernetes } from '@flux/kubernetes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from './suites/scenarios.ts';

const folder = join(import.meta.dirname, '..', 'cases', 'scenarios');
let directory: string;
let kubernetes: RealCluster;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flux-scenarios-'));
  kubernetes = await startKubernetes(await ensureBuilt(controlPlane), directory);
});

afterAll(async () => {
  await kubernetes?.stop();
  await rm(directory, { recursive: true, force: true });
});

test('what real controllers did on real Kubernetes, ours do too', { timeout: 1_800_000 }, async () => {
  const known: Record<string, string[]> = JSON.parse(
    await readFile(join(import.meta.dirname, '..', 'known-failures.json'), 'utf8'),
  );

  const outcomes = await run(folder, { engine: 'real', kubeconfig: kubernetes.kubeconfig });

  const unexpected = outcomes.filter(({ id, failure }) => failure !== undefined && !known['scenarios']?.includes(id));
  expect(unexpected).toEqual([]);
  expect(outcomes.filter(({ failure }) => failure === undefined).length).toBeGreaterThan(30);
});
