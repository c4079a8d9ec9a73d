import { parentPort } from 'node:worker_threads';
import { FluxError } from '@flux/errors';
import type { BuildInput } from '../kustomization/deps.ts';
import { type BuildOptions, buildManifests } from './build-manifests.ts';

/** What `BuildPool` sends to a worker. */
export interface BuildJob {
  input: BuildInput;
  options: BuildOptions;
}

/** What it gets back; an error that is ours keeps its text, any other its stack. */
export type BuildAnswer = { built: Awaited<ReturnType<typeof buildManifests>> } | { failure: string; isOurs: boolean };

parentPort?.on('message', async (job: BuildJob) => parentPort?.postMessage(await answer(job)));

async function answer({ input, options }: BuildJob): Promise<BuildAnswer> {
  try {
    return { built: await buildManifests(input, options) };
  } catch (error) {
    if (error instanceof FluxError) return { failure: error.message, isOurs: true };
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error), isOurs: false };
  }
}
