import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { binaryPath, ensureBuilt, referenceTools } from '@flux/kubernetes';
import { connectRegistry, parseChartReference, pullChart, pushChart } from '@flux/oci';
import { startHelmRepository, startRegistry } from '@flux/testkit';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Chart,
  gpgSigner,
  indexFile,
  indexToJson,
  loadChartArchive,
  loadRepositoryIndex,
  packageChart,
  selectChartVersion,
  signChart,
  verifyChart,
} from '../index.ts';

const run = promisify(execFile);
const helm4 = referenceTools.find(({ name }) => name === 'helm4')!;
const helm3 = referenceTools.find(({ name }) => name === 'helm3')!;

const file = (name: string, text: string) => ({ name, data: Buffer.from(text) });
const subchart: Chart = {
  metadata: { name: 'sub', version: '0.1.0', apiVersion: 'v2' },
  values: { port: 80 },
  templates: [file('templates/b.yaml', 'kind: ConfigMap\napiVersion: v1\nmetadata: {name: b}\n')],
  files: [],
  raw: [file('values.yaml', 'port: 80\n')],
  dependencies: [],
};
const chart: Chart = {
  metadata: {
    name: 'app',
    version: '1.0.0+build.1',
    description: 'A <chart> & more: "quoted"',
    apiVersion: 'v2',
    dependencies: [{ name: 'sub', version: '0.1.0', repository: '' }],
  },
  values: { replicas: 1 },
  templates: [
    file(
      'templates/a.yaml',
      'kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\ndata: {r: "{{ .Values.replicas }}"}\n',
    ),
  ],
  files: [file('README.md', '# app\n')],
  raw: [file('values.yaml', 'replicas: 1\n')],
  dependencies: [subchart],
};

/** Every field, and what Go and its YAML do to values of other kinds. */
const oddIndex = `apiVersion: v1
entries:
  a:
  - {name: a, version: "1.10", digest: 1.10}
  - name: a
    version: v2.0.0
    appVersion: "1e3"
    description: "tab\\there <b> & \\u2028 \\u00a0 x\\u0007 é 日本 \\U0001F600 \\u200b \\ufeff."
    deprecated: true
    annotations: {b: "1", a: "true", c: null, d: "<&>"}
    keywords: [null, x]
    maintainers: [{}, {name: "1", email: "", url: x}]
    dependencies:
    - {name: x, version: "1", repository: "", tags: [], enabled: false, import-values: [a, {z: 1, b: 1.0, x: 12345, w: 1e7}], alias: q}
    - {alias: r, tags: [x], condition: "a\\tb"}
    urls: []
    created: 2020-01-01T00:00:00.120+00:00
    removed: false
    digest: 12345678.9
    kubeVersion: ">=1.0"
    sources: []
    tags: x
    condition: yy
    home: h
    icon: i
    type: library
    checksum: 0x1F
    engine: yes
    tillerVersion: 1234567.5
    url: 017
  - {name: a, version: 0010.1.1, created: null}
  - {name: a, version: 1.2.3-rc.1, created: 2020-01-01T00:00:00Z}
  - {NAME: a, version: 1.2.3, created: "2020-01-01T00:00:00,123456789123-07:00", urls: [1, null, x]}
  - {name: a, version: "20230101"}
  - {name: a, version: "3", icon: null}
  - {name: a, version: x}
  - {name: a, version: 9.9.9, maintainers: [null]}
  - null
generated: 2020-01-01T00:00:00Z
`;

let folder: TemporaryDirectory;

beforeAll(() => ensureBuilt([helm4, helm3]));
beforeEach(async () => {
  folder = await temporaryDirectory('real-helm');
});
afterEach(() => folder[Symbol.asyncDispose]());

