import type { Release } from '@flux/helm';
import { expect, test } from 'vitest';
import { formatObservation, trimTime } from './observation.ts';

const release: Release = {
  name: 'demo',
  namespace: 'ns',
  version: 2,
  info: {
    first_deployed: '2026-01-02T03:04:05.678900Z',
    last_deployed: '2026-01-02T03:04:05.678900Z',
    description: 'Install complete',
    status: 'deployed',
  },
  chart: { metadata: { name: 'demo', version: '1.0.0', apiVersion: 'v2' }, templates: [], values: {}, files: [] },
  manifest: '---\n# Source: <a>\n',
  hooks: [],
};

test('an observation is one line of JSON in the order of Go structs (HELM-STAT-03)', () => {
  expect(formatObservation(release)).toBe(
    '{"name":"demo","version":2,"info":{"first_deployed":"2026-01-02T03:04:05.6789Z","last_deployed":"2026-01-02T03:04:05.6789Z","description":"Install complete","status":"deployed"},"chartMetadata":{"name":"demo","version":"1.0.0","apiVersion":"v2"},"config":null,"manifest":"---\\n# Source: \\u003ca\\u003e\\n","hooks":null,"namespace":"ns"}\n',
  );
});

test('tests are left out, other hooks and the OCI digest are not', () => {
  const hook = {
    name: 'h',
    kind: 'Job',
    path: 'demo/templates/h.yaml',
    manifest: 'x',
    last_run: { phase: '' as const },
  };
  const hooks: Release['hooks'] = [
    { ...hook, events: ['pre-install'], weight: 5 },
    { ...hook, events: ['test'] },
  ];

  expect(formatObservation({ ...release, hooks, config: { b: 1e21, a: 0.1 } }, 'sha256:ab')).toContain(
    '"config":{"a":0.1,"b":1e+21},"manifest":"---\\n# Source: \\u003ca\\u003e\\n","hooks":[{"name":"h","kind":"Job","path":"demo/templates/h.yaml","manifest":"x","events":["pre-install"],"last_run":{"phase":""},"weight":5}],"namespace":"ns","ociDigest":"sha256:ab"}',
  );
});

test('dependencies always name their repository', () => {
  const metadata = { ...release.chart.metadata, dependencies: [{ name: 'sub', version: '1' }] };

  expect(formatObservation({ ...release, chart: { ...release.chart, metadata } })).toContain(
    '"dependencies":[{"name":"sub","version":"1","repository":""}]',
  );
});

test.each([
  ['2026-01-01T00:00:00.000000000Z', '2026-01-01T00:00:00Z'],
  ['2026-01-01T00:00:00.120000000+02:00', '2026-01-01T00:00:00.12+02:00'],
  ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
  ['0001-01-01T00:00:00Z', undefined],
  ['', undefined],
])('the time %s is printed as %s', (time, expected) => {
  expect(trimTime(time)).toBe(expected);
});
