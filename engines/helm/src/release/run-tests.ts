import { isReleaseName } from '../render/release-name.ts';
import { runHooks } from './hooks.ts';
import type { Release } from './release.ts';
import type { ReleaseContext } from './release-context.ts';
import { notFoundError, ReleaseError } from './release-error.ts';
import { tryRecord } from './release-steps.ts';

export interface TestOptions {
  name: string;
  timeoutMs: number;
  /** Hooks to leave out, and, when there are any without `exclude`, the only ones to run. */
  filters?: readonly { name: string; exclude?: boolean }[];
}

/**
 * Runs the test hooks of the last revision and records how they went (HELM-REL-07); waits by the rules of `poller`
 * whatever the release used. The hooks that ran are those of the answer with a `last_run` of now.
 */
export async function testRelease(context: ReleaseContext, options: TestOptions): Promise<Release> {
  const { name, timeoutMs } = options;
  if (!isReleaseName(name)) throw new ReleaseError(`releaseTest: Release name is invalid: ${name}`);
  const release = await context.storage.last(name);
  if (!release) throw notFoundError();
  const chosen = release.hooks.filter((hook) => isChosen(hook.name, options.filters ?? []));
  // skipped hooks come first in what is stored, as Helm leaves them
  release.hooks = [...release.hooks.filter((hook) => !chosen.includes(hook)), ...chosen];
  const serverSideApply = release.apply_method === 'ssa';
  const hookOptions = { timeoutMs, waitStrategy: 'poller' as const, serverSideApply };
  try {
    await runHooks(context, { release, event: 'test', only: chosen }, hookOptions);
  } catch (error) {
    await tryRecord(context, release);
    throw error;
  }
  await context.storage.update(release);
  return release;
}

function isChosen(name: string, filters: readonly { name: string; exclude?: boolean }[]): boolean {
  if (filters.some((filter) => filter.exclude && filter.name === name)) return false;
  const included = filters.filter(({ exclude }) => !exclude);
  return included.length === 0 || included.some((filter) => filter.name === name);
}
