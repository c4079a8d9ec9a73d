import type { Environment } from '@marcbachmann/cel-js';
import { succeeds } from './attempt.ts';
import { CelError } from './cel-error.ts';

/** A semantic version as Kubernetes' CEL knows it. */
class CelVersion {
  readonly numbers: readonly bigint[];
  readonly prerelease: readonly string[];

  constructor(numbers: readonly bigint[], prerelease: readonly string[]) {
    this.numbers = numbers;
    this.prerelease = prerelease;
  }
}

/** `semver()` with its functions. */
export function registerVersions(environment: Environment): void {
  environment.registerType('Semver', CelVersion);
  environment.registerFunction('semver(string): Semver', parse);
  environment.registerFunction('semver(string, bool): Semver', parse);
  environment.registerFunction('isSemver(string): bool', isVersion);
  environment.registerFunction('isSemver(string, bool): bool', isVersion);
  environment.registerOperator('Semver == Semver', (a: CelVersion, b: CelVersion) => compare(a, b) === 0);
  environment.registerFunction('Semver.compareTo(Semver): int', (a, b) => BigInt(compare(a, b)));
  environment.registerFunction('Semver.isGreaterThan(Semver): bool', (a, b) => compare(a, b) > 0);
  environment.registerFunction('Semver.isLessThan(Semver): bool', (a, b) => compare(a, b) < 0);
  for (const [index, name] of ['major', 'minor', 'patch'].entries()) {
    environment.registerFunction(`Semver.${name}(): int`, ({ numbers }: CelVersion) => numbers[index]!);
  }
}

const number = '(0|[1-9]\\d*)';
const identifier = '(?:0|[1-9]\\d*|\\d*[A-Za-z-][\\dA-Za-z-]*)';
const grammar = new RegExp(
  `^${number}\\.${number}\\.${number}(?:-(${identifier}(?:\\.${identifier})*))?(?:\\+[\\dA-Za-z-]+(?:\\.[\\dA-Za-z-]+)*)?$`,
);

function parse(text: string, isTolerant = false): CelVersion {
  const match = grammar.exec(isTolerant ? normalize(text) : text);
  if (!match)
    throw new CelError(text === '' ? 'Version string empty' : `Invalid semantic version ${JSON.stringify(text)}`);
  const [, major, minor, patch, prerelease] = match;
  return new CelVersion(
    [major, minor, patch].map((part) => BigInt(part!)),
    prerelease?.split('.') ?? [],
  );
}

/** Drops a `v` and zeros in front, and adds the parts that are missing. */
function normalize(text: string): string {
  const [first = '', second, ...rest] = text.replace(/^v/, '').split('.');
  const parts = [first, second, rest.length > 0 ? rest.join('.') : undefined];
  const given = parts.filter((part) => part !== undefined);
  if (given.length < 3 && /[+-]/.test(given.at(-1)!)) {
    throw new CelError('short version cannot contain PreRelease/Build meta data');
  }
  const trimmed = given.map((part) => (part.length > 1 ? part.replace(/^0+/, '').replace(/^(?!\d)/, '0') : part));
  return [...trimmed, '0', '0'].slice(0, 3).join('.');
}

function isVersion(text: string, isTolerant = false): boolean {
  return succeeds(() => parse(text, isTolerant));
}

function compare(a: CelVersion, b: CelVersion): number {
  for (const [index, own] of a.numbers.entries()) {
    if (own !== b.numbers[index]) return own < b.numbers[index]! ? -1 : 1;
  }
  // A version comes after its prereleases.
  if (a.prerelease.length === 0 || b.prerelease.length === 0)
    return Math.sign(b.prerelease.length - a.prerelease.length);
  for (const [index, own] of a.prerelease.entries()) {
    const other = b.prerelease[index];
    if (other === undefined) return 1;
    if (own !== other) return compareIdentifiers(own, other);
  }
  return a.prerelease.length < b.prerelease.length ? -1 : 0;
}

/** Numbers come before words. */
function compareIdentifiers(a: string, b: string): number {
  const [isNumber, isOtherNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOtherNumber) return BigInt(a) < BigInt(b) ? -1 : 1;
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return a < b ? -1 : 1;
}
