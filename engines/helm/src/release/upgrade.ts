import { messageOf } from '@flux/errors';
import type { Chart, Values } from '../chart/chart.ts';
import { isReleaseName } from '../render/release-name.ts';
import { describeMethod, updateObjects, type WriteMethod } from './apply-objects.ts';
import { runHooks, timeOf } from './hooks.ts';
import { findAdoptions, withOwnership } from './ownership.ts';
import type { Release } from './release.ts';
import { type ReleaseContext, type RenderRelease, type SuccessorOptions, signalOf } from './release-context.ts';
import { JoinedError, noDeployedReleases, pendingError, ReleaseError, wrapError } from './release-error.ts';
import { buildObjects, indexObjects, type ReleaseObject } from './release-objects.ts';
import {
  buildCurrent,
  checkLabels,
  cleanUp,
  createPending,
  isPending,
  methodAfter,
  recordFailure,
  releaseChartOf,
  tryRecord,
  waitUntilReady,
} from './release-steps.ts';
import { reuseValues } from './reuse-values.ts';

export interface UpgradeOptions extends SuccessorOptions {
  chart: Chart;
  values: Values;
  render: RenderRelease;
  takeOwnership?: boolean;
  /** Lays the values over those of the release before (HELM-STORE-08). */
  preserveValues?: boolean;
  description?: string;
  labels?: Readonly<Record<string, string>>;
  disableOpenApiValidation?: boolean;
  disableSchemaValidation?: boolean;
  dryRun?: boolean;
}

/**
 * Upgrades a release to a new revision (HELM-REL-03). The revision is stored as pending first, which locks out others; the
 * one it replaces stays deployed until all is done (HELM-STORE-06).
 */
export async function upgradeRelease(context: ReleaseContext, options: UpgradeOptions): Promise<Release> {
  const { name } = options;
  if (!isReleaseName(name)) throw new ReleaseError(`release name is invalid: ${name}`);
  context.log?.('preparing upgrade', { name });
  const base = await findBase(context, name);
  const { release, method } = await renderUpgrade(context, base, options);
  const { current, target } = await prepareUpgrade(context, { base: base.deployed, release }, options);
  if (options.dryRun) {
    release.info.description = options.description || 'Dry run complete';
    return release;
  }
  context.signal?.throwIfAborted();
  context.log?.('performing update', { name });
  context.log?.('creating upgraded release', { name });
  await createPending(context, release, options);
  await performUpgrade(context, { base: base.deployed, release, current, target }, { ...options, method });
  context.log?.('updating status for upgraded release', { name });
  await context.storage.update(release);
  return release;
}

interface Base {
  last: Release;
  /** What the cluster is compared with: the deployed revision, if any (HELM-STORE-07). */
  deployed: Release;
}

async function findBase(context: ReleaseContext, name: string): Promise<Base> {
  const history = await context.storage.history(name);
  const last = history.at(-1);
  if (!last) throw noDeployedReleases(name);
  const { status } = last.info;
  if (isPending(status)) throw pendingError();
  const deployed = history.findLast((release) => release.info.status === 'deployed');
  if (deployed) return { last, deployed };
  if (status === 'failed' || status === 'superseded') return { last, deployed: last };
  throw noDeployedReleases(name);
}

async function renderUpgrade(
  context: ReleaseContext,
  { last, deployed }: Base,
  options: UpgradeOptions,
): Promise<{ release: Release; method: WriteMethod }> {
  const { name } = options;
  context.log?.(
    options.preserveValues ? "reusing the old release's values" : "resetting values to the chart's original version",
  );
  const { chart, values } = options.preserveValues ? reuseValues(options, deployed) : options;
  const { namespace } = deployed;
  const revision = last.version + 1;
  const rendered = await options.render({
    chart,
    values,
    release: { name, namespace, revision, isInstall: false, isUpgrade: true },
    disableSchemaValidation: options.disableSchemaValidation ?? false,
  });
  checkLabels(options.labels);
  const method = methodAfter(last, options, { upgradesFieldManager: deployed.apply_method !== 'ssa' });
  context.log?.('determined release apply method', {
    previous_release_apply_method: last.apply_method ?? '',
    server_side_apply: method.serverSideApply,
  });
  const { first_deployed } = deployed.info;
  const release: Release = {
    name,
    namespace,
    chart: releaseChartOf(rendered.chart ?? chart),
    config: values,
    info: {
      ...(first_deployed ? { first_deployed } : {}),
      last_deployed: timeOf(context),
      status: 'pending-upgrade',
      description: 'Preparing upgrade',
      ...(rendered.notes ? { notes: rendered.notes } : {}),
    },
    manifest: rendered.manifest,
    hooks: rendered.hooks,
    version: revision,
    labels: mergeLabels(last.labels, options.labels),
    apply_method: describeMethod(method),
  };
  return { release, method };
}

