import { resolve } from 'node:path';
import { type HelmRelease, helmRelease } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import { type Chart, composeValues, type Values } from '@flux/helm';
import { isDirectory } from '../build/paths.ts';
import { UsageError } from '../command/errors.ts';
import type { Context } from '../context.ts';
import { findLive } from '../find-live.ts';
import { findChart } from './find-chart.ts';
import type { ReleaseFlags } from './flags.ts';
import { readManifestFolder } from './manifest-folder.ts';
import type { ReleaseSource } from './release-source.ts';

export interface ReadRelease {
  object: HelmRelease;
  chart: Chart;
  values: Values;
}

/** Opens what the flags name; without `--path` the cluster is asked, with `--dry-run` nothing else than the folder. */
export async function openReleaseSource(context: Context, path: string, isOffline: boolean): Promise<ReleaseSource> {
  if (isOffline && path === '') throw new UsageError('dry-run mode requires --path');
  const absolute = resolve(context.cwd, path);
  if (path !== '' && !(await isDirectory(absolute))) {
    throw new UsageError(`invalid resource path ${JSON.stringify(path)}`);
  }
  return {
    folder: path === '' ? undefined : await readManifestFolder(absolute),
    cluster: isOffline ? undefined : await context.cluster(),
  };
}

/** A HelmRelease with its chart and its composed values; one of a folder has the status that the cluster knows. */
export async function readRelease(
  context: Context,
  source: ReleaseSource,
  name: string,
  flags: Pick<ReleaseFlags, 'chart' | 'local-sources'>,
): Promise<ReadRelease> {
  const object = await readReleaseObject(source, context.namespace, name);
  const [chart, values] = await Promise.all([findChart(context, source, object, flags), readValues(source, object)]);
  return { object, chart, values };
}

/** The HelmRelease alone; the folder's goes before the cluster's. */
export async function readReleaseObject(source: ReleaseSource, namespace: string, name: string): Promise<HelmRelease> {
  const ref = { apiVersion: helmRelease.apiVersion, kind: helmRelease.kind, namespace, name };
  const live = await findLive(source.cluster, ref);
  const found = source.folder?.find(ref) ?? live;
  if (!found) {
    const place = source.folder ? ` in ${source.folder.path}` : '';
    throw new UsageError(`helmreleases.helm.toolkit.fluxcd.io ${JSON.stringify(name)} not found${place}`);
  }
  const status = live && helmRelease.read(live).status;
  return { ...helmRelease.read(found), ...(status ? { status } : {}) };
}

/** The final values of a HelmRelease, as its controller composes them (HELM-VAL). */
export function readValues(source: ReleaseSource, { spec, metadata }: HelmRelease): Promise<Values> {
  const namespace = metadata.namespace ?? '';
  return composeValues(spec.values ?? {}, spec.valuesFrom ?? [], {
    namespace,
    read: async (kind, name) => {
      const ref = { apiVersion: 'v1', kind, namespace, name };
      const found = source.folder?.find(ref) ?? (await source.cluster?.find(ref));
      return found && dataOf(found);
    },
  });
}

function dataOf(object: KubeObject): Record<string, string> {
  const data: Record<string, string> = object['data'] ?? {};
  if (object.kind !== 'Secret') return data;
  const decoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]);
  return { ...Object.fromEntries(decoded), ...object['stringData'] };
}
