import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crdOf, type GitRepository, gitRepository } from '@flux/api';
import { type Condition, type KubeObject, refOf } from '@flux/apimachinery';
import { type ApiServer, startApiServer } from '@flux/apiserver';
import { type Cluster, clusterOver } from '@flux/client';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { commitFiles, createBareRepository, type GitServer, serveGit } from '@flux/git';
import { createHttpClient, downloadArchive } from '@flux/http';
import { createWatchCache, type RunningControllers, silentLog, startControllers, type WatchCache } from '@flux/runtime';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ArtifactStorage } from '../storage/artifact-storage.ts';
import { type FileServer, serveFiles } from '../storage/file-server.ts';
import { gitRepositoryController } from './controller.ts';

let server: ApiServer;
let cluster: Cluster;
let git: GitServer;
let directory: TemporaryDirectory;
let storage: ArtifactStorage;
let files: FileServer;
let controllers: RunningControllers;
let watches: WatchCache;
let namespace = '';
let count = 0;
let minute = 0;

function isEstablished(crd: KubeObject | undefined): boolean {
  const conditions: Condition[] = crd?.['status']?.conditions ?? [];
  return conditions.some(({ type, status }) => type === 'Established' && status === 'True');
}

const author = { name: 'Golden', email: 'golden@example.com' };

beforeAll(async () => {
  directory = await temporaryDirectory('git-repository-test');
  for (const folder of ['repos', 'data']) mkdirSync(join(directory.path, folder));
  server = await startApiServer({ workloads: false });
  cluster = clusterOver({ send: server.handle, stream: server.stream, close: async () => {} }, server.url);
  watches = createWatchCache(cluster);
  const crd = await cluster.create<KubeObject>(crdOf(gitRepository));
  await watches.waitFor(refOf(crd), isEstablished, AbortSignal.timeout(10_000));
  git = await serveGit({
    root: join(directory.path, 'repos'),
    host: '127.0.0.1',
    port: 0,
    credentials: (name) => (name.includes('private') ? { username: 'user', password: 'correct' } : undefined),
  });
  files = await serveFiles({ root: join(directory.path, 'data'), host: '127.0.0.1', port: 0 });
  storage = new ArtifactStorage({ root: join(directory.path, 'data'), advertisedAddress: `127.0.0.1:${files.port}` });
  controllers = await startControllers([gitRepositoryController({ storage, requeueDependencyMs: 500 })], {
    cluster,
    log: silentLog,
    watches,
  });
  await controllers.started;
});

afterAll(async () => {
  await controllers.stop();
  await watches.close();
  await git.close();
  await files.close();
  await server.close();
  await directory[Symbol.asyncDispose]();
});

beforeEach(async () => {
  namespace = `test-${++count}`;
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});

const url = (name = 'app') => `${git.url}/${namespace}/${name}.git`;

async function commit(
  files: Parameters<typeof commitFiles>[1]['files'],
  more: { name?: string; tag?: string; branch?: string; message?: string } = {},
) {
  const { name = 'app', ...rest } = more;
  const gitDir = join(directory.path, 'repos', namespace, `${name}.git`);
  await createBareRepository(gitDir);
  minute++;
  const request = {
    message: `commit ${minute}`,
    author,
    date: new Date(1767225600000 + minute * 60000),
    files,
    ...rest,
  };
  return commitFiles(gitDir, request);
}

function create(name: string, spec: Record<string, unknown> = {}): Promise<GitRepository> {
  return cluster.create<GitRepository>({
    apiVersion: gitRepository.apiVersion,
    kind: gitRepository.kind,
    metadata: { name, namespace },
    spec: { interval: '1h', timeout: '20s', url: url(), ref: { branch: 'main' }, ...spec } as GitRepository['spec'],
  });
}

const ref = (name: string) => ({ apiVersion: gitRepository.apiVersion, kind: gitRepository.kind, namespace, name });

