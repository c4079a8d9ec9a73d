import { expect, test } from 'vitest';
import { loadRepositoryIndex } from './repository-index.ts';
import { selectChartVersion, selectTag } from './select-version.ts';

const versions = [
  { version: '2.0.0-rc.1' },
  { version: '1.2.0' },
  { version: '1.1.0+a', created: '2026-01-01T00:00:00Z' },
  { version: '1.1.0+b', created: '2026-01-03T00:00:00Z' },
  { version: '1.1.0+c', created: '2026-01-02T00:00:00Z' },
  { version: 'v0.9.0' },
  { version: '3.0' },
];
const index = await loadRepositoryIndex(
  Buffer.from(
    JSON.stringify({
      apiVersion: 'v1',
      entries: { app: versions.map((item) => ({ name: 'app', ...item })), none: [] },
    }),
  ),
);

test.each([
  ['', '1.2.0'],
  ['*', '1.2.0'],
  ['1.1.0+a', '1.1.0+a'],
  ['3.0', '3.0'],
  ['~1.1', '1.1.0+b'],
  ['1.1.0', '1.1.0+b'],
  ['>=2.0.0-0', '2.0.0-rc.1'],
  ['<1', 'v0.9.0'],
])('the version %j is %s (SRC-HCHART-09)', (wanted, found) => {
  expect(selectChartVersion(index, 'app', wanted)).toMatchObject({ name: 'app', version: found });
});

test.each([
  ['gone', '*', 'no chart name found'],
  ['none', '*', 'no chart version found'],
  ['app', '>=3', "no 'app' chart with version matching '>=3' found"],
  ['app', 'zz', 'improper constraint: "zz"'],
])('%s in version %s is an error that Flux users know (SRC-HCHART-09)', (name, wanted, message) => {
  expect(() => selectChartVersion(index, name, wanted)).toThrow(message);
});

test('among tags the exact one comes first, then the highest that fits (SRC-HCHART-10)', () => {
  const tags = ['latest', '1.0.0', '1.2.0', '1.10.0', '2.0.0-rc.1', '3.0'];

  expect(selectTag(tags, 'latest')).toBe('latest');
  expect(selectTag(tags, '')).toBe('1.10.0');
  expect(selectTag(tags, '1.2.x')).toBe('1.2.0');
  expect(() => selectTag(tags, '>4')).toThrow('could not locate a version matching provided version string >4');
});
