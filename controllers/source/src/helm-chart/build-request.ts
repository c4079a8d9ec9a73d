import { type Artifact, type HelmChart, helmChart } from '@flux/api';
import { messageOf } from '@flux/errors';
import { commitOfRevision } from '@flux/git';
import { effectiveValuesFiles, withBuildMetadata } from '@flux/helm';
import { BuildError } from './build-error.ts';
import type { ChartBuild } from './chart-build.ts';

/** What the spec asks of a build, whatever the source. */
export interface BuildRequest {
  /** None where the spec names only the chart's own values.yaml (SRC trap 9). */
  readonly valuesFiles: readonly string[];
  readonly ignoreMissing: boolean;
  /** Build metadata of the version. */
  readonly metadata: string;
}

const revisionLength = 12;

/** `source` is the artifact of a GitRepository or Bucket, whose revision may become part of the version (SRC-HCHART-15). */
export function buildRequestOf(object: HelmChart, source?: Artifact): BuildRequest {
  const { spec, metadata } = helmChart.read(object); // the values file of older versions
  const valuesFiles = effectiveValuesFiles(spec.valuesFiles ?? []);
  const isByRevision = spec.reconcileStrategy === 'Revision' && source !== undefined;
  const parts = [
    ...(isByRevision ? [shortRevision(spec.sourceRef.kind, source.revision)] : []),
    ...(valuesFiles.length > 0 ? [String(metadata.generation ?? 0)] : []),
  ];
  return { valuesFiles, ignoreMissing: spec.ignoreMissingValuesFiles ?? false, metadata: parts.join('.') };
}

function shortRevision(kind: string, revision: string): string {
  const full = kind === 'GitRepository' ? commitOfRevision(revision) : revision.slice(revision.indexOf(':') + 1);
  return full.slice(0, revisionLength);
}

/** The version with the metadata that the request asks for. */
export function versionWith(version: string, { metadata }: BuildRequest): string {
  if (metadata === '') return version;
  try {
    return withBuildMetadata(version, metadata);
  } catch (error) {
    const text = `failed to parse version from chart metadata as SemVer: ${messageOf(error)}`;
    throw new BuildError('MetadataPatchError', text, { cause: error });
  }
}

/**
 * The current artifact, if it is what would be built: the same name and version, and no change of the spec since (SRC-HCHART-16,
 * SRC-HCHART-22). Its digest was checked at the start of the pass.
 */
export function findCurrent(
  { status, metadata }: HelmChart,
  request: BuildRequest,
  wanted: { name: string; version: string; isPackaged: boolean },
): ChartBuild | undefined {
  if (!status?.artifact || status.observedGeneration !== metadata.generation) return undefined;
  if (status.observedChartName !== wanted.name || status.artifact.revision !== wanted.version) return undefined;
  return { ...wanted, valuesFiles: status.observedValuesFiles ?? request.valuesFiles };
}