/** The label value `null` removes a label. */
function mergeLabels(
  current: Readonly<Record<string, string>> = {},
  desired: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return Object.fromEntries(Object.entries({ ...current, ...desired }).filter(([, value]) => value !== 'null'));
}

interface Manifests {
  current: ReleaseObject[];
  target: ReleaseObject[];
}

async function prepareUpgrade(
  context: ReleaseContext,
  { base, release }: { base: Release; release: Release },
  options: UpgradeOptions,
): Promise<Manifests> {
  const current = await buildCurrent(context, base);
  const validate = !options.disableOpenApiValidation;
  const { cluster } = context;
  const built = await buildObjects(release.manifest, { cluster, namespace: release.namespace, validate }).catch(
    (error: unknown) => {
      throw wrapError('unable to build kubernetes objects from new release manifest', error);
    },
  );
  const target = withOwnership(built, release);
  const findCurrent = indexObjects(current);
  const adopted = await findAdoptions(
    target.filter((item) => findCurrent(item)?.object.apiVersion !== item.object.apiVersion),
    {
      find: ({ ref }) => cluster.find(ref, signalOf(context)),
      takeOwnership: options.takeOwnership ?? false,
      release,
    },
  ).catch((error: unknown) => {
    throw wrapError('unable to continue with update', error);
  });
  return { current: [...current, ...adopted], target };
}

interface Prepared extends Manifests {
  base: Release;
  release: Release;
}

async function performUpgrade(
  context: ReleaseContext,
  prepared: Prepared,
  options: UpgradeOptions & { method: WriteMethod },
): Promise<void> {
  const { base, release } = prepared;
  const created: ReleaseObject[] = [];
  try {
    await changeCluster(context, prepared, { ...options, created });
  } catch (error) {
    await failUpgrade(context, { release, created }, { error, cleanup: options.cleanupOnFail ?? false });
    throw error;
  }
  base.info.status = 'superseded';
  await tryRecord(context, base);
  release.info.status = 'deployed';
  release.info.description = options.description || 'Upgrade complete';
}

async function changeCluster(
  context: ReleaseContext,
  { base, release, current, target }: Prepared,
  options: UpgradeOptions & { method: WriteMethod; created: ReleaseObject[] },
): Promise<void> {
  const { method } = options;
  const hookOptions = { ...options, serverSideApply: method.serverSideApply };
  await runHooks(context, { release, event: 'pre-upgrade' }, hookOptions).catch((error: unknown) => {
    throw wrapError('pre-upgrade hooks failed', error);
  });
  try {
    const { created, error } = await updateObjects(context, { originals: current, targets: target }, method);
    options.created.push(...created);
    if (error !== undefined) throw error;
    await waitUntilReady(context, target, options);
  } catch (error) {
    await tryRecord(context, base);
    throw error;
  }
  await runHooks(context, { release, event: 'post-upgrade' }, hookOptions).catch((error: unknown) => {
    throw wrapError('post-upgrade hooks failed', error);
  });
}

async function failUpgrade(
  context: ReleaseContext,
  { release, created }: { release: Release; created: readonly ReleaseObject[] },
  { error, cleanup }: { error: unknown; cleanup: boolean },
): Promise<void> {
  context.log?.('upgrade failed', { name: release.name, error: messageOf(error) }, 'warning');
  await recordFailure(context, release, `Upgrade "${release.name}" failed: ${messageOf(error)}`);
  if (!cleanup) return;
  await cleanUp(context, created, (problem) => {
    const text = 'an error occurred while cleaning up resources. original upgrade error';
    return wrapError(text, new JoinedError([error, problem], ': '));
  });
}
