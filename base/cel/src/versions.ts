import { Version } from '@flux/semver';
import type { Environment } from '@marcbachmann/cel-js';
import { succeeds } from './attempt.ts';
import { CelError } from './cel-error.ts';

/** `semver()` with its functions. */
export function registerVersions(environment: Environment): void {
  environment.registerType('Semver', Version);
  environment.registerFunction('semver(string): Semver', parse);
  environment.registerFunction('semver(string, bool): Semver', parse);
  environment.registerFunction('isSemver(string): bool', isVersion);
  environment.registerFunction('isSemver(string, bool): bool', isVersion);
  environment.registerOperator('Semver == Semver', (a: Version, b: Version) => a.equals(b));
  environment.registerFunction('Semver.compareTo(Semver): int', (a: Version, b: Version) => BigInt(a.compare(b)));
  environment.registerFunction('Semver.isGreaterThan(Semver): bool', (a: Version, b: Version) => a.compare(b) > 0);
  environment.registerFunction('Semver.isLessThan(Semver): bool', (a: Version, b: Version) => a.compare(b) < 0);
  for (const name of ['major', 'minor', 'patch'] as const) {
    environment.registerFunction(`Semver.${name}(): int`, (version: Version) => version[name]);
  }
}

const number = '(0|[1-9]\\d*)';
const identifier = '(?:0|[1-9]\\d*|\\d*[A-Za-z-][\\dA-Za-z-]*)';
const grammar = new RegExp(
  `^${number}\\.${number}\\.${number}(?:-(${identifier}(?:\\.${identifier})*))?(?:\\+[\\dA-Za-z-]+(?:\\.[\\dA-Za-z-]+)*)?$`,
);

/** Reads a version as Kubernetes does, which is stricter and laxer in other places than Helm. */
function parse(text: string, isTolerant = false): Version {
  const match = grammar.exec(isTolerant ? normalize(text) : text);
  if (!match)
    throw new CelError(text === '' ? 'Version string empty' : `Invalid semantic version ${JSON.stringify(text)}`);
  const [, major, minor, patch, prerelease] = match;
  return new Version([BigInt(major!), BigInt(minor!), BigInt(patch!)], prerelease);
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
