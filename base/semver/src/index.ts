/**
 * Semantic versions and constraints with the answers and error texts of Masterminds/semver v3, which Flux and Helm use;
 * they differ from npm's. Start with `parseVersion` and `parseConstraint`.
 */
export { Constraint, parseConstraint } from './constraint.ts';
export { isVersion, parseStrictVersion, parseVersion, SemverError, Version } from './version.ts';
