import { FluxError } from '@flux/errors';

/** A version or constraint that cannot be read; the text is that of Masterminds/semver v3. */
export class SemverError extends FluxError {
  override readonly code = 'SEMVER';
}

const maxLength = 256;
const maxSegment = 2n ** 64n - 1n;
const loose =
  /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;

/** A semantic version. Segments are bigint because Go's are uint64. */
export class Version {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  /** What stands behind `-`, or empty. */
  readonly prerelease: string;
  /** What stands behind `+`, or empty; it plays no part in comparisons. */
  readonly metadata: string;
  /** The text that it was read from. */
  readonly original: string;

  constructor(segments: readonly [bigint, bigint, bigint], prerelease = '', metadata = '', original?: string) {
    [this.major, this.minor, this.patch] = segments;
    this.prerelease = prerelease;
    this.metadata = metadata;
    this.original = original ?? this.toString();
  }

  /** The canonical form, without a leading `v`. */
  toString(): string {
    const prerelease = this.prerelease ? `-${this.prerelease}` : '';
    const metadata = this.metadata ? `+${this.metadata}` : '';
    return `${this.major}.${this.minor}.${this.patch}${prerelease}${metadata}`;
  }

  /** Negative, zero or positive, by the precedence of semver 2; metadata is ignored. */
  compare(other: Version): number {
    return (
      compareSegments(this.major, other.major) ||
      compareSegments(this.minor, other.minor) ||
      compareSegments(this.patch, other.patch) ||
      comparePrereleases(this.prerelease, other.prerelease)
    );
  }

  equals(other: Version): boolean {
    return this.compare(other) === 0;
  }

  /** The next major, minor or patch release; a pre-release's next patch is its release. Keeps a leading `v`. */
  increment(part: 'major' | 'minor' | 'patch'): Version {
    const { major, minor, patch } = this;
    if (part === 'major') return this.#next([bump('major', major), 0n, 0n]);
    if (part === 'minor') return this.#next([major, bump('minor', minor), 0n]);
    return this.#next([major, minor, this.prerelease ? patch : bump('patch', patch)]);
  }

  #next(segments: [bigint, bigint, bigint]): Version {
    const prefix = this.original.startsWith('v') ? 'v' : '';
    return new Version(segments, '', '', `${prefix}${segments.join('.')}`);
  }
}

function bump(name: string, segment: bigint): bigint {
  if (segment === maxSegment) throw new SemverError(`${name} version increment would overflow uint64`);
  return segment + 1n;
}

const common = /^(?:0|[1-9]\d{0,8})\.(?:0|[1-9]\d{0,8})\.(?:0|[1-9]\d{0,8})$/;

/** Whether `parseVersion` takes a text; most are told at a glance, of which an index has thousands. */
export function isVersion(text: string): boolean {
  if (common.test(text)) return true;
  try {
    parseVersion(text);
    return true;
  } catch (error) {
    if (error instanceof SemverError) return false;
    throw error;
  }
}

/** Reads a version as NewVersion does: a leading `v`, missing segments and leading zeros are accepted. */
export function parseVersion(text: string): Version {
  if (Buffer.byteLength(text) > maxLength) {
    throw new SemverError(`version string is too long (max ${maxLength} bytes)`);
  }
  const match = loose.exec(text);
  if (!match) throw new SemverError('invalid semantic version');
  const [, major, minor = '0', patch = '0', prerelease = '', metadata = ''] = match;
  const segments = [major!, minor, patch].map((digits) => parseSegment(digits, 'error parsing version segment: '));
  if (prerelease) checkPrerelease(prerelease);
  return new Version(segments as [bigint, bigint, bigint], prerelease, metadata, text);
}

/** Reads a version that is semver 2 to the letter: three segments, no `v`, no leading zeros. */
export function parseStrictVersion(text: string): Version {
  if (text === '') throw new SemverError('version string empty');
  if (Buffer.byteLength(text) > maxLength) {
    throw new SemverError(`version string is too long (max ${maxLength} bytes)`);
  }
  const [major, minor, ...others] = text.split('.');
  if (minor === undefined || others.length === 0) throw new SemverError('invalid semantic version');
  const [release, metadata] = cut(others.join('.'), '+');
  if (metadata !== undefined) checkMetadata(metadata);
  const [patch, prerelease] = cut(release, '-');
  if (prerelease !== undefined) checkPrerelease(prerelease);
  const digits = [major!, minor, patch];
  for (const segment of digits) {
    if (!/^\d*$/.test(segment)) throw new SemverError('invalid characters in version');
    if (/^0./.test(segment)) throw new SemverError('version segment starts with 0');
  }
  const segments = digits.map((segment) => parseSegment(segment, '')) as [bigint, bigint, bigint];
  return new Version(segments, prerelease, metadata, text);
}

function cut(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function parseSegment(digits: string, prefix: string): bigint {
  if (digits === '') throw new SemverError(`${prefix}strconv.ParseUint: parsing "": invalid syntax`);
  const value = BigInt(digits);
  if (value > maxSegment) throw new SemverError(`${prefix}strconv.ParseUint: parsing "${digits}": value out of range`);
  return value;
}

function checkPrerelease(text: string): void {
  for (const part of text.split('.')) {
    if (!/^[0-9A-Za-z-]+$/.test(part)) throw new SemverError('invalid prerelease string');
    if (/^0\d+$/.test(part)) throw new SemverError('version segment starts with 0');
  }
}

function checkMetadata(text: string): void {
  if (!text.split('.').every((part) => /^[0-9A-Za-z-]+$/.test(part))) {
    throw new SemverError('invalid metadata string');
  }
}

function compareSegments(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** By semver 2; a version without a pre-release is the newest of its release. */
export function comparePrereleases(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '') return 1;
  if (b === '') return -1;
  const left = a.split('.');
  const right = b.split('.');
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const order = comparePart(left[index] ?? '', right[index] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

function comparePart(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '') return -1;
  if (b === '') return 1;
  const left = numberOf(a);
  const right = numberOf(b);
  if (left === undefined && right === undefined) return a > b ? 1 : -1;
  if (right === undefined) return -1;
  if (left === undefined) return 1;
  return left > right ? 1 : -1;
}

/** A number beyond uint64 compares as text, as in Go. */
function numberOf(part: string): bigint | undefined {
  if (!/^\d+$/.test(part)) return undefined;
  const value = BigInt(part);
  return value > maxSegment ? undefined : value;
}
