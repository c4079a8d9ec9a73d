import { isAlreadyExists, isConflict, type KubeObject } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import type { Chart, Values } from '../chart/chart.ts';
import { isReleaseName, releaseNameProblem } from '../render/release-name.ts';
import { createObjects, describeMethod, updateObjects, type WriteMethod } from './apply-objects.ts';
import { runHooks, timeOf } from './hooks.ts';
import { findAdoptions, withOwnership } from './ownership.ts';
import type { Release } from './release.ts';
import { type ChangeOptions, type ReleaseContext, type RenderRelease, signalOf } from './release-context.ts';
import { JoinedError, ReleaseError, wrapError } from './release-error.ts';
import { buildObjects, type ReleaseObject } from './release-objects.ts';
import { checkLabels, recordFailure, releaseChartOf, waitUntilReady } from './release-steps.ts';

export interface InstallOptions extends ChangeOptions {
  namespace: string;
  chart: Chart;
  values: Values;
  render: RenderRelease;
  /** True unless told, as in Helm 4. */
  serverSideApply?: boolean;
  /** Adopts objects that exist and are not of this release (HELM-KUBE-02). */
  takeOwnership?: boolean;
  /**
   * Whether objects that exist already are looked for before anything is written; true unless told. False, for one who may
   * do everything and takes ownership, learns of them from the answers to its writes.
   */
  looksFirst?: boolean;
  /** Reuses the name of a release that is uninstalled or failed. */
  replace?: boolean;
  createNamespace?: boolean;
  description?: string;
  /** Of the storage object. */
  labels?: Readonly<Record<string, string>>;
  disableOpenApiValidation?: boolean;
  disableSchemaValidation?: boolean;
  /** Renders and checks, but changes nothing. */
  dryRun?: boolean;
}

/**
 * Installs revision 1 of a release (HELM-REL-02). It is stored as pending before anything is created, and as failed when
 * something fails after that.
 */
export async function installRelease(context: ReleaseContext, options: InstallOptions): Promise<Release> {
  const method = installMethod(options);
  await checkName(context, options);
  checkLabels(options.labels);
  const release = await renderInstall(context, options, method);
  const objects = await prepareObjects(context, release, options);
  const { looksFirst = true, takeOwnership = false } = options;
  const isOptimistic = !looksFirst && takeOwnership && method.serverSideApply;
  const adopted = isOptimistic ? undefined : await findAdopted(context, { release, objects }, takeOwnership);
  if (options.dryRun) {
    release.info.description = 'Dry run complete';
    return release;
  }
  if (options.createNamespace) await createNamespace(context, options, method);
  if (options.replace) await replaceLast(context, release);
  context.signal?.throwIfAborted();
  await context.storage.create(release);
  try {
    await performInstall(context, { release, objects, adopted }, { ...options, method });
  } catch (error) {
    await recordFailure(context, release, `Release "${release.name}" failed: ${messageOf(error)}`);
    throw error;
  }
  await context.storage.update(release);
  return release;
}

function installMethod(options: InstallOptions): WriteMethod {
  const { serverSideApply = true, forceConflicts = true, force = false, takeOwnership = false } = options;
  if (serverSideApply && force) {
    throw new ReleaseError('invalid operation: cannot use server-side apply and force replace together');
  }
  return {
    serverSideApply,
    forceConflicts: serverSideApply && forceConflicts,
    forceReplace: force,
    threeWayForUnstructured: takeOwnership && !serverSideApply,
    upgradesFieldManager: true,
  };
}

async function checkName(context: ReleaseContext, options: InstallOptions): Promise<void> {
  const { name } = options;
  if (!isReleaseName(name)) {
    throw new ReleaseError(`release name check failed: release name ${JSON.stringify(name)}: ${releaseNameProblem}`);
  }
  if (options.dryRun) return;
  const last = await context.storage.last(name);
  const isReusable = last?.info.status === 'uninstalled' || last?.info.status === 'failed';
  if (!last || (options.replace && isReusable)) return;
  const text = 'release name check failed: cannot reuse a name that is still in use';
  throw new ReleaseError(text, { reason: 'name-in-use' });
}

async function renderInstall(context: ReleaseContext, options: InstallOptions, method: WriteMethod): Promise<Release> {
  const { name, namespace, chart, values } = options;
  const rendered = await options.render({
    chart,
    values,
    release: { name, namespace, revision: 1, isInstall: true, isUpgrade: false },
    disableSchemaValidation: options.disableSchemaValidation ?? false,
  });
  const now = timeOf(context);
  return {
    name,
    namespace,
    chart: releaseChartOf(rendered.chart ?? chart),
    config: values,
    info: {
      first_deployed: now,
      last_deployed: now,
      status: 'pending-install',
      description: 'Initial install underway',
      ...(rendered.notes ? { notes: rendered.notes } : {}),
    },
    manifest: rendered.manifest,
    hooks: rendered.hooks,
    version: 1,
    labels: { ...options.labels },
    apply_method: describeMethod(method),
  };
}

