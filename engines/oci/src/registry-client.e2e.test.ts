import { createAuthority, issueCertificate } from '@flux/crypto';
import { startRegistry, startTokenServer, type TestRegistry } from '@flux/testkit';
import { expect, test } from 'vitest';
import {
  connectRegistry,
  parseReference,
  pullChart,
  pushChart,
  type Reference,
  type RegistryClient,
  type RegistryOptions,
} from './index.ts';

const data = Buffer.from('packaged chart');
const retry = { retries: 0, minMs: 0, maxMs: 0 };

const referenceIn = (registry: TestRegistry, name = 'charts/app:1.0.0') =>
  parseReference(`oci://${registry.host}/${name}`);
const connect = ({ host }: TestRegistry, options: RegistryOptions = {}) =>
  connectRegistry(host, { insecure: true, retry, environment: {}, ...options });

async function roundTrip(client: RegistryClient, reference: Reference): Promise<void> {
  const metadata = { name: 'app', version: '1.0.0', apiVersion: 'v2' };
  const pushed = await pushChart(client, reference, { data, metadata });

  const pulled = await pullChart(client, reference);

  expect(pulled).toMatchObject({ digest: pushed.digest });
  expect(Buffer.from(pulled.data)).toEqual(data);
  expect(await client.tags(reference)).toEqual(['1.0.0']);
  expect(await client.resolve(reference)).toEqual(pushed);
}

test('a chart goes to an open registry and comes back', async () => {
  await using registry = await startRegistry();
  await using client = connect(registry);

  await roundTrip(client, referenceIn(registry));
});

test('what is not there is said in the words of Helm (SRC-HCHART-10)', async () => {
  await using registry = await startRegistry();
  await using helm = connect(registry);
  const reference = referenceIn(registry, 'charts/gone:1.0.0');

  await expect(helm.tags(reference)).rejects.toMatchObject({
    code: 'OCI_REGISTRY',
    status: 404,
    message: `GET "http://${registry.host}/v2/charts/gone/tags/list": response status code 404: name unknown: repository name not known to registry: map[name:charts/gone]`,
  });
});

test('basic authorisation is answered, wrong passwords are refused', async () => {
  const auth = { username: 'user', password: 'correct' };
  await using registry = await startRegistry({ auth });
  await using client = connect(registry, { credentials: auth });
  await using wrong = connect(registry, { credentials: { username: 'user', password: 'hunter2' } });
  await using nobody = connect(registry);

  await roundTrip(client, referenceIn(registry));
  await expect(wrong.tags(referenceIn(registry))).rejects.toThrow('response status code 401: unauthorized');
  await expect(wrong.tags(referenceIn(registry))).rejects.not.toThrow('hunter2');
  await expect(nobody.tags(referenceIn(registry))).rejects.toThrow('basic credential not found');
});

test('tokens are fetched once for each scope', async () => {
  await using tokens = await startTokenServer({ users: { user: 'correct' }, identityTokens: { user: 'identity' } });
  await using registry = await startRegistry({ tokens });
  await using client = connect(registry, { credentials: { username: 'user', password: 'correct' } });
  await using identified = connect(registry, { credentials: { identityToken: 'identity' } });

  await roundTrip(client, referenceIn(registry));
  expect(tokens.requests).toEqual(['repository:charts/app:pull,push', 'repository:charts/app:pull']);
  expect(await identified.tags(referenceIn(registry))).toEqual(['1.0.0']);
});

test('who has no password may pull with an anonymous token, and not push', async () => {
  await using tokens = await startTokenServer({ users: { user: 'correct' }, anonymousPull: true });
  await using registry = await startRegistry({ tokens });
  await using client = connect(registry, { credentials: { username: 'user', password: 'correct' } });
  await using anonymous = connect(registry);
  await using wrong = connect(registry, { credentials: { username: 'user', password: 'hunter2' } });

  await roundTrip(client, referenceIn(registry));
  expect(Buffer.from((await pullChart(anonymous, referenceIn(registry))).data)).toEqual(data);
  await expect(anonymous.pushBlob(referenceIn(registry), Buffer.from('x'), 'text/plain')).rejects.toThrow(
    /response status code 401/,
  );
  await expect(wrong.tags(referenceIn(registry))).rejects.toThrow(
    /^GET "http.*tags\/list": GET "http.*\/token\?scope=repository%3Acharts%2Fapp%3Apull&service=test-registry": response status code 401: unauthorized: incorrect/,
  );
});

test('TLS takes an authority and a certificate of the client (SRC-SEC-01)', async () => {
  const authority = await createAuthority({ commonName: 'test', days: 1 });
  const server = await issueCertificate(authority, {
    commonName: 'registry',
    days: 1,
    usage: 'server',
    ipAddresses: ['127.0.0.1'],
  });
  const user = await issueCertificate(authority, { commonName: 'user', days: 1, usage: 'client' });
  await using registry = await startRegistry({ tls: { ...server, clientAuthority: authority.certPem } });
  const certificate = { cert: user.certPem, key: user.keyPem };
  await using client = connect(registry, { insecure: false, tls: { ca: authority.certPem, ...certificate } });
  await using stranger = connect(registry, { insecure: false, tls: { ca: authority.certPem } });
  await using distrustful = connect(registry, { insecure: false, tls: certificate });

  await roundTrip(client, referenceIn(registry));
  await expect(stranger.tags(referenceIn(registry))).rejects.toMatchObject({ code: 'HTTP' });
  await expect(distrustful.tags(referenceIn(registry))).rejects.toThrow('tls: failed to verify certificate');
});

test('many tags come in pages', async () => {
  await using registry = await startRegistry();
  await using client = connect(registry);
  const reference = referenceIn(registry, 'many');
  const config = await client.pushBlob(reference, Buffer.from('{}'), 'application/vnd.oci.image.config.v1+json');
  const manifest = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config, layers: [] };
  for (let n = 0; n < 1005; n++)
    await client.pushManifest({ ...reference, tag: `t${n}` }, manifest, manifest.mediaType);

  expect(new Set(await client.tags(reference)).size).toBe(1005);
});
