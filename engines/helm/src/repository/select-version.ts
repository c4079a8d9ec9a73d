import {
  type Constraint,
  parseConstraint,
  parseStrictVersion,
  parseVersion,
  SemverError,
  type Version,
} from '@flux/semver';
import type { IndexedVersion } from './index-builder.ts';
import type { IndexEntry } from './index-entry.ts';
import { ChartVersionError } from './repository-error.ts';
import type { RepositoryIndex } from './repository-index.ts';

/**
 * Chooses a version of a chart (SRC-HCHART-09): the exact text first; nothing or `*` is the highest stable one; else a constraint.
 * Of versions that differ in build metadata only, the one created last. Throws `ChartVersionError` or `SemverError`.
 */
export function selectChartVersion(index: RepositoryIndex, name: string, version: string): IndexEntry {
  const versions = index.versions(name);
  if (versions === undefined) throw new ChartVersionError('no chart name found');
  if (versions.length === 0) throw new ChartVersionError('no chart version found');
  const exact = version === '' ? undefined : versions.find((candidate) => candidate.version === version);
  const chosen = exact ?? findNewest(versions, parseConstraint(version === '' ? '*' : version));
  if (chosen === undefined) {
    throw new ChartVersionError(`no '${name}' chart with version matching '${version}' found`);
  }
  return index.entry(chosen);
}

function findNewest(versions: readonly IndexedVersion[], constraint: Constraint): IndexedVersion | undefined {
  let newest: { candidate: IndexedVersion; version: Version } | undefined;
  for (const candidate of versions) {
    const version = readFullVersion(candidate.version);
    if (version === undefined || !constraint.check(version)) continue;
    const order = newest === undefined ? 1 : version.compare(newest.version);
    const isNewer = order > 0 || (order === 0 && timeOf(candidate) >= timeOf(newest!.candidate));
    if (isNewer) newest = { candidate, version };
  }
  return newest?.candidate;
}

/** Flux considers only versions with three parts; a leading `v` is allowed. */
function readFullVersion(text: string): Version | undefined {
  try {
    parseStrictVersion(text.startsWith('v') ? text.slice(1) : text);
    return parseVersion(text);
  } catch (error) {
    if (error instanceof SemverError) return undefined;
    throw error;
  }
}

function timeOf({ created }: IndexedVersion): number {
  return Date.parse(created);
}

/** Chooses among the tags of an OCI repository, already with `+` for `_` where they stand for versions (SRC-HCHART-10). */
export function selectTag(tags: readonly string[], version: string): string {
  if (version !== '' && tags.includes(version)) return version;
  const constraint = parseConstraint(version === '' ? '*' : version);
  let newest: { tag: string; version: Version } | undefined;
  for (const tag of tags) {
    const candidate = readFullVersion(tag);
    if (candidate === undefined || !constraint.check(candidate)) continue;
    if (newest === undefined || candidate.compare(newest.version) > 0) newest = { tag, version: candidate };
  }
  if (newest === undefined) {
    throw new ChartVersionError(`could not locate a version matching provided version string ${version}`);
  }
  return newest.tag;
}