/** As the recorder of the scenarios waits: for the newest generation, and not in passing. */
async function waitReady(name: string, status: 'True' | 'False'): Promise<GitRepository> {
  const found = await watches.waitFor(
    ref(name),
    (object) => {
      const conditions = (object as GitRepository | undefined)?.status?.conditions ?? [];
      const ready = conditions.find(({ type }) => type === 'Ready');
      const isPassing = conditions.some(({ type, reason }) => type === 'Reconciling' && reason === 'Progressing');
      return ready?.status === status && ready.observedGeneration === object?.metadata.generation && !isPassing;
    },
    AbortSignal.timeout(20_000),
  );
  return found as GitRepository;
}

const texts = (object: GitRepository) =>
  object.status?.conditions?.map(({ type, status, reason, message }) => `${type}=${status}/${reason} ${message}`);

/** Events arrive on their own time. */
async function waitEvents(name: string, ...reasons: string[]): Promise<string[]> {
  using events = watches.view({ apiVersion: 'v1', kind: 'Event' }, { namespace });
  const own = () => events.list().filter((event) => event['involvedObject'].name === name);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const check = () => {
    if (reasons.every((reason) => own().some((event) => event['reason'] === reason))) resolve();
  };
  using _ = events.subscribe(check, { replay: true });
  AbortSignal.timeout(20_000).onabort = () => reject(new Error(`no event ${reasons.join(', ')} about ${name}`));
  check();
  await promise;
  return own().map((event) => `${event['type']} ${event['reason']} ${event['message']}`);
}

/** As another controller does: over HTTP, verified, into a folder named after the namespace. */
async function download(object: GitRepository): Promise<void> {
  await using client = createHttpClient({ environment: {} });
  await downloadArchive(object.status!.artifact!, join(directory.path, namespace), { client });
}

