import type { KubeObject } from '@flux/apimachinery';
import { packFiles } from '@flux/fs';
import { formatYaml } from '@flux/yaml';
import { expect, test } from 'vitest';
import { isFluxGroup } from './flux-definitions.ts';
import { formatVersion } from './format.ts';
import { portableObject } from './portable-object.ts';
import { readBackup } from './read-archive.ts';
import { referencesOf } from './references.ts';
import { writeArchive } from './write-archive.ts';

const facts = {
  createdAt: '2026-11-24T00:00:00.000Z',
  flux: '0.1.0',
  kubernetes: 'v1.36.3',
  scope: 'flux' as const,
  secrets: true,
};
const secret: KubeObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'words', namespace: 'team' },
  data: { text: 'aHVudGVyMg==' },
};
const kustomization: KubeObject = {
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name: 'app', namespace: 'team', generation: 3 },
  spec: { interval: '1m', odd: '0o17', big: 9007199254740993n, control: 'a\u0007b', ['__proto__']: 1 },
  status: { inventory: { entries: [{ id: 'team_a__ConfigMap', v: 'v1' }] } },
};

test('objects come back as they were, and equal states give equal bytes whatever their order', async () => {
  const bytes = await writeArchive([kustomization, secret], facts);

  const { index, objects } = await readBackup(bytes);

  expect(objects).toEqual([kustomization, secret]);
  expect(index).toMatchObject({ ...facts, version: 1, objects: [{ kind: 'Kustomization' }, { kind: 'Secret' }] });
  expect(index.objects.map(({ file }) => file)).toEqual([
    'namespaces/team/Kustomization.kustomize.toolkit.fluxcd.io/app.yaml',
    'namespaces/team/Secret/words.yaml',
  ]);
  expect(Buffer.from(await writeArchive([secret, kustomization], facts)).equals(bytes)).toBe(true);
});

type Files = { path: string; bytes: Uint8Array }[];

/** An archive whose files were changed by someone who can repack it. */
async function tampered(change: (files: Files) => void): Promise<Uint8Array> {
  const { readArchive } = await import('@flux/fs');
  const files = await readArchive(await writeArchive([kustomization, secret], facts));
  change(files);
  return (await packFiles(files)).bytes;
}

function replace(file: Files[number], from: string | RegExp, to: string): void {
  file.bytes = Buffer.from(Buffer.from(file.bytes).toString().replace(from, to));
}

test.each<[string, (files: Files) => void, string]>([
  ['a changed object', (files) => replace(files[2]!, 'aHVu', 'aHVv'), 'does not match its checksum'],
  ['a missing object', (files) => files.splice(1, 1), 'is missing'],
  ['an object too many', (files) => files.push({ path: 'more.yaml', bytes: secretBytes }), 'more.yaml is not in index'],
  ['a file twice', (files) => files.push(files[2]!), 'it has a file twice'],
  ['no index', (files) => files.shift(), 'it does not begin with index.yaml'],
  ['another index', (files) => replace(files[0]!, 'flux-backup', 'other'), 'index.yaml is not of a backup'],
  [
    'a newer format',
    (files) => replace(files[0]!, `version: ${formatVersion}`, 'version: 2'),
    'it has format 2, which a newer flux wrote; this one reads format 1',
  ],
  ['an alias bomb', (files) => replace(files[0]!, /^/, bomb), 'the archive is no sound backup of flux'],
  [
    'another name in the index',
    (files) => replace(files[0]!, 'name: words', 'name: others'),
    'does not hold Secret others',
  ],
])('refuses an archive with %s', async (_, change, message) => {
  await expect(readBackup(await tampered(change))).rejects.toThrow(message);
});

