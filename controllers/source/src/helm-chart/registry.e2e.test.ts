import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type HelmChart, helmChart, helmRepository } from '@flux/api';
import { createAuthority, issueCertificate } from '@flux/crypto';
import { connectRegistry, parseChartReference, pushChart, type RegistryOptions } from '@flux/oci';
import { packChart, startEmbeddedCluster, startRegistry, startTokenServer, type TestRegistry } from '@flux/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { conditionTexts, type SourceCluster, startSourceCluster } from '../frame/source-cluster.suite.ts';
import { helmRepositoryController } from '../helm-repository/controller.ts';
import { IndexCache } from '../helm-repository/index-cache.ts';
import { helmChartController } from './controller.ts';

let world: SourceCluster;
let namespace = '';
const auth = { username: 'user', password: 'pass' };

beforeAll(async () => {
  const indexes = new IndexCache();
  world = await startSourceCluster(
    () => startEmbeddedCluster({ workloads: false }),
    (storage) => [helmRepositoryController({ storage, indexes }), helmChartController({ storage, indexes })],
  );
});

afterAll(() => world?.[Symbol.asyncDispose]());

beforeEach(async () => {
  namespace = await world.namespace();
});

async function push(
  { host }: TestRegistry,
  version: string,
  { changed = false, ...options }: RegistryOptions & { changed?: boolean } = {},
): Promise<Uint8Array> {
  const { chart, archive } = await packChart({
    'Chart.yaml': `apiVersion: v2\nname: demo\nversion: ${version}\n`,
    'values.yaml': `a: ${changed ? 3 : 1}\n`,
    'prod.yaml': 'a: 2\n',
  });
  await using client = connectRegistry(host, { insecure: !options.tls, environment: {}, ...options });
  const reference = parseChartReference(`oci://${host}/charts/demo:${version}`);
  await pushChart(client, reference, { data: archive, metadata: chart.metadata });
  return archive;
}

const ref = (name: string) => ({ apiVersion: helmChart.apiVersion, kind: 'HelmChart', namespace, name });

function createRepository({ host }: TestRegistry, spec: Record<string, unknown> = {}): Promise<unknown> {
  return world.cluster.create({
    apiVersion: helmRepository.apiVersion,
    kind: helmRepository.kind,
    metadata: { name: 'charts', namespace },
    spec: { type: 'oci', url: `oci://${host}/charts`, insecure: true, ...spec },
  });
}

function createChart(name: string, spec: Partial<HelmChart['spec']> = {}): Promise<unknown> {
  const sourceRef = { kind: 'HelmRepository', name: 'charts' };
  return world.cluster.create({
    ...ref(name),
    metadata: { name, namespace },
    spec: { interval: '1h', chart: 'demo', sourceRef, ...spec },
  });
}

function createSecret(name: string, stringData: Record<string, string>, type = 'Opaque'): Promise<unknown> {
  return world.cluster.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type, stringData });
}

test('charts of a registry are chosen by tag, and have no revision of a source (SRC-HCHART-10)', async () => {
  await using registry = await startRegistry();
  const archive = await push(registry, '1.0.0');
  await push(registry, '1.2.0+build.1');
  await createRepository(registry);
  await createChart('exact', { version: '1.0.0' });
  await createChart('range', { version: '1.x' });
  await createChart('values', { version: '1.0.0', valuesFiles: ['prod.yaml'] });
  const exact = await world.untilReady(ref('exact'), 'True');
  const range = await world.untilReady(ref('range'), 'True');
  const values = await world.untilReady(ref('values'), 'True');

  expect(conditionTexts(exact)[0]).toBe("Ready=True/ChartPullSucceeded pulled 'demo' chart with version '1.0.0'");
  expect(exact.status!.artifact!.size).toBe(archive.length);
  expect(exact.status).not.toHaveProperty('observedSourceArtifactRevision');
  expect(range.status!.artifact!.revision).toBe('1.2.0+build.1');
  expect(conditionTexts(values)[0]).toContain("packaged 'demo' chart with version '1.0.0+1'");
});

