import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ChartServer, serveCharts, startEmbeddedCluster, startGitServer } from '@flux/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { conditionTexts } from '../frame/source-cluster.suite.ts';
import { type ChartWorld, demo, startChartWorld } from './chart-world.suite.ts';

let world: ChartWorld<ChartServer>;

beforeAll(async () => {
  world = await startChartWorld({
    startCluster: () => startEmbeddedCluster({ workloads: false }),
    startGitServer,
    serveCharts,
  });
});
afterAll(() => world?.[Symbol.asyncDispose]());
beforeEach(() => world.begin());

describe('failures of charts of a repository', () => {
  const reference = 'invalid chart reference: ';
  const remote = `${reference}failed to get chart version for remote reference: `;

  test.each([
    ['an unknown chart', { chart: 'gone' }, 'InvalidChartReference', `${remote}no chart name found`],
    [
      'a version that is not there',
      { version: '>=3' },
      'InvalidChartReference',
      `${remote}no 'demo' chart with version matching '>=3' found`,
    ],
    ['a bad range', { version: 'zz' }, 'InvalidChartReference', `${remote}improper constraint: "zz"`],
    [
      'a bad name',
      { chart: 'Demo' },
      'InvalidChartReference',
      `${reference}invalid chart name 'Demo': a valid name must be lower case letters and numbers and MAY be separated with dashes (-), slashes (/) or periods (.)`,
    ],
    [
      'a missing values file',
      { valuesFiles: ['values.yaml', 'nope.yaml'] },
      'ValuesFilesError',
      "values files merge error: failed to merge chart values: no values file found at path 'nope.yaml'",
    ],
  ])(
    '%s stalls until the index or the spec changes (SRC-HCHART-07, SRC-HCHART-08, SRC-HCHART-09, SRC-HCHART-30)',
    async (_, spec, reason, text) => {
      await world.addChart(demo('1.0.0'));
      await world.createRepository();
      await world.untilReady(world.repository, 'True');
      await world.createChart(spec);
      const object = await world.untilReady(world.ref(), 'False');

      const type = reason === 'ValuesFilesError' ? 'BuildFailed' : 'FetchFailed';
      expect(conditionTexts(object)).toEqual([
        `Stalled=True/${reason} ${text}`,
        `Ready=False/${reason} ${text}`,
        `${type}=True/${reason} ${text}`,
      ]);
      const repository = await world.cluster.get(world.repository);
      expect(object.status).toMatchObject({
        observedGeneration: 1,
        observedSourceArtifactRevision: repository['status'].artifact.revision,
      });
      expect(await world.events(world.ref(), reason)).toContain(`Warning ${reason} ${text}`);
    },
  );

  test('a missing source is named and tried again (SRC-HCHART-05)', async () => {
    await world.createChart();
    const object = await world.untilReady(world.ref(), 'False');

    const text = 'failed to get source: HelmRepository.source.toolkit.fluxcd.io "charts" not found';
    expect(conditionTexts(object)).toEqual([
      'Reconciling=True/ProgressingWithRetry building artifact',
      `Ready=False/SourceUnavailable ${text}`,
      `FetchFailed=True/SourceUnavailable ${text}`,
    ]);
  });

  test('a Bucket is refused clearly', async () => {
    await world.createChart({ sourceRef: { kind: 'Bucket', name: 'b' } });
    const object = await world.untilReady(world.ref(), 'False');

    expect(conditionTexts(object)[0]).toBe(
      'Stalled=True/UnsupportedSourceKind failed to get source: a Bucket as source is not supported by this version of source-controller',
    );
  });

  test.each([
    ['https://charts.test', 'Failed', 'failed to construct Helm client: invalid OCI registry URL: https://charts.test'],
    ['https://[bad', 'URLInvalid', 'invalid Helm repository URL: parse "https://[bad": invalid URL'],
  ])('the address %s of a registry stalls (SRC-HCHART-13)', async (url, reason, text) => {
    await world.createRepository({ type: 'oci', url });
    await world.createChart();
    const object = await world.untilReady(world.ref(), 'False');

    expect(conditionTexts(object)).toEqual([
      `Stalled=True/${reason} ${text}`,
      `Ready=False/Unknown unknown build error: ${text}`,
      `FetchFailed=True/Unknown unknown build error: ${text}`,
    ]);
  });

  test('a chart that cannot be stored keeps what there is, and is tried again (SRC-HCHART-34)', async () => {
    await world.addChart(demo('1.0.0'));
    mkdirSync(join(world.storage.root, 'helmchart', world.namespace, 'demo', 'demo-1.0.0.tgz'), { recursive: true });
    await world.createRepository();
    await world.untilReady(world.repository, 'True');
    await world.createChart();
    const object = await world.untilReady(world.ref(), 'False');

    expect(conditionTexts(object).join('\n')).toMatch(
      /\nStorageOperationFailed=True\/ArchiveOperationFailed unable to copy Helm chart to storage: /,
    );
    expect(object.status!.artifact).toBeUndefined();
  });

  test('a missing Secret of the repository is told with the reason of the event, the condition says unknown (SRC-HCHART-14)', async () => {
    await world.addChart(demo('1.0.0'));
    await world.createRepository();
    await world.untilReady(world.repository, 'True');
    await world.cluster.patch(world.repository, 'merge', { spec: { secretRef: { name: 'gone' } } });
    await world.createChart();
    const object = await world.untilReady(world.ref(), 'False');

    const text = `failed to get authentication secret '${world.namespace}/gone': secrets "gone" not found`;
    expect(conditionTexts(object)).toContain(`FetchFailed=True/Unknown unknown build error: ${text}`);
    expect(await world.events(world.ref(), 'AuthenticationFailed')).toContain(`Warning AuthenticationFailed ${text}`);
  });

  test('verification of a chart of an index is not implemented, as in Flux (SRC-HCHART-32)', async () => {
    await world.addChart(demo('1.0.0'));
    await world.createRepository();
    await world.untilReady(world.repository, 'True');
    await world.createChart({ verify: { provider: 'cosign' } });
    const object = await world.untilReady(world.ref(), 'False');

    const text = 'chart verification error: not implemented';
    expect(conditionTexts(object).slice(1)).toEqual([
      `Ready=False/VerificationError ${text}`,
      `BuildFailed=True/ChartVerificationError ${text}`,
      `SourceVerified=False/VerificationError ${text}`,
    ]);
  });

  test.each([
    ['no archive at all', 'hello', 'failed to load chart metadata from written chart: gzip: invalid header'],
    [
      'too large',
      'x'.repeat(20_001),
      "failed to download chart for remote reference: size of chart 'URL' exceeds '20000' bytes limit",
    ],
  ])('a download that is %s is a pull error (SRC-HCHART-11)', async (_, content, message) => {
    await world.addChart(demo('1.0.0'));
    world.charts.put(`${world.namespace}/demo-1.0.0.tgz`, content);
    await world.createRepository();
    await world.untilReady(world.repository, 'True');
    await world.createChart();
    const object = await world.untilReady(world.ref(), 'False');

    const text = message.replace('URL', `${world.charts.url}/${world.namespace}/demo-1.0.0.tgz`);
    expect(conditionTexts(object)).toContain(`FetchFailed=True/ChartPullError chart pull error: ${text}`);
  });
});