const secretBytes = Buffer.from(formatYaml(secret));
const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n${[...'cdefghij']
  .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'bcdefghi'[index]}`).join(', ')}]\n`)
  .join('')}`;

test('refuses workloads in an archive of Flux, bombs and what is cut', async () => {
  const deployment = { ...secret, apiVersion: 'apps/v1', kind: 'Deployment' };
  const bytes = await writeArchive([secret], facts);

  await expect(readBackup(await writeArchive([deployment], facts))).rejects.toThrow('does not belong to Flux');
  await expect(readBackup(await writeArchive([deployment], { ...facts, scope: 'all' }))).resolves.toBeDefined();
  await expect(readBackup(bytes, { maxBytes: 100 })).rejects.toThrow('bigger than max archive size of 100 bytes');
  await expect(readBackup(bytes.subarray(0, bytes.length - 20))).rejects.toThrow('no sound backup of flux');
});

test('takes along nothing that only means something to the cluster it comes from', () => {
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'app', uid: 'u', controller: true };
  const object = portableObject(
    {
      ...kustomization,
      metadata: {
        ...kustomization.metadata,
        uid: 'u',
        resourceVersion: '7',
        creationTimestamp: '2026-01-01T00:00:00Z',
        labels: { a: 'b' },
        finalizers: ['finalizers.fluxcd.io'],
        ownerReferences: [owner],
      },
    },
    { keepStatus: false },
  );

  expect(object.metadata).toEqual({
    name: 'app',
    namespace: 'team',
    generation: 3,
    labels: { a: 'b' },
    finalizers: ['finalizers.fluxcd.io'],
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'app', controller: true }],
  });
  expect(object).not.toHaveProperty('status');
});

test('leaves tokens of accounts and generated selectors of Jobs behind', () => {
  const token = portableObject(
    {
      ...secret,
      type: 'kubernetes.io/service-account-token',
      metadata: {
        name: 'token',
        annotations: { 'kubernetes.io/service-account.name': 'a', 'kubernetes.io/service-account.uid': 'u' },
      },
    },
    { keepStatus: false },
  );
  const labels = { 'batch.kubernetes.io/controller-uid': 'u', app: 'a' };
  const job = portableObject(
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'job' },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: {} } },
    },
    { keepStatus: false },
  );

  expect(token).not.toHaveProperty('data');
  expect(token.metadata.annotations).toEqual({ 'kubernetes.io/service-account.name': 'a' });
  expect(job['spec']).toEqual({ template: { metadata: { labels: { app: 'a' } }, spec: {} } });
});

test('finds what an object refers to, and not what its values or patches do', () => {
  const spec = {
    secretRef: { name: 'login' },
    certSecretRef: { name: 'cert' },
    verify: { mode: 'HEAD', secretRef: { name: 'keys' } },
    decryption: { provider: 'sops', secretRef: { name: 'age' } },
    kubeConfig: { configMapRef: { name: 'remote' } },
    serviceAccountName: 'deployer',
    valuesFrom: [
      { kind: 'Secret', name: 'values' },
      { kind: 'ConfigMap', name: 'values' },
    ],
    postBuild: { substituteFrom: [{ kind: 'Secret', name: 'login' }], substitute: { secretRef: 'no' } },
    values: { secretRef: { name: 'of-the-chart' } },
    patches: [{ patch: 'secretRef: {name: no}' }],
  };

  const found = referencesOf({ ...kustomization, spec }).map(
    ({ kind, namespace, name }) => `${kind}/${namespace}/${name}`,
  );

  expect(found).toEqual([
    'Secret/team/login',
    'Secret/team/cert',
    'Secret/team/keys',
    'Secret/team/age',
    'ConfigMap/team/remote',
    'ServiceAccount/team/deployer',
    'Secret/team/values',
    'ConfigMap/team/values',
  ]);
});

test('takes the groups of Flux for what they are', () => {
  expect(['source.toolkit.fluxcd.io', 'source.extensions.fluxcd.io', 'fluxcd.controlplane.io'].every(isFluxGroup)).toBe(
    true,
  );
  expect(['apps', '', 'fluxcd.io.example.com', 'notfluxcd.io'].some(isFluxGroup)).toBe(false);
});
