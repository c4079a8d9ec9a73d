import { describe, expect, test } from 'vitest';
import { crdOf, unionForm, versionSchema } from './crd.ts';
import { helmRelease } from './helm/index.ts';
import type { Kind } from './kind.ts';
import { findKind, kinds } from './kinds.ts';
import { kustomization } from './kustomize/index.ts';
import { manifestOf } from './manifest.ts';
import { toOpenApi } from './schema/open-api.ts';
import { gitRepository, helmChart, helmRepository } from './source/index.ts';

interface Shown {
  properties: Record<string, Shown>;
  required?: string[];
  enum?: string[];
  default?: unknown;
}

const union = toOpenApi(gitRepository.spec, unionForm(gitRepository as Kind)) as unknown as Shown;

test('stores the fields of all versions, without defaults of old ones (SRC-VER-01, SRC-VER-03)', () => {
  expect(Object.keys(union.properties)).toEqual(
    expect.arrayContaining(['gitImplementation', 'accessFrom', 'provider']),
  );
  expect(union.properties['gitImplementation']).not.toHaveProperty('default');
});

test('requires in storage only what every version required', () => {
  expect(union.required).toEqual(['interval', 'url']);
  expect(union.properties['verify']).not.toHaveProperty('required');
});

test('accepts in storage every value that a version accepted', () => {
  expect(union.properties['verify']?.properties['mode']?.enum).toEqual(['head', 'HEAD', 'Tag', 'TagAndHEAD']);
});

test('serves each version once and stores one', () => {
  for (const kind of kinds) {
    const versions: { name: string; served: boolean; storage: boolean }[] = crdOf(kind)['spec'].versions;

    expect(versions.every(({ served }) => served)).toBe(true);
    expect(versions.filter(({ storage }) => storage).map(({ name }) => name)).toEqual([kind.storageVersion]);
  }
});

