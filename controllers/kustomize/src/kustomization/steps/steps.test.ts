import type { Kustomization } from '@flux/api';
import { type KubeObject, newNotFound, type ObjectRef } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { createRun, readyFrame, silentLog, type WatchCache } from '@flux/runtime';
import { ApplyMemory } from '@flux/ssa';
import { expect, test } from 'vitest';
import type { KustomizationRun, KustomizeDeps } from '../deps.ts';
import { defaultSettings, type KustomizeSettings } from '../settings.ts';
import { checkDependencies } from './check-dependencies.ts';
import { compileReaders } from './check-health.ts';
import { digestOf, prepareObjects } from './prepare-objects.ts';
import { resolveArtifact } from './resolve-source.ts';
import { substitute } from './substitute.ts';

const apiVersion = 'kustomize.toolkit.fluxcd.io/v1';

function kustomization(name: string, spec: object = {}, status: object = {}): Kustomization {
  return {
    apiVersion,
    kind: 'Kustomization',
    metadata: { name, namespace: 'n', generation: 1 },
    spec: { interval: '1h', prune: true, sourceRef: { kind: 'GitRepository', name: 'app' }, ...spec },
    status: { observedGeneration: 1, ...status },
  };
}

/** A run over objects that are given, without a cluster. */
function runFor(
  object: Kustomization,
  present: KubeObject[],
  settings: Partial<KustomizeSettings> = {},
): KustomizationRun {
  const get = async (ref: ObjectRef) => {
    const found = present.find(({ kind, metadata }) => kind === ref.kind && metadata.name === ref.name);
    if (!found) throw newNotFound({ group: '', resource: `${ref.kind.toLowerCase()}s` }, ref.name);
    return found;
  };
  const { signal } = new AbortController();
  const deps: KustomizeDeps = {
    settings: { ...defaultSettings, ...settings },
    fetch: () => Promise.reject(new Error('not here')),
    build: () => Promise.reject(new Error('not here')),
    builds: { get: () => undefined, set: () => undefined },
    attempts: new Map(),
    memory: new ApplyMemory(),
  };
  return createRun<Kustomization, KustomizeDeps>({
    object,
    deps,
    frame: readyFrame(),
    reporter: 'kustomize-controller',
    cluster: { get } as Partial<Cluster> as Cluster,
    watches: {} as WatchCache,
    signal,
    superseded: signal,
    triggers: [],
    reconcileId: '1',
    log: silentLog,
    persist: async () => {},
    emit: () => {},
  });
}

function gitRepository(artifact?: object): KubeObject {
  const status = artifact ? { artifact } : {};
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name: 'app', namespace: 'n' },
    status,
  };
}

test('waits for the source artifact without a warning event (KUS-SRC-04)', async () => {
  const run = runFor(kustomization('a'), [gitRepository()]);

  await expect(resolveArtifact(run)).rejects.toMatchObject({
    reason: 'ArtifactFailed',
    message: 'Source artifact not found, retrying in 30s',
    retry: { afterMs: 30_000 },
    event: 'none',
  });
});

test('a missing source is looked for again after retryInterval (KUS-SRC-03)', async () => {
  const run = runFor(kustomization('a', { retryInterval: '2m' }), []);

  await expect(resolveArtifact(run)).rejects.toMatchObject({
    reason: 'ArtifactFailed',
    message: expect.stringContaining('"app" not found'),
    retry: { afterMs: 120_000 },
    event: 'none',
  });
});

test('a source in another namespace is refused where that is forbidden (KUS-SRC-01)', async () => {
  const sourceRef = { kind: 'GitRepository', name: 'app', namespace: 'other' };
  const run = runFor(kustomization('a', { sourceRef }), [], { refusesCrossNamespaceRefs: true });

  await expect(resolveArtifact(run)).rejects.toMatchObject({
    reason: 'AccessDenied',
    message: "can't access 'GitRepository/other/app', cross-namespace references have been blocked",
    retry: 'stalled',
  });
});

test('the revision of the artifact is on all events of the pass (KUS-EVT-02)', async () => {
  const metadata = { 'org.opencontainers.image.revision': 'main@sha1:1' };
  const run = runFor(kustomization('a'), [gitRepository({ revision: 'r', metadata })]);

  await resolveArtifact(run);

  expect(run.eventMetadata).toEqual({
    'kustomize.toolkit.fluxcd.io/revision': 'r',
    'kustomize.toolkit.fluxcd.io/originRevision': 'main@sha1:1',
  });
});

const ready = { conditions: [{ type: 'Ready', status: 'True' }], lastAppliedRevision: 'r1' };

