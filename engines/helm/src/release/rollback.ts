import { messageOf } from '@flux/errors';
import { isReleaseName } from '../render/release-name.ts';
import { describeMethod, updateObjects, type WriteMethod } from './apply-objects.ts';
import { runHooks, timeOf } from './hooks.ts';
import { withOwnership } from './ownership.ts';
import type { Release } from './release.ts';
import type { ReleaseContext, SuccessorOptions } from './release-context.ts';
import { notFoundError, ReleaseError, wrapError } from './release-error.ts';
import { buildObjects, type ReleaseObject } from './release-objects.ts';
import {
  buildCurrent,
  cleanUp,
  createPending,
  methodAfter,
  recordFailure,
  supersedeDeployed,
  tryRecord,
  waitUntilReady,
} from './release-steps.ts';

export interface RollbackOptions extends SuccessorOptions {
  /** The revision to go back to; the one before the last unless told. */
  version?: number;
}

/** Makes a new revision of an old one, from its stored manifest (HELM-STORE-09). */
export async function rollbackRelease(context: ReleaseContext, options: RollbackOptions): Promise<Release> {
  const { name } = options;
  if (!isReleaseName(name)) throw new ReleaseError(`prepareRollback: Release name is invalid: ${name}`);
  context.log?.('preparing rollback', { name });
  const { current, release, method } = await prepareRollback(context, options);
  context.signal?.throwIfAborted();
  context.log?.('creating rolled back release', { name });
  await createPending(context, release, options);
  context.log?.('performing rollback', { name });
  await performRollback(context, { current, release }, { ...options, method });
  await supersedeDeployed(context, name);
  release.info.status = 'deployed';
  context.log?.('updating status for rolled back release', { name });
  await context.storage.update(release);
  return release;
}

interface Prepared {
  /** The last revision, whatever its status: what the cluster is compared with. */
  current: Release;
  release: Release;
}

async function prepareRollback(
  context: ReleaseContext,
  options: RollbackOptions,
): Promise<Prepared & { method: WriteMethod }> {
  const { name } = options;
  if (options.version !== undefined && options.version < 0) throw new ReleaseError('invalid release revision');
  const history = await context.storage.history(name);
  const current = history.at(-1);
  if (!current) throw notFoundError();
  const version = options.version || current.version - 1;
  const previous = history.find((release) => release.version === version);
  if (!previous) throw new ReleaseError(`release has no ${version} version`, { reason: 'not-found' });
  context.log?.('rolling back', { name, currentVersion: current.version, targetVersion: version });
  const method = methodAfter(previous, options, { upgradesFieldManager: true });
  const { first_deployed } = current.info;
  const { notes } = previous.info;
  const release: Release = {
    name,
    namespace: current.namespace,
    chart: previous.chart,
    ...(previous.config ? { config: previous.config } : {}),
    info: {
      ...(first_deployed ? { first_deployed } : {}),
      last_deployed: timeOf(context),
      status: 'pending-rollback',
      description: `Rollback to ${version}`,
      ...(notes ? { notes } : {}),
    },
    manifest: previous.manifest,
    hooks: structuredClone(previous.hooks),
    version: current.version + 1,
    labels: { ...previous.labels },
    apply_method: describeMethod(method),
  };
  return { current, release, method };
}

async function performRollback(
  context: ReleaseContext,
  { current, release }: Prepared,
  options: RollbackOptions & { method: WriteMethod },
): Promise<void> {
  const { method } = options;
  const originals = await buildCurrent(context, current);
  const targets = withOwnership(await buildTarget(context, release), release);
  const hookOptions = { ...options, serverSideApply: method.serverSideApply };
  await runHooks(context, { release, event: 'pre-rollback' }, hookOptions);
  const { created, error } = await updateObjects(context, { originals, targets }, method);
  if (error !== undefined) {
    await failUpdate(context, { current, release }, { error, created, cleanup: options.cleanupOnFail ?? false });
    throw error;
  }
  try {
    await waitUntilReady(context, targets, options);
  } catch (failure) {
    await tryRecord(context, current);
    await recordFailure(context, release, `Release "${release.name}" failed: ${messageOf(failure)}`);
    throw wrapError(`release ${release.name} failed`, failure);
  }
  await runHooks(context, { release, event: 'post-rollback' }, hookOptions);
}

async function buildTarget(context: ReleaseContext, release: Release): Promise<ReleaseObject[]> {
  const { cluster } = context;
  try {
    return await buildObjects(release.manifest, { cluster, namespace: release.namespace });
  } catch (error) {
    throw wrapError('unable to build kubernetes objects from new release manifest', error);
  }
}

async function failUpdate(
  context: ReleaseContext,
  { current, release }: Prepared,
  { error, created, cleanup }: { error: unknown; created: readonly ReleaseObject[]; cleanup: boolean },
): Promise<void> {
  const description = `Rollback "${release.name}" failed: ${messageOf(error)}`;
  context.log?.(description, {}, 'warning');
  current.info.status = 'superseded';
  await tryRecord(context, current);
  await recordFailure(context, release, description);
  if (!cleanup) return;
  await cleanUp(context, created, (problem) =>
    wrapError('an error occurred while cleaning up resources. original rollback error', problem),
  );
}
