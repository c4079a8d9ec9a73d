import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectCluster } from '@flux/client';
import { controlPlane, ensureBuilt, startKubernetes } from '@flux/kubernetes';
import { describeControllers } from './controllers.suite.ts';

describeControllers('controllers on Kubernetes', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'flux-runtime-'));
  const kubernetes = await startKubernetes(await ensureBuilt(controlPlane), directory);
  const cluster = await connectCluster({ kubeconfig: kubernetes.kubeconfig });
  const close = async () => {
    await cluster.close();
    await kubernetes.stop();
    await rm(directory, { recursive: true, force: true });
  };
  return { cluster, close };
});
