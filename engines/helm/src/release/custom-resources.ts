import { isAlreadyExists, type KubeObject } from '@flux/apimachinery';
import type { ChartFile } from '../chart/chart.ts';
import { createObjects, liveStates, updateObjects } from './apply-objects.ts';
import { waitOptions } from './hooks.ts';
import type { ReleaseContext } from './release-context.ts';
import { wrapError } from './release-error.ts';
import { buildObjects, type ReleaseObject } from './release-objects.ts';
import type { WaitStrategy } from './release-waiter.ts';

export type CrdPolicy = 'Skip' | 'Create' | 'CreateReplace';

export interface CrdOptions {
  /** Files of `crds/` in the chart and its enabled subcharts. */
  files: readonly ChartFile[];
  policy: CrdPolicy;
  serverSideApply: boolean;
  /** For objects that are none of CRDs and are only named in a warning. */
  namespace: string;
  /** Set on every CRD: where it came from. */
  labels?: Readonly<Record<string, string>>;
  waitStrategy?: WaitStrategy;
}

/** A CRD is served within moments or not at all. */
const establishMs = 60_000;

/**
 * Applies the CRDs of a chart before it is rendered (HELM-REL-09); they are in no revision and stay on uninstall. `Create`
 * skips those that exist, which server-side apply never reports: it updates them. Nothing is ever deleted. Resolves to what was
 * applied.
 */
export async function applyCustomResourceDefinitions(
  context: ReleaseContext,
  options: CrdOptions,
): Promise<readonly KubeObject[]> {
  if (options.files.length === 0) return [];
  if (options.policy === 'Skip') {
    context.log?.('skipping CustomResourceDefinition apply: policy is set to Skip');
    return [];
  }
  const definitions = await loadDefinitions(context, options);
  const applied =
    options.policy === 'Create'
      ? await createAll(context, definitions, options)
      : await replaceAll(context, definitions, options);
  if (applied.length === 0) return [];
  await waitUntilServed(context, applied, options);
  context.cluster.invalidate();
  return applied.map(({ object: definition }) => definition);
}

async function loadDefinitions(context: ReleaseContext, options: CrdOptions): Promise<ReleaseObject[]> {
  const { cluster, log } = context;
  const objects: ReleaseObject[] = [];
  for (const { name, data } of options.files) {
    try {
      objects.push(
        ...(await buildObjects(Buffer.from(data).toString('utf8'), { cluster, namespace: options.namespace })),
      );
    } catch (error) {
      throw wrapError(`failed to parse CustomResourceDefinitions from ${name}`, error);
    }
  }
  const others = objects.filter((item) => !isDefinition(item)).map(describe);
  if (others.length > 0) log?.("ignoring non-CRD resources found in the chart's crds/ directory", { nonCRDs: others });
  return objects.filter(isDefinition).map((item) => withLabels(item, options.labels ?? {}));
}

function isDefinition({ mapping }: ReleaseObject): boolean {
  return mapping.group === 'apiextensions.k8s.io' && mapping.kind === 'CustomResourceDefinition';
}

function describe({ ref, mapping }: ReleaseObject): string {
  return [mapping.group, mapping.kind, ...(ref.namespace ? [ref.namespace] : []), ref.name].join('/');
}

function withLabels(item: ReleaseObject, labels: Readonly<Record<string, string>>): ReleaseObject {
  const { metadata } = item.object;
  return { ...item, object: { ...item.object, metadata: { ...metadata, labels: { ...metadata.labels, ...labels } } } };
}

async function createAll(
  context: ReleaseContext,
  definitions: readonly ReleaseObject[],
  { serverSideApply }: CrdOptions,
): Promise<ReleaseObject[]> {
  const created: ReleaseObject[] = [];
  for (const item of definitions) {
    try {
      await createObjects(context, [item], { serverSideApply, forceConflicts: serverSideApply });
      created.push(item);
    } catch (error) {
      if (!isAlreadyExists(error)) throw wrapError(`failed to create CustomResourceDefinition ${item.ref.name}`, error);
      context.log?.(`CustomResourceDefinition ${item.ref.name} is already present. Skipping.`);
    }
  }
  return created;
}

async function replaceAll(
  context: ReleaseContext,
  definitions: readonly ReleaseObject[],
  { serverSideApply }: CrdOptions,
): Promise<readonly ReleaseObject[]> {
  const method = { serverSideApply, forceConflicts: serverSideApply, forceReplace: !serverSideApply };
  const { error } = await updateObjects(context, { originals: [], targets: definitions }, method);
  if (error !== undefined) throw wrapError('failed to update CustomResourceDefinition(s)', error);
  return definitions;
}

async function waitUntilServed(
  context: ReleaseContext,
  definitions: readonly ReleaseObject[],
  { waitStrategy = 'poller' }: CrdOptions,
): Promise<void> {
  if (waitStrategy === 'hook-only') return;
  const options = waitOptions(context, { timeoutMs: establishMs, waitStrategy });
  try {
    await context.waiter.waitReady(liveStates(definitions), { ...options, jobs: false });
  } catch (error) {
    throw wrapError('failed to wait for CustomResourceDefinition(s)', error);
  }
}