describe.each([helm4, helm3])('$name', (program) => {
  const helm = async (...args: string[]) => {
    const home = folder.path;
    const env = {
      PATH: process.env['PATH'],
      HOME: home,
      HELM_CACHE_HOME: home,
      HELM_CONFIG_HOME: home,
      HELM_DATA_HOME: home,
    };
    return (await run(binaryPath(program), args, { cwd: folder.path, env })).stdout;
  };

  test('renders a chart that was packaged here, and indexes it', async () => {
    const path = join(folder.path, 'app-1.0.0+build.1.tgz');
    await writeFile(path, await packageChart(chart));

    expect(await helm('template', 'x', path)).toContain('r: "1"');
    await helm('repo', 'index', '.', '--url', 'https://charts.example.com');
    const index = await loadRepositoryIndex(indexFile(join(folder.path, 'index.yaml')));
    expect(selectChartVersion(index, 'app', '1.x')).toMatchObject({
      description: 'A <chart> & more: "quoted"',
      urls: ['https://charts.example.com/app-1.0.0+build.1.tgz'],
      dependencies: [{ name: 'sub', version: '0.1.0', repository: '' }],
    });
  });

  test('reads an index as it is stored here, and pulls from it', async () => {
    await writeFile(
      join(folder.path, 'app-1.0.0.tgz'),
      await packageChart({ ...chart, metadata: { ...chart.metadata, version: '1.0.0' } }),
    );
    await helm('repo', 'index', '.');
    const served = join(folder.path, 'served');
    await mkdir(served);
    const index = await loadRepositoryIndex(indexFile(join(folder.path, 'index.yaml')));
    await writeFile(join(served, 'index.yaml'), Buffer.concat([...indexToJson(index)]));
    await writeFile(join(served, 'app-1.0.0.tgz'), await readFile(join(folder.path, 'app-1.0.0.tgz')));
    await using repository = await startHelmRepository(served);

    await helm('pull', 'app', '--repo', repository.url, '--destination', served, '--version', '>=1');
    expect(await helm('show', 'chart', 'app', '--repo', repository.url)).toContain('version: 1.0.0');
  });

  if (program === helm4)
    test('writes an index as JSON in the very bytes that are stored here (SRC-HREPO-11)', async () => {
      await writeFile(
        join(folder.path, 'app-1.0.0.tgz'),
        await packageChart({ ...chart, metadata: { ...chart.metadata, version: '1.0.0' } }),
      );
      await writeFile(join(folder.path, 'app-1.0.0+build.1.tgz'), await packageChart(chart));
      await writeFile(join(folder.path, 'sub-0.1.0.tgz'), await packageChart(subchart));
      await helm('repo', 'index', '.', '--json');
      const written = await readFile(join(folder.path, 'index.yaml'), 'utf8');

      const stored = Buffer.concat([...indexToJson(await loadRepositoryIndex(Buffer.from(written)))]).toString('utf8');

      // Helm writes versions in the order in which it found them; these are equal but for the metadata.
      expect(stored).toBe(written);
    });

  if (program === helm4)
    test('reads odd YAML as it is read here (SRC-HREPO-09, SRC-HREPO-11)', async () => {
      await writeFile(join(folder.path, 'odd.yaml'), oddIndex);
      await mkdir(join(folder.path, 'merged'));
      await helm('repo', 'index', 'merged', '--merge', 'odd.yaml', '--json');
      const written = await readFile(join(folder.path, 'merged', 'index.yaml'), 'utf8');

      const stored = Buffer.concat([...indexToJson(await loadRepositoryIndex(Buffer.from(oddIndex)))]).toString('utf8');

      const untimed = (text: string) => text.replace(/^ {2}"generated": .*$/m, '');
      expect(untimed(stored)).toBe(untimed(written));
    });

  test('pushes to a registry what is pulled here, and the other way round', async () => {
    await using registry = await startRegistry();
    const reference = parseChartReference(`oci://${registry.host}/charts/app:1.0.0+build.1`);
    await using client = connectRegistry(registry.host, { insecure: true, environment: {} });
    const data = await packageChart(chart);
    await writeFile(join(folder.path, 'app.tgz'), data);

    await helm('push', 'app.tgz', `oci://${registry.host}/charts`, '--plain-http');
    expect(Buffer.from((await pullChart(client, reference)).data)).toEqual(Buffer.from(data));
    const ours = { ...reference, repository: 'ours/app' };
    await pushChart(client, ours, { data, metadata: chart.metadata });
    await helm('pull', `oci://${registry.host}/ours/app`, '--version', '1.0.0+build.1', '--plain-http');

    const pulled = await readFile(join(folder.path, 'app-1.0.0+build.1.tgz'));
    expect((await loadChartArchive(pulled)).metadata).toMatchObject({ name: 'app', version: '1.0.0+build.1' });
  });

  test('verifies what was signed here, and signs what verifies here', async () => {
    const keys = await makeKeys();
    const signer = gpgSigner({ keys: [keys.secret], passphrase: 'correct' });
    const path = join(folder.path, 'app-1.0.0+build.1.tgz');
    const data = await packageChart(chart);
    await writeFile(path, data);
    const archive = { fileName: 'app-1.0.0+build.1.tgz', data };
    await writeFile(`${path}.prov`, await signChart(archive, chart.metadata, signer));
    await writeFile(join(folder.path, 'pubring.gpg'), keys.public);
    await writeFile(join(folder.path, 'secring.gpg'), keys.secret);
    await writeFile(join(folder.path, 'passphrase'), 'correct');

    await helm('verify', path, '--keyring', 'pubring.gpg');

    const signed = join(folder.path, 'signed');
    await mkdir(signed);
    await run('tar', ['-xzf', path, '-C', folder.path]);
    await helm(
      'package',
      'app',
      '-d',
      signed,
      '--sign',
      '--key',
      'Tester',
      '--keyring',
      'secring.gpg',
      '--passphrase-file',
      'passphrase',
    );
    const theirs = { ...archive, data: await readFile(join(signed, archive.fileName)) };
    const provenance = await readFile(join(signed, `${archive.fileName}.prov`), 'utf8');
    const verifier = gpgSigner({ keys: [keys.public] });
    expect(await verifyChart(theirs, provenance, verifier)).toMatchObject({
      signer: { identity: 'Tester <tester@example.com>', fingerprint: keys.fingerprint },
    });
    await expect(verifyChart(archive, provenance, verifier)).rejects.toThrow('sha256 sum does not match');
    await expect(verifyChart(theirs, provenance.replace('app', 'apq'), verifier)).rejects.toThrow(
      'openpgp: invalid signature',
    );
    await expect(verifyChart(theirs, provenance, gpgSigner({ keys: [] }))).rejects.toThrow(
      'openpgp: signature made by unknown entity',
    );
    await expect(verifyChart(theirs, 'text', verifier)).rejects.toThrow('signature block not found');
    await expect(gpgSigner({ keys: [keys.public] }).sign('x')).rejects.toThrow('private key not found');
  });
});

/** A key of its own, exported; its folder has a short name because sockets lie in it. */
async function makeKeys(): Promise<{ public: Buffer; secret: Buffer; fingerprint: string }> {
  const home = await mkdtemp(join(tmpdir(), 'gpg-'));
  const gpg = async (...args: string[]) => {
    const base = ['--homedir', home, '--batch', '--pinentry-mode', 'loopback', '--passphrase', 'correct'];
    return (await run('gpg', [...base, ...args], { encoding: 'buffer' })).stdout;
  };
  try {
    await gpg('--quick-generate-key', 'Tester <tester@example.com>', 'rsa2048', 'sign', 'never');
    const listing = (await gpg('--list-keys', '--with-colons')).toString();
    return {
      public: await gpg('--export'),
      secret: await gpg('--export-secret-keys'),
      fingerprint: /^fpr:+([0-9A-F]+):/m.exec(listing)?.[1] ?? '',
    };
  } finally {
    await run('gpgconf', ['--homedir', home, '--kill', 'all']);
    await rm(home, { recursive: true, force: true });
  }
}
