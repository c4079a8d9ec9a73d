import { parseConstraint, parseVersion } from '@flux/semver';

/** Whether a version satisfies a constraint; what cannot be parsed does not. */
export function isCompatibleRange(constraint: string, version: string): boolean {
  try {
    return parseConstraint(constraint).check(parseVersion(version));
  } catch {
    return false;
  }
}