test('finds a kind by any served version only', () => {
  expect(findKind({ apiVersion: 'kustomize.toolkit.fluxcd.io/v1beta1', kind: 'Kustomization' })?.kind).toBe(
    'Kustomization',
  );
  expect(findKind({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' })).toBeUndefined();
});

test('reads old objects as the stored version without changing them (SRC-VER-04)', () => {
  const old = {
    apiVersion: 'source.toolkit.fluxcd.io/v1beta1',
    kind: 'GitRepository',
    metadata: { name: 'x' },
    spec: { url: 'https://x.test', interval: '1m', gitImplementation: 'libgit2', verify: { mode: 'head' } },
    status: { url: 'http://x', artifact: { path: 'p', url: 'u', lastUpdateTime: 't', checksum: 'abc' } },
  };
  const copy = structuredClone(old);

  const read = gitRepository.read(old);

  expect(read.apiVersion).toBe('source.toolkit.fluxcd.io/v1');
  expect(read.spec).toEqual({ url: 'https://x.test', interval: '1m', verify: { mode: 'HEAD' } });
  expect(read.status).toEqual({ artifact: { path: 'p', url: 'u', lastUpdateTime: 't', digest: 'sha256:abc' } });
  expect(old).toEqual(copy);
});

test('keeps patch lists of old versions, which the build applies (KUS-API-12)', () => {
  const read = kustomization.read({
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1beta2',
    kind: 'Kustomization',
    metadata: { name: 'x' },
    spec: { patchesStrategicMerge: [{ kind: 'Deployment' }], validation: 'client' },
  });

  expect(read.spec).toEqual({ patchesStrategicMerge: [{ kind: 'Deployment' }] });
});

test('prints manifests as Go would: one form of durations, no empty options, nothing of the cluster', () => {
  const printed = manifestOf(kustomization as Kind, {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'x', namespace: 'y', uid: 'z', labels: {} },
    spec: { interval: '60s', force: false, prune: false, path: '', sourceRef: { kind: 'GitRepository', name: 'x' } },
    status: {},
  });

  expect(printed).toEqual({
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'x', namespace: 'y' },
    spec: { interval: '1m0s', prune: false, sourceRef: { kind: 'GitRepository', name: 'x' } },
  });
});

test('lays the single values file of old charts before the list (SRC-VER-07, HELM-API-03)', () => {
  const spec = { chart: 'c', valuesFile: 'a.yaml', valuesFiles: ['b.yaml'] };

  const chart = helmChart.read({
    apiVersion: 'source.toolkit.fluxcd.io/v1beta1',
    kind: 'HelmChart',
    metadata: { name: 'x' },
    spec,
  });
  const release = helmRelease.read({
    apiVersion: 'helm.toolkit.fluxcd.io/v2beta1',
    kind: 'HelmRelease',
    metadata: { name: 'x' },
    spec: { chart: { spec } },
    status: { lastAppliedRevision: '1.0.0', failures: 1 },
  });

  expect(chart.spec).toEqual({ chart: 'c', valuesFiles: ['a.yaml', 'b.yaml'] });
  expect(release.spec.chart?.spec).toEqual(chart.spec);
  expect(release.status).toEqual({ failures: 1 });
});

test('reads the checksum of an old index as its digest (SRC-VER-04)', () => {
  const read = helmRepository.read({
    apiVersion: 'source.toolkit.fluxcd.io/v1beta1',
    kind: 'HelmRepository',
    metadata: { name: 'x' },
    spec: { url: 'https://x.test', interval: '1m' },
    status: { artifact: { path: 'p', url: 'u', lastUpdateTime: 't', checksum: 'abc' } },
  });

  expect(read.status?.artifact).toEqual({ path: 'p', url: 'u', lastUpdateTime: 't', digest: 'sha256:abc' });
});

describe('HelmRelease', () => {
  interface Version {
    name: string;
    storage: boolean;
    deprecated?: boolean;
    additionalPrinterColumns: { name: string }[];
  }
  const versions = crdOf(helmRelease as Kind)['spec'].versions as Version[];
  const schemaOf = (version: string) =>
    versionSchema(helmRelease as Kind, { version }) as unknown as { properties: { spec: Shown; status: Shown } };

  test('is stored as v2 and served as the versions before, which are deprecated (HELM-API-01)', () => {
    expect(versions.map(({ name, storage, deprecated = false }) => [name, storage, deprecated])).toEqual([
      ['v2', true, false],
      ['v2beta2', false, true],
      ['v2beta1', false, true],
    ]);
  });

  test('needs an interval and one of chart and chartRef, and shows whether it is ready (HELM-API-02)', () => {
    const { spec, status } = schemaOf('v2').properties;

    expect(spec.required).toEqual(['interval']);
    expect(spec).toMatchObject({ 'x-kubernetes-validations': [{ message: 'either chart or chartRef must be set' }] });
    expect(status.default).toEqual({ observedGeneration: -1 });
    expect(versions[0]?.additionalPrinterColumns.map(({ name }) => name)).toEqual(['Age', 'Ready', 'Status']);
  });

  test('lacks in v2beta1 what came with v2beta2 (HELM-API-04)', () => {
    const old = schemaOf('v2beta1').properties;
    const { chart, kubeConfig, test: tests } = old.spec.properties;

    expect(old.spec.required).toEqual(['chart', 'interval']);
    expect(old.spec).not.toHaveProperty('x-kubernetes-validations');
    expect(tests?.properties).not.toHaveProperty('filters');
    expect(chart?.properties['spec']?.properties).not.toHaveProperty('ignoreMissingValuesFiles');
    expect(chart?.properties['spec']?.properties['chart']).not.toHaveProperty('maxLength');
    expect(chart?.properties['spec']?.properties['verify']?.properties['provider']?.enum).toEqual(['cosign']);
    expect([Object.keys(kubeConfig?.properties ?? {}), kubeConfig?.required]).toEqual([['secretRef'], ['secretRef']]);
    expect(old.spec.properties['serviceAccountName']).not.toHaveProperty('maxLength');
    expect(old.status.properties).not.toHaveProperty('lastAttemptedRevisionDigest');
    expect(old.status.properties['lastAttemptedReleaseAction']).not.toHaveProperty('enum');
  });
});