test('what is not in the registry is tried again, in the words of Helm (SRC-HCHART-10)', async () => {
  await using registry = await startRegistry();
  await push(registry, '1.0.0');
  await createRepository(registry);
  await createChart('gone', { chart: 'gone', version: '1.x' });
  await createChart('too-high', { version: '>=9' });
  await createChart('not-yet', { version: '9.9.9' });
  const gone = await world.untilReady(ref('gone'), 'False');
  const tooHigh = await world.untilReady(ref('too-high'), 'False');
  const notYet = await world.untilReady(ref('not-yet'), 'False');

  const version =
    'FetchFailed=True/ChartPullError chart pull error: failed to get chart version for remote reference: ';
  const place = `${registry.host}/charts/gone`;
  expect(conditionTexts(gone)).toContain(
    `${version}could not get tags for "gone": could not fetch tags for "oci://${place}": GET "http://${registry.host}/v2/charts/gone/tags/list": response status code 404: name unknown: repository name not known to registry: map[name:charts/gone]`,
  );
  expect(conditionTexts(tooHigh)).toContain(
    `${version}could not locate a version matching provided version string >=9`,
  );
  expect(conditionTexts(notYet).join()).toContain(`failed to get 'oci://${registry.host}/charts/demo:9.9.9': `);
  await push(registry, '9.9.9');
  await world.untilReady(ref('not-yet'), 'True');
});

test.each(['basic', 'docker'] as const)('logs in with a %s Secret (SRC-SEC-04)', async (kind) => {
  await using registry = await startRegistry({ auth });
  await push(registry, '1.0.0', { credentials: auth });
  const config = JSON.stringify({ auths: { [registry.host]: auth } });
  if (kind === 'basic') await createSecret('login', auth);
  else await createSecret('login', { '.dockerconfigjson': config }, 'kubernetes.io/dockerconfigjson');
  await createRepository(registry, { secretRef: { name: 'login' } });
  await createChart('demo');

  await world.untilReady(ref('demo'), 'True');
});

test('a refused login, and a docker configuration without the host, are told (SRC-HCHART-12, SRC trap 26)', async () => {
  await using registry = await startRegistry({ auth });
  await push(registry, '1.0.0', { credentials: auth });
  await createSecret('wrong', { username: 'user', password: 'wrong' });
  await createRepository(registry, { secretRef: { name: 'wrong' } });
  await createChart('demo');
  const refused = await world.untilReady(ref('demo'), 'False');
  await world.cluster.delete({ apiVersion: 'v1', kind: 'Secret', namespace, name: 'wrong' });
  const config = JSON.stringify({ auths: { 'other.test': auth } });
  await createSecret('wrong', { '.dockerconfigjson': config }, 'kubernetes.io/dockerconfigjson');
  const text = `no auth config for '${registry.host}' in the docker-registry Secret 'wrong'`;
  const other = await world.until(ref('demo'), (object) => conditionTexts(object).some((each) => each.includes(text)));

  expect(conditionTexts(refused)[1]).toMatch(
    /^Ready=False\/Unknown unknown build error: failed to authenticate with the Helm repository: chart pull error: /,
  );
  expect(conditionTexts(other)).toContain(
    `FetchFailed=True/Unknown unknown build error: failed to configure login options: ${text}`,
  );
});

test('gets its token where the registry says (SRC-SEC-04)', async () => {
  await using tokens = await startTokenServer({ users: { [auth.username]: auth.password } });
  await using registry = await startRegistry({ tokens });
  await push(registry, '1.0.0', { credentials: auth });
  await createSecret('login', auth);
  await createRepository(registry, { secretRef: { name: 'login' } });
  await createChart('demo', { version: '1.x' });

  await world.untilReady(ref('demo'), 'True');
});

test('trusts the authority of a Secret (SRC-SEC-01)', async () => {
  const authority = await createAuthority({ commonName: 'test', days: 1 });
  const certificate = await issueCertificate(authority, {
    commonName: 'registry',
    days: 1,
    ipAddresses: ['127.0.0.1'],
    usage: 'server',
  });
  await using registry = await startRegistry({ auth, tls: certificate });
  await push(registry, '1.0.0', { credentials: auth, tls: { ca: authority.certPem } });
  await createSecret('login', auth);
  await createSecret('ca', { 'ca.crt': authority.certPem });
  const spec = { insecure: false, secretRef: { name: 'login' }, certSecretRef: { name: 'ca' } };
  await createRepository(registry, spec);
  await createChart('demo');

  await world.untilReady(ref('demo'), 'True');
});

