import { checks } from './checks.ts';
import type { Term } from './term.ts';
import { parseVersion, SemverError, type Version } from './version.ts';

const maxLength = 512;
const maxGroups = 32;

const versionPattern =
  'v?([0-9|xX*]+)(\\.[0-9|xX*]+)?(\\.[0-9|xX*]+)?(-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?';
const bareVersion = versionPattern.replaceAll(/\((?!\?)/g, '(?:');
const term = new RegExp(`(!=|>=|=>|<=|=<|~>|=|>|<|~|\\^|)\\s*(${versionPattern})`, 'y');
const hyphenRange = new RegExp(`\\s*(${bareVersion})\\s+-\\s+(${bareVersion})\\s*`, 'g');
const blank = /\s*/y;

interface Group {
  terms: Term[];
  /** A term names a pre-release, so pre-releases take part. */
  hasPrerelease: boolean;
}

/** A parsed constraint: groups joined by `||`, each of terms that must all hold. */
export class Constraint {
  readonly #groups: readonly Group[];
  readonly #includePrerelease: boolean;

  constructor(groups: readonly Group[], includePrerelease: boolean) {
    this.#groups = groups;
    this.#includePrerelease = includePrerelease;
  }

  check(version: Version): boolean {
    return this.#groups.some(({ terms, hasPrerelease }) =>
      terms.every((item) => reasonAgainst(version, item, this.#includePrerelease || hasPrerelease) === undefined),
    );
  }

  /** Why the version does not satisfy the constraint, in Masterminds' words; empty when it does. */
  validate(version: Version): string[] {
    const reasons: string[] = [];
    for (const { terms, hasPrerelease } of this.#groups) {
      const withPrerelease = this.#includePrerelease || hasPrerelease;
      // The remark about pre-releases is made once, however many terms it concerns.
      const found = terms
        .map((item) => reasonAgainst(version, item, withPrerelease))
        .filter((text) => text !== undefined);
      if (found.length === 0) return [];
      const remark = prereleaseRemark(version);
      reasons.push(...found.filter((text, index) => text !== remark || (index === 0 && !reasons.includes(remark))));
    }
    return reasons;
  }

  toString(): string {
    const formatGroup = ({ terms }: Group) => terms.map(({ operator, text }) => operator + text).join(' ');
    return this.#groups.map(formatGroup).join(' || ');
  }
}

/** Reads a constraint; throws `SemverError` with Masterminds' text. An empty one is an error. */
export function parseConstraint(text: string, options: { includePrerelease?: boolean } = {}): Constraint {
  if (Buffer.byteLength(text) > maxLength) {
    throw new SemverError(`constraint string is too long (max ${maxLength} bytes)`);
  }
  const rewritten = text.replace(hyphenRange, '>= $1, <= $2 ');
  const groups = rewritten.split('||');
  if (groups.length > maxGroups) throw new SemverError(`too many constraint groups (max ${maxGroups})`);
  return new Constraint(groups.map(parseGroup), options.includePrerelease ?? false);
}

/** Terms with blanks or one comma between them. Scanned by hand: the one regular expression for it is exponential. */
function parseGroup(text: string): Group {
  const matches: RegExpExecArray[] = [];
  let position = skipBlanks(text, 0);
  while (true) {
    term.lastIndex = position;
    const match = term.exec(text);
    if (!match) throw improper(text);
    matches.push(match);
    const end = term.lastIndex;
    position = skipBlanks(text, end);
    if (position === text.length) break;
    const comma = text[position] === ',';
    if (!comma && position === end) throw improper(text);
    if (comma) position = skipBlanks(text, position + 1);
  }
  // Only once the whole group is known to be one, so that the first message is about it.
  const terms = matches.map(parseTerm);
  return { terms, hasPrerelease: terms.some(({ version }) => version.prerelease !== '') };
}

function improper(text: string): SemverError {
  return new SemverError(`improper constraint: ${JSON.stringify(text)}`);
}

function skipBlanks(text: string, position: number): number {
  blank.lastIndex = position;
  blank.exec(text);
  return blank.lastIndex;
}

function parseTerm([, operator, text, major, minor, patch, prerelease = '']: RegExpExecArray): Term {
  const majorDirty = isWildcard(major);
  const minorDirty = !majorDirty && isWildcard(minor);
  const patchDirty = !majorDirty && !minorDirty && isWildcard(patch);
  const segments = majorDirty ? '0.0.0' : minorDirty ? `${major}.0.0` : `${major}${minor}${patchDirty ? '.0' : patch}`;
  return {
    operator: operator!,
    text: text!,
    version: parseTermVersion(segments + prerelease),
    dirty: majorDirty || minorDirty || patchDirty,
    minorDirty,
    patchDirty,
  };
}

function parseTermVersion(text: string): Version {
  try {
    return parseVersion(text);
  } catch (error) {
    throw new SemverError('constraint parser error', { cause: error });
  }
}

function isWildcard(segment: string | undefined): boolean {
  return segment === undefined || /^\.?[xX*]$/.test(segment);
}

function prereleaseRemark(version: Version): string {
  return `"${version}" is a prerelease version and the constraint is only looking for release versions`;
}

function reasonAgainst(version: Version, item: Term, withPrerelease: boolean): string | undefined {
  if (version.prerelease !== '' && !withPrerelease) return prereleaseRemark(version);
  const reason = checks[item.operator]!(version, item);
  return reason === undefined ? undefined : `"${version}" ${reason.replace('%', () => JSON.stringify(item.text))}`;
}
