import { messageOf } from '@flux/errors';
import { sortByKind, uninstallOrder } from '../render/kind-order.ts';
import { readHead } from '../render/manifest-head.ts';
import { isReleaseName } from '../render/release-name.ts';
import { splitManifests } from '../render/split-manifests.ts';
import { deleteObjects } from './delete-objects.ts';
import { runHooks, timeOf, waitOptions } from './hooks.ts';
import type { Release } from './release.ts';
import type { DeletionPropagation } from './release-cluster.ts';
import type { ReleaseContext, WaitChoice } from './release-context.ts';
import { JoinedError, notFoundError, ReleaseError, wrapError } from './release-error.ts';
import { buildObjects, type ReleaseObject } from './release-objects.ts';
import { supersedeDeployed, tryRecord } from './release-steps.ts';

export interface UninstallOptions extends WaitChoice {
  name: string;
  disableHooks?: boolean;
  /** Marks the release as uninstalled instead of removing its revisions. */
  keepHistory?: boolean;
  /** `Background` unless told. */
  propagation?: DeletionPropagation;
  description?: string;
}

export interface Uninstalled {
  release: Release;
  /** Objects that the resource policy kept, for people; empty when there are none. */
  kept: string;
}

/**
 * Takes a release down (HELM-KUBE-11). Rejects with reason `not-found` when it does not exist, and with `already-deleted`
 * when only its history is left and is to stay.
 */
export async function uninstallRelease(context: ReleaseContext, options: UninstallOptions): Promise<Uninstalled> {
  const { name } = options;
  if (!isReleaseName(name)) throw new ReleaseError(`uninstall: Release name is invalid: ${name}`);
  const history = await loadHistory(context, name);
  const release = history.at(-1)!;
  if (release.info.status === 'uninstalled') return finishUninstalled(context, { history, release }, options);
  context.log?.('uninstall: deleting release', { name });
  const hookOptions = { ...options, serverSideApply: true };
  release.info.status = 'uninstalling';
  release.info.deleted = timeOf(context);
  release.info.description = 'Deletion in progress (or silently failed)';
  await runHooks(context, { release, event: 'pre-delete' }, hookOptions);
  context.signal?.throwIfAborted();
  await tryRecord(context, release);
  const { deleted, kept } = await deleteResources(context, release, options);
  const errors = await collect([
    () => waitUntilGone(context, deleted, options),
    () => runHooks(context, { release, event: 'post-delete' }, hookOptions),
  ]);
  context.signal?.throwIfAborted();
  release.info.status = 'uninstalled';
  release.info.description = options.description || 'Uninstallation complete';
  if (options.keepHistory) await markUninstalled(context, release);
  else errors.push(...(await collect([() => purge(context, history)])));
  if (errors.length === 0) return { release, kept };
  const text = `uninstallation completed with ${errors.length} error(s)`;
  throw wrapError(text, new JoinedError(errors, '; '));
}

async function loadHistory(context: ReleaseContext, name: string): Promise<Release[]> {
  let history: Release[];
  try {
    history = await context.storage.history(name);
  } catch (error) {
    throw new ReleaseError(`uninstall: Release not loaded: ${name}: ${messageOf(error)}`, {
      reason: 'storage',
      cause: error,
    });
  }
  if (history.length > 0) return history;
  const missing = notFoundError();
  const text = `uninstall: Release not loaded: ${name}: ${missing.message}`;
  throw new ReleaseError(text, { reason: 'not-found', cause: missing });
}

async function finishUninstalled(
  context: ReleaseContext,
  { history, release }: { history: readonly Release[]; release: Release },
  options: UninstallOptions,
): Promise<Uninstalled> {
  if (options.keepHistory) {
    const text = `the release named ${JSON.stringify(options.name)} is already deleted`;
    throw new ReleaseError(text, { reason: 'already-deleted' });
  }
  await purge(context, history);
  return { release, kept: '' };
}

async function deleteResources(
  context: ReleaseContext,
  release: Release,
  options: UninstallOptions,
): Promise<{ deleted: ReleaseObject[]; kept: string }> {
  const { cluster, log } = context;
  try {
    const { remaining, kept } = splitByPolicy(release.manifest);
    const deleted = await buildObjects(remaining.map((text) => `\n---\n${text}`).join(''), {
      cluster,
      namespace: release.namespace,
      onUnservedKind: ({ kind, metadata }) => log?.('the kind is no longer served', { kind, name: metadata.name }),
    });
    const errors = await deleteObjects(context, deleted, options.propagation ?? 'Background');
    if (errors.length > 0) throw new JoinedError(errors, '\n');
    return { deleted, kept };
  } catch (error) {
    context.signal?.throwIfAborted();
    log?.('uninstall: Failed to delete release', { error: messageOf(error) });
    throw new ReleaseError(`failed to delete release: ${release.name}`, { cause: error });
  }
}

/** Documents in the order of removal. Those with the policy `keep` are named, those with any other are left alone (HELM-KUBE-10). */
function splitByPolicy(manifest: string): { remaining: string[]; kept: string } {
  const documents = splitManifests(manifest).map((text) => ({ text, head: readHead(text, 'manifest') }));
  const sorted = sortByKind(documents, ({ head }) => head.kind, uninstallOrder);
  const policyOf = (annotations: Readonly<Record<string, string>>) =>
    Object.hasOwn(annotations, 'helm.sh/resource-policy')
      ? annotations['helm.sh/resource-policy']!.trim().toLowerCase()
      : undefined;
  const keptLines = sorted
    .filter(({ head }) => policyOf(head.annotations) === 'keep')
    .map(({ head }) => `[${head.kind}] ${head.name}\n`);
  const remaining = sorted.filter(({ head }) => policyOf(head.annotations) === undefined).map(({ text }) => text);
  const kept =
    keptLines.length > 0 ? `These resources were kept due to the resource policy:\n${keptLines.join('')}` : '';
  return { remaining, kept };
}

async function waitUntilGone(
  context: ReleaseContext,
  objects: readonly ReleaseObject[],
  options: UninstallOptions,
): Promise<void> {
  if (options.waitStrategy === 'hook-only' || objects.length === 0) return;
  await context.waiter.waitGone(
    objects.map(({ ref }) => ref),
    waitOptions(context, options),
  );
}

/** What failed of steps that are all tried. */
async function collect(steps: readonly (() => Promise<void>)[]): Promise<unknown[]> {
  const errors: unknown[] = [];
  for (const step of steps) await step().catch((error: unknown) => errors.push(error));
  return errors;
}

async function purge(context: ReleaseContext, history: readonly Release[]): Promise<void> {
  try {
    for (const { name, version } of history) {
      await context.storage.delete(name, version).catch((error: unknown) => {
        if (!(error instanceof ReleaseError && error.reason === 'not-found')) throw error;
      });
    }
  } catch (error) {
    throw wrapError('uninstall: Failed to purge the release', error);
  }
}

async function markUninstalled(context: ReleaseContext, release: Release): Promise<void> {
  await tryRecord(context, release);
  await supersedeDeployed(context, release.name);
}
