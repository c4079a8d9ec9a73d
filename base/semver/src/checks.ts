import type { Term } from './term.ts';
import { comparePrereleases, type Version } from './version.ts';

/** What is wrong with the version, `%` standing for the term's text; undefined when the term holds. */
type Check = (version: Version, term: Term) => string | undefined;

const notEqual: Check = (version, { version: other, dirty, minorDirty, patchDirty }) => {
  const same = 'is equal to %';
  if (!dirty) return version.equals(other) ? same : undefined;
  if (other.major !== version.major) return undefined;
  if (minorDirty) return same;
  if (other.minor !== version.minor) return undefined;
  if (!patchDirty) return other.patch !== version.patch || !version.equals(other) ? undefined : same;
  return comparePrereleases(version.prerelease, other.prerelease) === 0 ? same : undefined;
};

const greater: Check = (version, { version: other, dirty, minorDirty, patchDirty }) => {
  const reason = 'is less than or equal to %';
  if (dirty && version.major !== other.major) return version.major > other.major ? undefined : reason;
  // `>11` means 12 or newer, `>11.1` means 11.2 or newer.
  if (minorDirty) return reason;
  if (patchDirty) return version.minor > other.minor ? undefined : reason;
  return version.compare(other) > 0 ? undefined : reason;
};

const less: Check = (version, { version: other }) =>
  version.compare(other) < 0 ? undefined : 'is greater than or equal to %';

const greaterOrEqual: Check = (version, { version: other }) =>
  version.compare(other) >= 0 ? undefined : 'is less than %';

const lessOrEqual: Check = (version, { version: other, dirty, minorDirty }) => {
  const reason = 'is greater than %';
  if (!dirty) return version.compare(other) <= 0 ? undefined : reason;
  if (version.major > other.major) return reason;
  return version.major === other.major && version.minor > other.minor && !minorDirty ? reason : undefined;
};

/** `~1.2.3` is >=1.2.3 <1.3.0; `~1` is >=1.0.0 <2.0.0; `~0.0.0` and `~*` are anything. */
const tilde: Check = (version, { version: other, minorDirty, patchDirty }) => {
  if (version.compare(other) < 0) return 'is less than %';
  const isZero = other.major === 0n && other.minor === 0n && other.patch === 0n;
  if (isZero && !minorDirty && !patchDirty) return undefined;
  if (version.major !== other.major) return 'does not have same major version as %';
  if (version.minor !== other.minor && !minorDirty) return 'does not have same major and minor version as %';
  return undefined;
};

const tildeOrEqual: Check = (version, term) => {
  if (term.dirty) return tilde(version, term);
  return version.equals(term.version) ? undefined : 'is not equal to %';
};

/** `^1.2.3` is >=1.2.3 <2.0.0; below 1.0.0 the first segment that is not zero is the one that may not change. */
const caret: Check = (version, { version: other, minorDirty, patchDirty }) => {
  if (version.compare(other) < 0) return 'is less than %';
  const majorReason = 'does not have same major version as %';
  if (other.major > 0n || minorDirty) return version.major === other.major ? undefined : majorReason;
  if (version.major > 0n) return majorReason;
  if (other.minor > 0n || patchDirty) {
    const expectation = 'Expected minor versions to match when constraint major version is 0';
    return version.minor === other.minor ? undefined : `does not have same minor version as %. ${expectation}`;
  }
  if (version.minor > 0n) return 'does not have same minor version as %';
  const expectation = 'Expect version and constraint to equal when major and minor versions are 0';
  return version.patch === other.patch ? undefined : `does not equal %. ${expectation}`;
};

/** Every operator of Masterminds/semver v3. */
export const checks: Readonly<Record<string, Check>> = {
  '': tildeOrEqual,
  '=': tildeOrEqual,
  '!=': notEqual,
  '>': greater,
  '<': less,
  '>=': greaterOrEqual,
  '=>': greaterOrEqual,
  '<=': lessOrEqual,
  '=<': lessOrEqual,
  '~': tilde,
  '~>': tilde,
  '^': caret,
};
