import type { Artifact } from '@flux/api';
import type { Chart } from '@flux/helm';
import { expect, test } from 'vitest';
import { withArtifactVersion } from './chart-version.ts';

const hex = '0cc9a8446c95009ef382f5eade883a67c257f77d50f84e78ecef2aac9428d1e5';

function chartOf(version: string): Chart {
  const metadata = { name: 'demo', version, apiVersion: 'v2' };
  return { metadata, values: {}, templates: [], files: [], raw: [], dependencies: [] };
}

function mutate(version: string, revision: string, options: { kind?: string; tracksDigest?: boolean } = {}) {
  const { kind = 'OCIRepository', tracksDigest = true } = options;
  const artifact = { revision, url: '', path: '', digest: '', lastUpdateTime: '' } as Artifact;
  const { chart, revisionDigest } = withArtifactVersion(chartOf(version), { kind, artifact }, tracksDigest);
  return [chart.metadata.version, revisionDigest];
}

test.each([
  ['6.6.1', `6.6.1@sha256:${hex}`, '6.6.1+0cc9a8446c95'],
  ['v1.2+old', `1.2.0@sha256:${hex}`, '1.2.0+0cc9a8446c95'],
  ['1.0.0-rc.1', `1.0.0-rc.1_7@sha256:${hex}`, '1.0.0-rc.1+0cc9a8446c95'],
  ['1.0.0', `sha256:${hex}`, '1.0.0+0cc9a8446c95'],
])('a chart %s of the revision %s becomes %s (HELM-FLOW-09)', (version, revision, expected) => {
  expect(mutate(version, revision)).toEqual([expected, `sha256:${hex}`]);
});

test('a tag that is no version is not compared, and the whole revision is remembered', () => {
  expect(mutate('1.0.0', `latest@sha256:${hex}`)).toEqual(['1.0.0+0cc9a8446c95', `latest@sha256:${hex}`]);
});

test('a tag of another version is refused', () => {
  expect(() => mutate('1.0.0', `1.0.1@sha256:${hex}`)).toThrow(
    'artifact revision 1.0.1 does not match chart version 1.0.0',
  );
});

test('without digest tracking the version stays and the digest is remembered', () => {
  expect(mutate('1.0.0', `1.0.0@sha256:${hex}`, { tracksDigest: false })).toEqual(['1.0.0', `sha256:${hex}`]);
});

test('charts of HelmCharts keep their version', () => {
  expect(mutate('1.0.0', '1.0.0', { kind: 'HelmChart' })).toEqual(['1.0.0', undefined]);
});

test('a revision without a digest is refused', () => {
  expect(() => mutate('1.0.0', 'latest')).toThrow('invalid artifact revision latest');
});
