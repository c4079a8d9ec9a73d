import { expect, test } from 'vitest';
import { loadRepositoryIndex } from './repository-index.ts';

const load = (text: string) => loadRepositoryIndex(Buffer.from(text));

test.each([
  ['[x]', 'cannot unmarshal string into Go struct field IndexFile.entries of type repo.ChartVersion'],
  ['x', 'cannot unmarshal string into Go struct field IndexFile.entries of type repo.ChartVersions'],
  ['[{urls: x}]', 'cannot unmarshal string into Go struct field ChartVersion.entries.urls of type []string'],
  [
    '[{appVersion: 1.10}]',
    'cannot unmarshal number into Go struct field ChartVersion.entries.Metadata.appVersion of type string',
  ],
  [
    '[{annotations: {a: 1}}]',
    'cannot unmarshal number into Go struct field ChartVersion.entries.Metadata.annotations of type string',
  ],
  [
    '[{maintainers: [{name: 1}]}]',
    'cannot unmarshal number into Go struct field Maintainer.entries.Metadata.maintainers.name of type string',
  ],
  [
    '[{maintainers: x}]',
    'cannot unmarshal string into Go struct field ChartVersion.entries.Metadata.maintainers of type []*v2.Maintainer',
  ],
  ['[{created: 1}]', 'Time.UnmarshalJSON: input is not a JSON string'],
  ['[{created: 2020-01-01}]', 'parsing time "2020-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'],
  ['[{created: 2020-02-30T00:00:00Z}]', 'parsing time "2020-02-30T00:00:00Z": day out of range'],
  ['[{created: 2020-01-01T24:00:00Z}]', 'parsing time "2020-01-01T24:00:00Z": hour out of range'],
])('versions written as %s are refused as Flux refuses them (SRC-HREPO-09)', async (versions, message) => {
  await expect(load(`apiVersion: v1\nentries: {a: ${versions}}\n`)).rejects.toThrow(message);
});

test('the scalars that sigs.k8s.io/yaml turns into text are texts, keys count in any case', async () => {
  const index = await load(`apiVersion: 1.10
entries:
  a:
  - NAME: a
    Version: 1.0.0
    digest: 12345678.9
    urls: [1, null, true, x]
    created: 2020-01-01T00:00:00,1200+00:00
`);

  expect(index.head.apiVersion).toBe('1.1');
  expect(index.entry(index.versions('a')![0]!)).toEqual({
    name: 'a',
    version: '1.0.0',
    apiVersion: 'v1',
    urls: ['1', '', 'true', 'x'],
    created: '2020-01-01T00:00:00.12Z',
    digest: '1.2345679e+07',
  });
});

test.each([
  ['name: a', 'no version'],
  ['{name: a/b, version: 1.0.0}', 'a name with a slash'],
  ['{name: .., version: 1.0.0}', 'a name that climbs'],
  ['{name: a, version: one}', 'no semantic version'],
  ['{name: a, version: 1.0.0, type: other}', 'an unknown type'],
  ['{name: a, version: 1.0.0, dependencies: [{name: b, alias: "c d"}]}', 'a bad alias'],
  ['{name: a, version: 1.0.0, maintainers: [null]}', 'an empty maintainer'],
  ['null', 'nothing'],
])('an entry %s is left out (SRC-HREPO-09)', async (entry) => {
  const index = await load(`apiVersion: v1\nentries:\n  a:\n  - ${entry}\n  - {name: a, version: 2.0.0}\n`);

  expect(index.versions('a')?.map(({ version }) => version)).toEqual(['2.0.0']);
});

test('dependencies of one name are tolerated, and what does not print is dropped', async () => {
  const index = await load(
    'apiVersion: v1\nentries:\n  a:\n  - {name: a, version: 1.0.0, description: "x\\ty\\u0007\\u00a0ü", dependencies: [{name: b}, {name: b}]}\n',
  );

  expect(index.entry(index.versions('a')![0]!)).toMatchObject({ description: 'x y ü', dependencies: [{}, {}] });
});
