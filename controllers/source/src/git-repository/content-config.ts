import type { Artifact, GitRepository } from '@flux/api';
import { normalizeRevision } from '@flux/git';

/** The includes differ from those of the current artifact, by position (SRC-GIT-17). */
export function includesDiffer(now: readonly Artifact[], before: readonly Artifact[] | undefined): boolean {
  const observed = before ?? [];
  if (now.length !== observed.length) return true;
  return now.some((artifact, index) => {
    const other = observed[index];
    return !hasRevision(other, artifact.revision) || artifact.digest !== other?.digest;
  });
}

/** Old forms of a revision count as equal (SRC-VER-05). */
export function hasRevision(artifact: Artifact | undefined, revision: string): boolean {
  return artifact !== undefined && normalizeRevision(artifact.revision) === normalizeRevision(revision);
}

/** Something besides the revision asks for a new artifact (SRC-GIT-17). */
export function contentConfigChanged(object: GitRepository, includes: readonly Artifact[]): boolean {
  const { spec, status } = object;
  return (
    spec.ignore !== status?.observedIgnore ||
    (spec.recurseSubmodules ?? false) !== (status?.observedRecurseSubmodules ?? false) ||
    specIncludesDiffer(object) ||
    !sameList(spec.sparseCheckout ?? [], status?.observedSparseCheckout ?? []) ||
    includesDiffer(includes, status?.includedArtifacts) ||
    requiresVerification(object)
  );
}

function specIncludesDiffer({ spec, status }: GitRepository): boolean {
  const wanted = spec.include ?? [];
  const observed = status?.observedInclude ?? [];
  if (wanted.length !== observed.length) return true;
  return wanted.some((include, index) => {
    const other = observed[index];
    return (
      include.repository.name !== other?.repository.name ||
      include.fromPath !== other?.fromPath ||
      include.toPath !== other?.toPath
    );
  });
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** Verification asks for an object that was not verified for the current artifact. */
function requiresVerification({ spec, status }: GitRepository): boolean {
  if (!spec.verify) return false;
  const wanted = spec.verify.mode === 'head' ? 'HEAD' : (spec.verify.mode ?? 'HEAD');
  const observed = status?.sourceVerificationMode;
  if (!observed) return true;
  if (observed === 'Tag') return wanted === 'HEAD' || wanted === 'TagAndHEAD';
  return observed === 'HEAD' && (wanted === 'Tag' || wanted === 'TagAndHEAD');
}
