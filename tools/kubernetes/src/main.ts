import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '@flux/errors';
import { ensureBuilt } from './build.ts';
import { ensureKubectl } from './kubectl.ts';
import { controlPlane, fluxControllers, referenceTools } from './modules.ts';
import { startKubernetes } from './start.ts';

/** `npm run kubernetes`: builds on first use, starts the control plane, prints a kubeconfig and stays until Ctrl-C. */
async function main(): Promise<void> {
  const say = (text: string) => process.stderr.write(`► ${text}\n`);
  const binaries = await ensureBuilt(controlPlane, say);
  if (process.argv.includes('--tools')) {
    await ensureBuilt(referenceTools, say);
    await ensureKubectl();
  }
  if (process.argv.includes('--flux')) await ensureBuilt(fluxControllers, say);
  if (process.argv.includes('--build-only')) return;
  const directory = await mkdtemp(join(tmpdir(), 'flux-kubernetes-'));
  const cluster = await startKubernetes(binaries, directory);
  process.stderr.write(`✔ Kubernetes is ready at ${cluster.url}; Ctrl-C stops it\n`);
  process.stdout.write(`export KUBECONFIG=${cluster.kubeconfig}\n`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await cluster.stop();
  await rm(directory, { recursive: true, force: true });
}

await main().catch((error: unknown) => {
  process.stderr.write(`✗ ${messageOf(error)}\n`);
  process.exitCode = 1;
});
