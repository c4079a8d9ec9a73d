import type { Artifact } from '@flux/api';
import type { Chart } from '@flux/helm';
import { parseVersion, type Version } from '@flux/semver';
import { preReleaseError } from './pre-release-error.ts';

/** A chart as it is released, and what of its source is remembered. */
export interface ReleasedChart {
  chart: Chart;
  /** `<algorithm>:<hex>`, or the whole revision when its tag is no version. */
  revisionDigest?: string;
}

/**
 * Charts of OCI artifacts get the digest as build metadata of their version, so that the same version with another content
 * is released again (HELM-FLOW-09).
 */
export function withArtifactVersion(
  chart: Chart,
  source: { kind: string; artifact: Artifact },
  tracksDigest: boolean,
): ReleasedChart {
  const { revision = '' } = source.artifact;
  const isOci = source.kind === 'OCIRepository' || (source.kind === 'ExternalArtifact' && revision.includes(':'));
  if (!isOci) return { chart };
  const version = parseOr(chart.metadata.version, (text) => `invalid chart version ${text}`);
  const { revisionDigest, hex } = readRevision(revision, version);
  if (!tracksDigest) return { chart, revisionDigest };
  const prerelease = version.prerelease ? `-${version.prerelease}` : '';
  const mutated = `${version.major}.${version.minor}.${version.patch}${prerelease}+${hex.slice(0, 12)}`;
  return { chart: { ...chart, metadata: { ...chart.metadata, version: mutated } }, revisionDigest };
}

function parseOr(text: string, problem: (text: string) => string): Version {
  try {
    return parseVersion(text);
  } catch (cause) {
    throw preReleaseError('ChartMutateError', problem(text), { cause });
  }
}

function readRevision(revision: string, version: Version): { revisionDigest: string; hex: string } {
  const at = revision.lastIndexOf('@');
  const digest = at < 0 ? revision : revision.slice(at + 1);
  const hex = digest.slice(digest.indexOf(':') + 1);
  if (!/^[a-f0-9]{12,}$/.test(hex)) throw preReleaseError('ChartMutateError', `invalid artifact revision ${revision}`);
  if (at < 0) return { revisionDigest: digest, hex };
  const tag = revision.slice(0, at).replaceAll('_', '+');
  const tagged = parseLoose(tag);
  if (!tagged) return { revisionDigest: revision, hex };
  if (coreOf(tagged) !== coreOf(version)) {
    throw preReleaseError(
      'ChartMutateError',
      `artifact revision ${tag} does not match chart version ${version.toString()}`,
    );
  }
  return { revisionDigest: digest, hex };
}

function parseLoose(text: string): Version | undefined {
  try {
    return parseVersion(text);
  } catch {
    return undefined;
  }
}

function coreOf({ major, minor, patch, prerelease }: Version): string {
  return `${major}.${minor}.${patch}-${prerelease}`;
}