async function prepareObjects(
  context: ReleaseContext,
  release: Release,
  options: InstallOptions,
): Promise<ReleaseObject[]> {
  const { cluster } = context;
  const validate = !options.disableOpenApiValidation;
  try {
    const objects = await buildObjects(release.manifest, { cluster, namespace: release.namespace, validate });
    return withOwnership(objects, release);
  } catch (error) {
    throw wrapError('unable to build kubernetes objects from release manifest', error);
  }
}

/** Under server-side apply an existing namespace gets the label as well (HELM-REL-02). */
async function createNamespace(context: ReleaseContext, options: InstallOptions, method: WriteMethod): Promise<void> {
  const { namespace } = options;
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { name: namespace } },
    spec: {},
  };
  const objects = await buildObjects(JSON.stringify(object), { cluster: context.cluster, namespace, validate: true });
  try {
    await createObjects(context, objects, { serverSideApply: method.serverSideApply });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

/** The revision follows the last one, which is superseded unless it failed. */
async function replaceLast(context: ReleaseContext, release: Release): Promise<void> {
  const last = await context.storage.last(release.name);
  if (!last) return;
  release.version = last.version + 1;
  if (last.info.status === 'failed') return;
  last.info.status = 'superseded';
  last.info.description = 'superseded by new release';
  await context.storage.update(last);
}

function findAdopted(
  context: ReleaseContext,
  { release, objects }: Omit<Prepared, 'adopted'>,
  takeOwnership: boolean,
): Promise<ReleaseObject[]> {
  const find = ({ ref }: ReleaseObject) => context.cluster.find(ref, signalOf(context));
  return findAdoptions(objects, { find, takeOwnership, release }).catch((error: unknown) => {
    throw wrapError('unable to continue with install', error);
  });
}

interface Prepared {
  release: Release;
  objects: ReleaseObject[];
  /** Those that exist already; undefined when nobody has looked. */
  adopted: ReleaseObject[] | undefined;
}

async function performInstall(
  context: ReleaseContext,
  { release, objects, adopted }: Prepared,
  options: InstallOptions & { method: WriteMethod },
): Promise<void> {
  const { method } = options;
  const hookOptions = { ...options, serverSideApply: method.serverSideApply };
  await runHooks(context, { release, event: 'pre-install' }, hookOptions).catch((error: unknown) => {
    throw wrapError('failed pre-install', error);
  });
  if (adopted) await bringIn(context, { objects, adopted }, method);
  else await createOrAdopt(context, { release, objects }, method);
  await waitUntilReady(context, objects, options);
  await runHooks(context, { release, event: 'post-install' }, hookOptions).catch((error: unknown) => {
    throw wrapError('failed post-install', error);
  });
  release.info.status = 'deployed';
  release.info.description = options.description || 'Install complete';
}

async function bringIn(
  context: ReleaseContext,
  { objects, adopted }: { objects: readonly ReleaseObject[]; adopted: readonly ReleaseObject[] },
  method: WriteMethod,
): Promise<void> {
  if (objects.length === 0) return;
  if (adopted.length === 0) {
    await createObjects(context, objects, { serverSideApply: method.serverSideApply });
    return;
  }
  const { error } = await updateObjects(context, { originals: adopted, targets: objects }, method);
  if (error !== undefined) throw error;
}

/** Mostly nothing is there yet: only when an answer says otherwise, what exists is looked for and taken over. */
async function createOrAdopt(
  context: ReleaseContext,
  { release, objects }: Omit<Prepared, 'adopted'>,
  method: WriteMethod,
): Promise<void> {
  const lines: Parameters<NonNullable<ReleaseContext['log']>>[] = [];
  let failure: { error: unknown } | undefined;
  const attempt = { ...context, log: (...line: (typeof lines)[number]) => void lines.push(line) };
  await bringIn(attempt, { objects, adopted: [] }, method).catch((error: unknown) => {
    failure = { error };
  });
  context.signal?.throwIfAborted();
  const isOccupied = hasConflict(failure?.error) || objects.some((item) => hasOtherManagers(item, context));
  if (isOccupied) {
    const adopted = await findAdopted(context, { release, objects }, true);
    return bringIn(context, { objects, adopted }, method);
  }
  for (const line of lines) context.log?.(...line);
  if (failure) throw failure.error;
}

/** An object that somebody else has written to, or we in another way, was there before. */
function hasOtherManagers({ live }: ReleaseObject, { fieldManager }: ReleaseContext): boolean {
  const entries = live?.metadata.managedFields ?? [];
  return entries.some(({ manager, operation }) => manager !== fieldManager || operation !== 'Apply');
}

function hasConflict(error: unknown): boolean {
  if (error instanceof JoinedError) return error.errors.some(hasConflict);
  return isConflict(error) || (error instanceof Error && hasConflict(error.cause));
}
