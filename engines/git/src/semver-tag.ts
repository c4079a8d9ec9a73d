import { type Constraint, parseConstraint, parseVersion, SemverError, type Version } from '@flux/semver';
import { GitError } from './git-error.ts';

/** Checked before any network access (SRC-GIT-13). */
export function parseTagConstraint(text: string): Constraint {
  try {
    return parseConstraint(text);
  } catch (error) {
    if (!(error instanceof SemverError)) throw error;
    throw new GitError('invalid', `semver parse error: ${error.message}`, { cause: error });
  }
}

/** The tags with the highest version that matches; several when they differ in build metadata only. */
export function highestTags(tags: Iterable<string>, constraint: Constraint): string[] {
  let best: { version: Version; tags: string[] } | undefined;
  for (const tag of tags) {
    const version = readVersion(tag);
    if (version === undefined || !constraint.check(version)) continue;
    const order = best ? version.compare(best.version) : 1;
    if (order > 0) best = { version, tags: [tag] };
    else if (order === 0) best?.tags.push(tag);
  }
  return best?.tags ?? [];
}

/** Partial versions are no tags of a release: there must be three parts. */
function readVersion(tag: string): Version | undefined {
  if (tag.split('.').length < 3) return undefined;
  try {
    return parseVersion(tag);
  } catch {
    return undefined;
  }
}
