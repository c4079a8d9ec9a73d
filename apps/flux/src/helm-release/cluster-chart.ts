import { isDeepStrictEqual } from 'node:util';
import { type Artifact, type HelmChart, type HelmRelease, helmChart } from '@flux/api';
import type { Chart } from '@flux/helm';
import { ChartCache, sourceRefOf } from '@flux/helm-controller';
import { HttpError } from '@flux/http';
import { findLive } from '../find-live.ts';
import { type ChartTemplate, sourceOfTemplate } from './chart-template.ts';
import type { ReleaseSource } from './release-source.ts';

const timeoutMs = 15_000;

/**
 * The chart that the controllers of the cluster hold for a HelmRelease, from where they take it themselves. Undefined when they
 * hold none, when the HelmRelease shall get another, and when their storage cannot be reached from here.
 */
export async function chartOfCluster(
  source: ReleaseSource,
  object: HelmRelease,
  signal: AbortSignal,
): Promise<Chart | undefined> {
  const ref = sourceRefOf(object);
  const holder = ref && (await findLive(source.cluster, ref));
  const artifact: Artifact | undefined = holder?.['status']?.artifact;
  if (!holder || !artifact) return undefined;
  const template = object.spec.chart?.spec;
  if (template && !(await isWanted(source, helmChart.read(holder), object, template))) return undefined;
  return load(artifact, signal);
}

/** Whether a HelmChart holds what the HelmRelease and the folder ask for; the controllers may have to change it first. */
async function isWanted(
  source: ReleaseSource,
  { metadata, spec, status }: HelmChart,
  object: HelmRelease,
  template: ChartTemplate,
): Promise<boolean> {
  const ref = sourceOfTemplate(object, template);
  if (status?.observedGeneration !== metadata.generation || metadata.namespace !== ref.namespace) return false;
  if (!isDeepStrictEqual(contentOf(spec), contentOf(template))) return false;
  const local = source.folder?.find(ref);
  return !local || local['spec'].url === (await findLive(source.cluster, ref))?.['spec'].url;
}

function contentOf(spec: HelmChart['spec'] | ChartTemplate) {
  const { chart, version = '*', sourceRef, valuesFiles = [], ignoreMissingValuesFiles = false } = spec;
  return { chart, version, kind: sourceRef.kind, name: sourceRef.name, valuesFiles, ignoreMissingValuesFiles };
}

async function load(artifact: Artifact, signal: AbortSignal): Promise<Chart | undefined> {
  await using charts = new ChartCache({ retries: 0, timeoutMs, maxBytes: 0 });
  try {
    return await charts.load(artifact, signal);
  } catch (error) {
    if (error instanceof Error && error.cause instanceof HttpError) return undefined;
    throw error;
  }
}