test.each([
  ['is not there', [], `dependency 'n/infra' not found: `],
  ['is not ready', [kustomization('infra')], "dependency 'n/infra' is not ready"],
  ['is behind', [kustomization('infra', {}, ready)], "dependency 'n/infra' revision is not up to date"],
])('a dependency that %s holds its dependent (KUS-DEP-03)', async (_, present, message) => {
  const run = runFor(kustomization('a', { dependsOn: [{ name: 'infra' }] }), present);

  await expect(checkDependencies(run, 'r2')).rejects.toMatchObject({
    reason: 'DependencyNotReady',
    message: expect.stringContaining(message),
    event: 'normal',
    eventMessage: 'Dependencies do not meet ready condition, retrying in 30s',
  });
});

test('readyExpr decides in place of the built-in check (KUS-DEP-02)', async () => {
  const dependsOn = (readyExpr: string) => ({ dependsOn: [{ name: 'infra', readyExpr }] });
  const infra = kustomization('infra', { path: './infra' });
  const check = (expression: string) =>
    checkDependencies(runFor(kustomization('a', dependsOn(expression)), [infra]), 'r1');

  await expect(check('dep.spec.path == "./infra"')).resolves.toBeUndefined();
  await expect(check('dep.spec.path == self.metadata.name')).rejects.toThrow(
    "dependency 'n/infra' is not ready according to readyExpr eval",
  );
  await expect(check('dep.spec[ ==')).rejects.toMatchObject({
    reason: 'InvalidCELExpression',
    retry: 'stalled',
    observed: true,
  });
});

test('health expressions that do not parse are terminal (KUS-FLOW-08)', () => {
  const healthCheckExprs = [{ apiVersion: 'x.io/v1', kind: 'Foo', current: 'status. ==' }];

  expect(() => compileReaders(kustomization('a', { healthCheckExprs }), false)).toThrow(
    'Reconciliation failed terminally due to configuration error: failed to create custom status evaluator for healthchecks[0]: failed to parse the expression Current: ',
  );
});

const configMap = (data: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'n' },
  data,
});

test('later variables win, inline ones over all (KUS-SUB-03)', async () => {
  const vars: KubeObject = { ...configMap({ a: 'map', b: 'map' }), metadata: { name: 'vars', namespace: 'n' } };
  const secret: KubeObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'keys', namespace: 'n' },
    data: { b: Buffer.from('secret').toString('base64'), c: Buffer.from('secret').toString('base64') },
  };
  const substituteFrom = [
    { kind: 'ConfigMap', name: 'vars', optional: false },
    { kind: 'Secret', name: 'keys', optional: false },
    { kind: 'ConfigMap', name: 'gone', optional: true },
  ];
  const postBuild = { substitute: { c: 'inline' }, substituteFrom };
  const run = runFor(kustomization('a', { postBuild }), [vars, secret]);

  const [result] = await substitute(run, [configMap({ all: '${a}-${b}-${c}' })]);

  expect(result?.['data']).toEqual({ all: 'map-secret-inline' });
});

test('failures of substitution name the object (KUS-SUB-11)', async () => {
  const substituteFrom = [{ kind: 'ConfigMap', name: 'vars', optional: false }];
  const missing = runFor(kustomization('a', { postBuild: { substituteFrom } }), []);
  const strict = runFor(kustomization('a', { postBuild: { substitute: { x: '1' } } }), []);

  await expect(substitute(missing, [configMap({})])).rejects.toThrow(
    `post build failed for 'ConfigMap.v1.[noGrp]/a': substitute from 'ConfigMap/vars' error: `,
  );
  await expect(substitute(strict, [configMap({ k: '${y}' })])).rejects.toMatchObject({
    reason: 'BuildFailed',
    message: expect.stringContaining('variable not set (strict mode): "y"'),
  });
});

test('the digest is that of the rendered YAML (KUS-BUILD-07)', () => {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'kustomization-empty' },
    data: { k: 'v' },
  };

  expect(digestOf([object])).toBe('sha256:ca2c88b457c8001b491c8cedb07829fe2be7b9df933e9402d0cdf2bc053b08a3');
  expect(digestOf([])).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

test('objects get owner labels, then common metadata; kustomize configuration is left out (KUS-APPLY-02)', async () => {
  const commonMetadata = { labels: { team: 'a' }, annotations: { note: 'b' } };
  const config = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', metadata: { name: 'k' } };

  const objects = await prepareObjects(kustomization('app', { commonMetadata }), [configMap({}), config]);

  expect(objects.map(({ metadata }) => metadata)).toEqual([
    {
      name: 'a',
      namespace: 'n',
      labels: {
        'kustomize.toolkit.fluxcd.io/name': 'app',
        'kustomize.toolkit.fluxcd.io/namespace': 'n',
        team: 'a',
      },
      annotations: { note: 'b' },
    },
  ]);
});

test('a Secret that is still encrypted is not applied (KUS-DEC-12)', async () => {
  const secret: KubeObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace: 'n' },
    data: { k: 'ENC[AES256_GCM,data:x]' },
    sops: { mac: 'x' },
  };

  await expect(prepareObjects(kustomization('app'), [secret])).rejects.toThrow(
    'Secret/n/s is SOPS encrypted, configuring decryption is required for this secret to be reconciled',
  );
});
