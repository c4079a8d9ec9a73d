import { fn, type GoFunction, GoInt, GoStruct } from '@flux/gotemplate';
import { parseConstraint, parseVersion, type Version } from '@flux/semver';

const versions = new WeakMap<GoStruct, Version>();

/** Semantic versions of Masterminds/semver. */
export const semverFunctions: Readonly<Record<string, GoFunction>> = {
  semver: fn('string', (text: string) => versionStruct(parseVersion(text))),
  semverCompare: fn('string, string', (constraint: string, version: string) => {
    return parseConstraint(constraint).check(parseVersion(version));
  }),
};

function versionStruct(version: Version): GoStruct {
  const segment = (value: bigint) => fn('', () => new GoInt(value, 'uint64'));
  const next = (part: 'major' | 'minor' | 'patch') => fn('', () => versionStruct(version.increment(part)));
  const compare = (decide: (order: number) => unknown) =>
    fn('any', (other: unknown) => decide(version.compare(versionOf(other))));
  const { major, minor, patch } = version;
  const struct = new GoStruct('semver.Version', {
    pointer: true,
    fields: {
      major: new GoInt(major, 'uint64'),
      minor: new GoInt(minor, 'uint64'),
      patch: new GoInt(patch, 'uint64'),
      pre: version.prerelease,
      metadata: version.metadata,
      original: version.original,
    },
    text: () => version.toString(),
    json: () => version.toString(),
    methods: {
      Major: segment(version.major),
      Minor: segment(version.minor),
      Patch: segment(version.patch),
      Prerelease: fn('', () => version.prerelease),
      Metadata: fn('', () => version.metadata),
      Original: fn('', () => version.original),
      String: fn('', () => version.toString()),
      IncMajor: next('major'),
      IncMinor: next('minor'),
      IncPatch: next('patch'),
      Compare: compare((order) => new GoInt(Math.sign(order))),
      LessThan: compare((order) => order < 0),
      LessThanEqual: compare((order) => order <= 0),
      GreaterThan: compare((order) => order > 0),
      GreaterThanEqual: compare((order) => order >= 0),
      Equal: compare((order) => order === 0),
    },
  });
  versions.set(struct, version);
  return struct;
}

function versionOf(value: unknown): Version {
  const version = value instanceof GoStruct ? versions.get(value) : undefined;
  if (value === undefined || value === null)
    throw new TypeError('runtime error: invalid memory address or nil pointer dereference');
  if (version === undefined) throw new TypeError('wrong type for value; expected *semver.Version');
  return version;
}
