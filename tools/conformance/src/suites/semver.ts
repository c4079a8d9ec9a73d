import { isDeepStrictEqual } from 'node:util';
import { type Constraint, parseConstraint, parseStrictVersion, parseVersion, Version } from '@flux/semver';
import { readCaseLines } from '../case-lines.ts';
import type { Outcome } from '../outcome.ts';

interface SemverCase {
  id: string;
  constraint: string;
  versions: string[];
  includePrerelease?: boolean;
  constraintError?: string;
  constraintString?: string;
  matches: string[];
  matchesDescending: string[];
  latest: string;
  validateErrors?: Record<string, string>;
  invalidVersions?: Record<string, string>;
  allAscending?: string[];
  parsed?: Record<string, ParsedVersion>;
}

interface ParsedVersion {
  string?: string;
  pre?: string;
  meta?: string;
  strict?: string;
  strictError?: string;
  error?: string;
  incMajor?: string;
  incMinor?: string;
  incPatch?: string;
  /** The reference panics on an overflow. */
  incPanic?: string;
}

/** Replays the recordings of Masterminds/semver: parsing, sorting, constraints and their reasons. */
export async function run(folder: string): Promise<Outcome[]> {
  const cases = await readCaseLines<SemverCase>(folder);
  return cases.map((item) => {
    const failure = replay(item);
    return failure === undefined ? { id: item.id } : { id: item.id, failure };
  });
}

function replay(item: SemverCase): string | undefined {
  const invalid: Record<string, string> = {};
  const versions = item.versions.flatMap((text) => {
    try {
      return [parseVersion(text)];
    } catch (error) {
      invalid[text] = (error as Error).message;
      return [];
    }
  });
  const ascending = [...versions].sort((a, b) => a.compare(b)).map(({ original }) => original);
  return (
    differs('invalidVersions', item.invalidVersions ?? invalid, invalid) ??
    differs('allAscending', item.allAscending ?? [], ascending) ??
    replayParsed(item.parsed ?? {}) ??
    replayConstraint(item, versions)
  );
}

function replayConstraint(item: SemverCase, versions: Version[]): string | undefined {
  if (item.parsed !== undefined || (item.constraint === '' && item.constraintError === undefined)) return undefined;
  let constraint: Constraint;
  try {
    constraint = parseConstraint(item.constraint, { includePrerelease: item.includePrerelease ?? false });
  } catch (error) {
    return differs('constraintError', item.constraintError, (error as Error).message);
  }
  const matches = versions.filter((version) => constraint.check(version));
  const descending = matches.toSorted((a, b) => b.compare(a)).map(({ original }) => original);
  const errors: Record<string, string> = {};
  for (const version of versions) {
    const reasons = constraint.validate(version);
    if (reasons.length > 0) errors[version.original] = reasons.join('\n');
  }
  return (
    differs('constraintError', item.constraintError, undefined) ??
    differs('constraintString', item.constraintString, constraint.toString()) ??
    differs(
      'matches',
      item.matches,
      matches.map(({ original }) => original),
    ) ??
    differs('matchesDescending', item.matchesDescending, descending) ??
    differs('latest', item.latest, descending[0] ?? '') ??
    differs('validateErrors', item.validateErrors ?? errors, errors)
  );
}

function replayParsed(parsed: Record<string, ParsedVersion>): string | undefined {
  for (const [text, expected] of Object.entries(parsed)) {
    const strict = attempt(() => parseStrictVersion(text).toString());
    const version = attempt(() => parseVersion(text));
    const found = version.value instanceof Version ? version.value : undefined;
    const failure =
      differs(`${text} strict`, expected.strict ?? expected.strictError, strict.value ?? strict.error) ??
      differs(`${text} string`, expected.string ?? expected.error, found?.toString() ?? version.error) ??
      differs(`${text} pre`, expected.pre, found?.prerelease) ??
      differs(`${text} meta`, expected.meta, found?.metadata) ??
      replayIncrements(text, expected, found);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function replayIncrements(text: string, expected: ParsedVersion, found: Version | undefined): string | undefined {
  const increment = (part: 'major' | 'minor' | 'patch') => attempt(() => found?.increment(part).original);
  if (expected.incPanic !== undefined) {
    return differs(`${text} incMajor`, expected.incPanic, increment('major').error);
  }
  return (
    differs(`${text} incMajor`, expected.incMajor, increment('major').value) ??
    differs(`${text} incMinor`, expected.incMinor, increment('minor').value) ??
    differs(`${text} incPatch`, expected.incPatch, increment('patch').value)
  );
}

function attempt<T>(work: () => T): { value?: T; error?: string } {
  try {
    return { value: work() };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

function differs(name: string, expected: unknown, actual: unknown): string | undefined {
  if (isDeepStrictEqual(expected, actual)) return undefined;
  return `${name}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`;
}