describe('a repository that works', () => {
  test('becomes an artifact, with the conditions and events of the real controller', async () => {
    const id = await commit({ 'deploy/a.yaml': 'a: 1\n', 'img.png': 'x' }, { message: `${'long '.repeat(12)}\nbody` });
    await create('app');
    const object = await waitReady('app', 'True');

    const revision = `main@sha1:${id}`;
    expect(object.status).toEqual({
      observedGeneration: 1,
      artifact: {
        path: `gitrepository/${namespace}/app/${id}.tar.gz`,
        url: `${files.url}/gitrepository/${namespace}/app/${id}.tar.gz`,
        revision,
        digest: expect.stringMatching(/^sha256:/),
        size: expect.any(Number),
        lastUpdateTime: expect.any(String),
      },
      conditions: expect.anything(),
    });
    expect(texts(object)).toEqual([
      `Ready=True/Succeeded stored artifact for revision '${revision}'`,
      `ArtifactInStorage=True/Succeeded stored artifact for revision '${revision}'`,
    ]);
    expect(await waitEvents('app', 'NewArtifact')).toEqual([
      `Normal NewArtifact stored artifact for commit '${'long '.repeat(10)}...'`,
    ]);
    await download(object);
    expect(readdirSync(join(directory.path, namespace), { recursive: true })).toEqual(['deploy', 'deploy/a.yaml']);
  });

  test('patches as its own field manager, the finalizer apart from the status (SRC-CTL-17)', async () => {
    await commit({ a: '1' });
    await create('app');
    await waitReady('app', 'True');
    const { metadata } = await cluster.get(ref('app')); // watches leave managed fields out

    const own = metadata.managedFields?.filter(({ manager }) => manager === 'source-controller');
    expect(own?.map(({ operation, subresource }) => [operation, subresource])).toEqual([
      ['Update', undefined],
      ['Update', 'status'],
    ]);
    expect(metadata.finalizers).toEqual(['finalizers.fluxcd.io']);
  });

  test('a branch that goes and comes back: the old artifact stays (scenario git-then-broken)', async () => {
    const id = await commit({ a: '1' });
    await create('app');
    await waitReady('app', 'True');
    await cluster.patch(ref('app'), 'merge', { spec: { ref: { branch: 'gone' } } });
    const broken = await waitReady('app', 'False');

    const message = `failed to checkout and determine revision: unable to clone '${url()}': couldn't find remote ref "refs/heads/gone"`;
    expect(texts(broken)).toEqual([
      'Reconciling=True/ProgressingWithRetry processing object: new generation 1 -> 2',
      `Ready=False/GitOperationFailed ${message}`,
      `FetchFailed=True/GitOperationFailed ${message}`,
      `ArtifactInStorage=True/Succeeded stored artifact for revision 'main@sha1:${id}'`,
    ]);
    expect(broken.status?.observedGeneration).toBe(1);
    expect(broken.status?.artifact?.revision).toBe(`main@sha1:${id}`);

    await cluster.patch(ref('app'), 'merge', { spec: { ref: { branch: 'main' } } });
    const recovered = await waitReady('app', 'True');
    expect(texts(recovered)).toEqual([
      `Ready=True/Succeeded stored artifact for revision 'main@sha1:${id}'`,
      `ArtifactInStorage=True/Succeeded stored artifact for revision 'main@sha1:${id}'`,
    ]);
    const events = await waitEvents('app', 'Succeeded', 'GitOperationSucceeded');
    expect(events).toContain(`Normal Succeeded stored artifact for commit 'main@sha1:${id}'`);
    expect(events).toContain(
      `Normal GitOperationSucceeded no changes since last reconciliation: observed revision 'main@sha1:${id}'`,
    );
    expect(events).toContain(`Warning GitOperationFailed ${message}`);
  });

  test('a request brings the next commit, and keeps the previous artifact for a while', async () => {
    const first = await commit({ a: '1' });
    await create('app');
    await waitReady('app', 'True');
    const second = await commit({ a: '2' });
    await cluster.patch(ref('app'), 'merge', {
      metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } },
    });
    const object = (await watches.waitFor(
      ref('app'),
      (found) =>
        found?.['status']?.artifact?.revision === `main@sha1:${second}` &&
        found['status'].lastHandledReconcileAt === 'now',
      AbortSignal.timeout(20_000),
    )) as GitRepository;

    expect(await storage.exists(object.status!.artifact!)).toBe(true);
    expect(
      readFileSync(join(storage.root, 'gitrepository', namespace, 'app', `${first}.tar.gz`)).length,
    ).toBeGreaterThan(0);
  });

  test('a changed ignore rebuilds the artifact of the same revision (SRC-GIT-17, -60)', async () => {
    await commit({ 'a.yaml': '1', 'b.md': '2' });
    await create('app');
    const before = await waitReady('app', 'True');
    await cluster.patch(ref('app'), 'merge', { spec: { ignore: '*.md\n' } });
    const after = await waitReady('app', 'True');

    expect(after.status?.artifact?.path).toBe(before.status?.artifact?.path);
    expect(after.status?.artifact?.digest).not.toBe(before.status?.artifact?.digest);
    expect(after.status?.observedIgnore).toBe('*.md\n');
  });

  test('a sparse checkout is observed (scenario git-sparse)', async () => {
    await commit({ 'deploy/a': '1', 'other/b': '2', root: '3' });
    await create('app', { sparseCheckout: ['deploy', './other'] });
    await create('bad', { sparseCheckout: ['nope'] });

    expect((await waitReady('app', 'True')).status?.observedSparseCheckout).toEqual(['deploy', './other']);
    expect(texts(await waitReady('bad', 'False'))?.[1]).toMatch(
      /^Ready=False\/GitOperationFailed failed to sparse checkout directories : sparse checkout dir 'nope' does not exist in repository: lstat \/.*\/gitrepository-test-\d+-bad-[^/]+\/nope: no such file or directory$/,
    );
  });

  test('symlinks are not shipped, and nothing outside of the repository is looked at', async () => {
    await commit({ 'deploy/a.yaml': '1', out: { symlink: '/etc' }, passwd: { symlink: '/etc/passwd' } });
    await create('app');
    await create('sparse', { sparseCheckout: ['../../../../../etc'] });
    await download(await waitReady('app', 'True'));

    expect(readdirSync(join(directory.path, namespace), { recursive: true })).toEqual(['deploy', 'deploy/a.yaml']);
    expect(texts(await waitReady('sparse', 'False'))?.[1]).toContain('does not exist in repository');
  });

  test('a .sourceignore that leads out of the repository fails without a condition of its own (SRC-GIT-61)', async () => {
    await commit({ a: '1', '.sourceignore': { symlink: '/etc/passwd' } });
    await create('app');

    expect((await waitEvents('app', 'SourceIgnoreError'))[0]).toMatch(
      /^Warning SourceIgnoreError failed to load source ignore patterns from repository: fs-security-constraint read /,
    );
  });

  test('an artifact that vanished or was damaged is built again (SRC-CTL-10)', async () => {
    await commit({ a: '1' });
    await create('app');
    const { status } = await waitReady('app', 'True');
    writeFileSync(storage.localPath(status!.artifact!), 'damaged');
    await cluster.patch(ref('app'), 'merge', { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': '1' } } });

    expect(await waitEvents('app', 'ArtifactVerificationFailed')).toContain(
      `Warning ArtifactVerificationFailed failed to verify integrity of artifact: computed digest doesn't match '${status?.artifact?.digest}'`,
    );
    await watches.waitFor(
      ref('app'),
      (found) =>
        found?.['status']?.lastHandledReconcileAt === '1' &&
        found['status'].artifact?.digest === status?.artifact?.digest,
      AbortSignal.timeout(20_000),
    );
    rmSync(storage.localPath(status!.artifact!));
    await cluster.patch(ref('app'), 'merge', { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': '2' } } });
    await watches.waitFor(
      ref('app'),
      (found) => found?.['status']?.lastHandledReconcileAt === '2',
      AbortSignal.timeout(20_000),
    );
    expect(await storage.exists((await waitReady('app', 'True')).status!.artifact!)).toBe(true);
  });

  test('deletion removes what was stored, also of a suspended object (SRC-CTL-04)', async () => {
    await commit({ a: '1' });
    await create('app');
    const { status } = await waitReady('app', 'True');
    await cluster.patch(ref('app'), 'merge', { spec: { suspend: true } });
    await cluster.delete(ref('app'));
    await watches.waitFor(ref('app'), (found) => found === undefined, AbortSignal.timeout(20_000));

    expect(await storage.exists(status!.artifact!)).toBe(false);
    expect(await waitEvents('app', 'GarbageCollectionSucceeded')).toContain(
      'Normal GarbageCollectionSucceeded garbage collected artifacts for deleted resource',
    );
  });

  test('manifests of v1beta1 with inert fields work (SRC-VER-03)', async () => {
    await commit({ a: '1' });
    await cluster.create({
      apiVersion: 'source.toolkit.fluxcd.io/v1beta1',
      kind: 'GitRepository',
      metadata: { name: 'old', namespace },
      spec: { interval: '1h', url: url(), ref: { branch: 'main' }, gitImplementation: 'libgit2' },
    });

    expect((await waitReady('old', 'True')).status?.artifact?.revision).toMatch(/^main@sha1:/);
  });
});

describe('includes', () => {
  test('wait for their repository without an error, then lie in the artifact (SRC-GIT-40..44)', async () => {
    await commit({ 'x.yaml': 'top' });
    await create('app', { include: [{ repository: { name: 'dep' }, fromPath: 'sub', toPath: 'vendor/dep' }] });
    const waiting = await waitReady('app', 'False');
    const message = `could not get resource for include 'dep': GitRepository.source.toolkit.fluxcd.io "dep" not found`;
    expect(texts(waiting)).toContain(`IncludeUnavailable=True/NotFound ${message}`);
    expect(await waitEvents('app', 'NotFound')).toContain(`Normal NotFound ${message}`);

    await commit({ 'sub/y.yaml': 'dep', other: '' }, { name: 'dep' });
    await create('dep', { url: url('dep') });
    const object = await waitReady('app', 'True');

    expect(object.status?.includedArtifacts).toHaveLength(1);
    expect(object.status?.observedInclude).toEqual([
      { repository: { name: 'dep' }, fromPath: 'sub', toPath: 'vendor/dep' },
    ]);
    await download(object);
    expect(readFileSync(join(directory.path, namespace, 'vendor/dep/y.yaml'), 'utf8')).toBe('dep');
  });
});

describe('failures', () => {
  const cases: [string, Record<string, unknown>, string, string][] = [
    [
      'wrong',
      { secretRef: { name: 'bad' } },
      'GitOperationFailed',
      "failed to checkout and determine revision: unable to clone 'URL': authentication required: Unauthorized\n",
    ],
    [
      'missing',
      { secretRef: { name: 'gone' } },
      'AuthenticationFailed',
      `failed to get secret 'NS/gone': failed to get secret 'NS/gone': secrets "gone" not found`,
    ],
    [
      'half',
      { secretRef: { name: 'nouser' } },
      'AuthenticationFailed',
      "failed to configure authentication options: invalid 'http' auth option: 'password' requires 'username' to be set",
    ],
    [
      'ssh',
      { url: 'ssh://git@127.0.0.1:1/app' },
      'AuthenticationFailed',
      "failed to configure authentication options: invalid 'ssh' auth option: 'identity' is required",
    ],
    [
      'badsemver',
      { ref: { semver: 'abc' } },
      'GitOperationFailed',
      'failed to checkout and determine revision: semver parse error: improper constraint: "abc"',
    ],
    [
      'proxy',
      { proxySecretRef: { name: 'gone' } },
      'AuthenticationFailed',
      "failed to configure proxy options: secret 'NS/gone' not found",
    ],
    [
      'azure',
      { provider: 'azure' },
      'AuthenticationFailed',
      "failed to configure authentication options: spec.provider 'azure' is not supported by this version of source-controller",
    ],
  ];

  test.each(cases)('%s', async (name, spec, reason, message) => {
    await commit({ a: '1' }, { name: 'private' });
    await cluster.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'bad', namespace },
      stringData: { username: 'user', password: 'wrong' },
    });
    await cluster.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'nouser', namespace },
      stringData: { password: 'x' },
    });
    await create(name, { url: url('private'), ...spec });
    const object = await waitReady(name, 'False');

    const text = message.replaceAll('URL', url('private')).replaceAll('NS', namespace);
    expect(texts(object)).toEqual([
      'Reconciling=True/ProgressingWithRetry building artifact',
      `Ready=False/${reason} ${text}`,
      `FetchFailed=True/${reason} ${text}`,
    ]);
    expect(object.status?.observedGeneration).toBe(-1);
    expect(await waitEvents(name, reason)).toContain(`Warning ${reason} ${text}`);
  });

  test('an empty repository (scenario git-empty)', async () => {
    await createBareRepository(join(directory.path, 'repos', namespace, 'app.git'));
    await create('app');

    expect(texts(await waitReady('app', 'False'))).toEqual([
      'Reconciling=True/ProgressingWithRetry building artifact',
      'Ready=False/EmptyGitRepository git repository is empty',
      'FetchFailed=True/EmptyGitRepository git repository is empty',
    ]);
  });

  test('a provider without its secret stalls (SRC-GIT-23)', async () => {
    await create('app', { provider: 'github' });
    const object = await waitReady('app', 'False');

    const text =
      'InvalidProviderConfiguration secretRef with github app data must be specified when provider is set to github';
    expect(texts(object)).toEqual([`Stalled=True/${text}`, `Ready=False/${text}`, `FetchFailed=True/${text}`]);
    expect(object.status?.observedGeneration).toBe(1);
  });

  test('unsigned commits are refused when signatures are asked for (scenario git-verify)', async () => {
    const id = await commit({ a: '1' });
    await cluster.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'keys', namespace },
      stringData: { 'a.asc': 'x' },
    });
    await create('unsigned', { verify: { mode: 'HEAD', secretRef: { name: 'keys' } } });
    await create('nosecret', { verify: { mode: 'HEAD', secretRef: { name: 'gone' } } });
    await create('notag', { verify: { mode: 'Tag', secretRef: { name: 'keys' } } });

    const unsigned = `InvalidCommitSignature signature verification of commit '${id}' failed: unsupported signature type: empty`;
    expect(texts(await waitReady('unsigned', 'False'))).toEqual([
      'Reconciling=True/ProgressingWithRetry building artifact',
      `Ready=False/${unsigned}`,
      `SourceVerified=False/${unsigned}`,
    ]);
    expect(texts(await waitReady('nosecret', 'False'))?.at(-1)).toBe(
      'SourceVerified=False/VerificationError public keys secret error: secrets "gone" not found',
    );
    expect(texts(await waitReady('notag', 'False'))?.[0]).toBe(
      "Stalled=True/InvalidVerificationMode cannot verify tag object's signature if a tag reference is not specified",
    );
  });
});