/** Signs what the tag stands for, as `cosign sign --key` does: a claim beside the manifest, named by its digest. */
async function signChart({ host }: TestRegistry, version: string, key: KeyObject): Promise<void> {
  await using client = connectRegistry(host, { insecure: true, environment: {} });
  const reference = parseChartReference(`oci://${host}/charts/demo:${version}`);
  const { digest } = await client.resolve(reference);
  const critical = {
    identity: {},
    image: { 'docker-manifest-digest': digest },
    type: 'cosign container image signature',
  };
  const payload = Buffer.from(JSON.stringify({ critical, optional: null }));
  const layer = await client.pushBlob(reference, payload, 'application/vnd.dev.cosign.simplesigning.v1+json');
  const config = await client.pushBlob(reference, Buffer.from('{}'), 'application/vnd.oci.image.config.v1+json');
  const annotations = { 'dev.cosignproject.cosign/signature': sign('sha256', payload, key).toString('base64') };
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = { schemaVersion: 2, mediaType, config, layers: [{ ...layer, annotations }] };
  await client.pushManifest({ ...reference, tag: `${digest.replace(':', '-')}.sig` }, manifest, mediaType);
}

const pemOf = (key: KeyObject) => String(key.export({ type: 'spki', format: 'pem' }));
const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

test('a chart that one of the keys has signed is verified on every pass (SRC-HCHART-31)', async () => {
  const [signer, stranger] = [newKey(), newKey()];
  await using registry = await startRegistry();
  await push(registry, '1.0.0');
  await push(registry, '2.0.0');
  await signChart(registry, '1.0.0', signer.privateKey);
  await createSecret('keys', { 'a.pub': pemOf(stranger.publicKey), 'b.pub': pemOf(signer.publicKey), other: 'x' });
  await createRepository(registry);
  const verify = { provider: 'cosign' as const, secretRef: { name: 'keys' } };
  await createChart('signed', { version: '1.0.0', verify });
  await createChart('unsigned', { version: '2.0.0', verify });

  const signed = await world.untilReady(ref('signed'), 'True');
  const unsigned = await world.untilReady(ref('unsigned'), 'False');

  expect(conditionTexts(signed)).toContain('SourceVerified=True/Succeeded verified signature of version 1.0.0');
  const text = `chart verification error: failed to verify oci://${registry.host}/charts/demo:2.0.0: no signatures found`;
  expect(conditionTexts(unsigned)).toContain(`BuildFailed=True/ChartVerificationError ${text}`);
  expect(conditionTexts(unsigned)).toContain(`SourceVerified=False/VerificationError ${text}`);
  expect(unsigned.status).not.toHaveProperty('artifact');

  await push(registry, '1.0.0', { changed: true }); // the tag stands for something else now, which nobody signed
  const annotations = { 'reconcile.fluxcd.io/requestedAt': 'now' };
  await world.cluster.patch(ref('signed'), 'merge', { metadata: { annotations } });
  const replaced = await world.untilReady(ref('signed'), 'False');
  expect(conditionTexts(replaced).join('\n')).toContain('/charts/demo:1.0.0: no signatures found');
});

test('a chart that a stranger has signed is refused (SRC-HCHART-31)', async () => {
  await using registry = await startRegistry();
  await push(registry, '1.0.0');
  await signChart(registry, '1.0.0', newKey().privateKey);
  await createSecret('keys', { 'a.pub': pemOf(newKey().publicKey) });
  await createRepository(registry);
  await createChart('demo', { verify: { provider: 'cosign', secretRef: { name: 'keys' } } });

  const object = await world.untilReady(ref('demo'), 'False');

  expect(conditionTexts(object).join('\n')).toContain(
    'no matching signatures: invalid signature when validating ASN.1 encoded signature',
  );
});

test.each([
  ['cosign', undefined, 'cosign keyless', 'keyless verification is not supported by this version of source-controller'],
  ['cosign', 'gone', 'cosign', 'secrets "gone" not found'],
  ['cosign', 'empty', 'cosign', "no public keys found in secret '"],
  ['cosign', 'broken', 'cosign', 'PEM decoding failed'],
  ['notation', 'empty', 'notation', "spec.verify.provider 'notation' is not supported"],
] as const)('a verifier %s with the Secret %s cannot be set up, and that is told (SRC-HCHART-31)', async (...row) => {
  const [provider, name, told, problem] = row;
  await using registry = await startRegistry();
  await push(registry, '1.0.0');
  await createSecret('empty', { other: 'x' });
  await createSecret('broken', { 'a.pub': 'x' });
  await createRepository(registry);
  await createChart('demo', { verify: { provider, ...(name ? { secretRef: { name } } : {}) } });

  const texts = conditionTexts(await world.untilReady(ref('demo'), 'False')).join('\n');

  const text = `failed to verify the signature using provider '${told}': ${problem}`;
  expect(texts).toContain(`SourceVerified=False/VerificationError ${text}`);
  expect(texts).toContain(`Ready=False/VerificationError ${text}`);
  expect(texts).toContain(`FetchFailed=True/Unknown unknown build error: ${text}`);
});
