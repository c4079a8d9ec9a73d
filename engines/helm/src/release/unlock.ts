import type { Release, ReleaseStatus } from './release.ts';
import type { ReleaseContext } from './release-context.ts';
import { isPending } from './release-steps.ts';

export interface Unlocked {
  release: Release;
  /** The state that an action left behind when it was killed. */
  from: ReleaseStatus;
}

/**
 * Marks the last revision as failed when a killed action left it pending, so that the next action can go on from it;
 * undefined when there is nothing to unlock. With `uninstalling` that also goes for a killed uninstall, which Helm leaves
 * as something that can neither be upgraded nor installed.
 */
export async function unlockRelease(
  context: Pick<ReleaseContext, 'storage'>,
  { name, uninstalling = false }: { name: string; uninstalling?: boolean },
): Promise<Unlocked | undefined> {
  const release = await context.storage.last(name);
  if (!release) return undefined;
  const from = release.info.status;
  if (!isPending(from) && !(uninstalling && from === 'uninstalling')) return undefined;
  release.info.status = 'failed';
  release.info.description = `Release unlocked from stale '${from}' state`;
  delete release.info.deleted;
  await context.storage.update(release);
  return { release, from };
}
