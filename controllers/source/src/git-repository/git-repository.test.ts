import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GitRepository } from '@flux/api';
import { startEmbeddedCluster, startGitServer } from '@flux/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { conditionTexts } from '../frame/source-cluster.suite.ts';
import { type GitWorld, startGitWorld } from './git-world.suite.ts';

let world: GitWorld;

beforeAll(async () => {
  world = await startGitWorld({ startCluster: () => startEmbeddedCluster({ workloads: false }), startGitServer });
});
afterAll(() => world?.[Symbol.asyncDispose]());
beforeEach(() => world.begin());

describe('a repository that works', () => {
  test('becomes an artifact, with the conditions and events of the real controller', async () => {
    const id = await world.commit(
      { 'deploy/a.yaml': 'a: 1\n', 'img.png': 'x' },
      { message: `${'long '.repeat(12)}\nbody` },
    );
    await world.create('app');
    const object = await world.untilReady('app', 'True');

    const revision = `main@sha1:${id}`;
    expect(object.status).toEqual({
      observedGeneration: 1,
      artifact: {
        path: `gitrepository/${world.namespace}/app/${id}.tar.gz`,
        url: `${world.artifactsUrl}/gitrepository/${world.namespace}/app/${id}.tar.gz`,
        revision,
        digest: expect.stringMatching(/^sha256:/),
        size: expect.any(Number),
        lastUpdateTime: expect.any(String),
      },
      conditions: expect.anything(),
    });
    expect(conditionTexts(object)).toEqual([
      `Ready=True/Succeeded stored artifact for revision '${revision}'`,
      `ArtifactInStorage=True/Succeeded stored artifact for revision '${revision}'`,
    ]);
    expect(await world.events('app', 'NewArtifact')).toEqual([
      `Normal NewArtifact stored artifact for commit '${'long '.repeat(10)}...'`,
    ]);
    const folder = await world.download(object);
    expect(readdirSync(folder, { recursive: true })).toEqual(['deploy', 'deploy/a.yaml']);
  });

  test('patches as its own field manager, the finalizer apart from the status (SRC-CTL-17)', async () => {
    await world.commit({ a: '1' });
    await world.create('app');
    await world.untilReady('app', 'True');
    const { metadata } = await world.cluster.get(world.ref('app')); // watches leave managed fields out

    const own = metadata.managedFields?.filter(({ manager }) => manager === 'source-controller');
    expect(own?.map(({ operation, subresource }) => [operation, subresource])).toEqual([
      ['Update', undefined],
      ['Update', 'status'],
    ]);
    expect(metadata.finalizers).toEqual(['finalizers.fluxcd.io']);
  });

  test('a branch that goes and comes back: the old artifact stays (scenario git-then-broken)', async () => {
    const id = await world.commit({ a: '1' });
    await world.create('app');
    await world.untilReady('app', 'True');
    await world.cluster.patch(world.ref('app'), 'merge', { spec: { ref: { branch: 'gone' } } });
    const broken = await world.untilReady('app', 'False');

    const message = `failed to checkout and determine revision: unable to clone '${world.url()}': couldn't find remote ref "refs/heads/gone"`;
    expect(conditionTexts(broken)).toEqual([
      'Reconciling=True/ProgressingWithRetry processing object: new generation 1 -> 2',
      `Ready=False/GitOperationFailed ${message}`,
      `FetchFailed=True/GitOperationFailed ${message}`,
      `ArtifactInStorage=True/Succeeded stored artifact for revision 'main@sha1:${id}'`,
    ]);
    expect(broken.status?.observedGeneration).toBe(1);
    expect(broken.status?.artifact?.revision).toBe(`main@sha1:${id}`);

    await world.cluster.patch(world.ref('app'), 'merge', { spec: { ref: { branch: 'main' } } });
    const recovered = await world.untilReady('app', 'True');
    expect(conditionTexts(recovered)).toEqual([
      `Ready=True/Succeeded stored artifact for revision 'main@sha1:${id}'`,
      `ArtifactInStorage=True/Succeeded stored artifact for revision 'main@sha1:${id}'`,
    ]);
    const events = await world.events('app', 'Succeeded', 'GitOperationSucceeded');
    expect(events).toContain(`Normal Succeeded stored artifact for commit 'main@sha1:${id}'`);
    expect(events).toContain(
      `Normal GitOperationSucceeded no changes since last reconciliation: observed revision 'main@sha1:${id}'`,
    );
    expect(events).toContain(`Warning GitOperationFailed ${message}`);
  });

  test('a request brings the next commit, and keeps the previous artifact for a while', async () => {
    const first = await world.commit({ a: '1' });
    await world.create('app');
    await world.untilReady('app', 'True');
    const second = await world.commit({ a: '2' });
    await world.request('now', world.ref('app'));
    const object = (await world.watches.waitFor(
      world.ref('app'),
      (found) =>
        found?.['status']?.artifact?.revision === `main@sha1:${second}` &&
        found['status'].lastHandledReconcileAt === 'now',
      AbortSignal.timeout(60_000),
    )) as GitRepository;

    expect(await world.storage.exists(object.status!.artifact!)).toBe(true);
    expect(
      readFileSync(join(world.storage.root, 'gitrepository', world.namespace, 'app', `${first}.tar.gz`)).length,
    ).toBeGreaterThan(0);
  });

  test('a changed ignore rebuilds the artifact of the same revision (SRC-GIT-17, -60)', async () => {
    await world.commit({ 'a.yaml': '1', 'b.md': '2' });
    await world.create('app');
    const before = await world.untilReady('app', 'True');
    await world.cluster.patch(world.ref('app'), 'merge', { spec: { ignore: '*.md\n' } });
    const after = await world.untilReady('app', 'True');

    expect(after.status?.artifact?.path).toBe(before.status?.artifact?.path);
    expect(after.status?.artifact?.digest).not.toBe(before.status?.artifact?.digest);
    expect(after.status?.observedIgnore).toBe('*.md\n');
  });

  test('a sparse checkout is observed (scenario git-sparse)', async () => {
    await world.commit({ 'deploy/a': '1', 'other/b': '2', root: '3' });
    await world.create('app', { sparseCheckout: ['deploy', './other'] });
    await world.create('bad', { sparseCheckout: ['nope'] });

    expect((await world.untilReady('app', 'True')).status?.observedSparseCheckout).toEqual(['deploy', './other']);
    expect(conditionTexts(await world.untilReady('bad', 'False'))[1]).toMatch(
      /^Ready=False\/GitOperationFailed failed to sparse checkout directories : sparse checkout dir 'nope' does not exist in repository: lstat \/.*\/gitrepository-test-\d+-bad-[^/]+\/nope: no such file or directory$/,
    );
  });

  test('symlinks are not shipped, and nothing outside of the repository is looked at', async () => {
    await world.commit({ 'deploy/a.yaml': '1', out: { symlink: '/etc' }, passwd: { symlink: '/etc/passwd' } });
    await world.create('app');
    await world.create('sparse', { sparseCheckout: ['../../../../../etc'] });
    const folder = await world.download(await world.untilReady('app', 'True'));

    expect(readdirSync(folder, { recursive: true })).toEqual(['deploy', 'deploy/a.yaml']);
    expect(conditionTexts(await world.untilReady('sparse', 'False'))[1]).toContain('does not exist in repository');
  });

  test('a .sourceignore that leads out of the repository fails without a condition of its own (SRC-GIT-61)', async () => {
    await world.commit({ a: '1', '.sourceignore': { symlink: '/etc/passwd' } });
    await world.create('app');

    expect((await world.events('app', 'SourceIgnoreError'))[0]).toMatch(
      /^Warning SourceIgnoreError failed to load source ignore patterns from repository: fs-security-constraint read /,
    );
  });

  test('an artifact that vanished or was damaged is built again (SRC-CTL-10)', async () => {
    await world.commit({ a: '1' });
    await world.create('app');
    const { status } = await world.untilReady('app', 'True');
    writeFileSync(world.storage.localPath(status!.artifact!), 'damaged');
    await world.request('1', world.ref('app'));

    expect(await world.events('app', 'ArtifactVerificationFailed')).toContain(
      `Warning ArtifactVerificationFailed failed to verify integrity of artifact: computed digest doesn't match '${status?.artifact?.digest}'`,
    );
    await world.watches.waitFor(
      world.ref('app'),
      (found) =>
        found?.['status']?.lastHandledReconcileAt === '1' &&
        found['status'].artifact?.digest === status?.artifact?.digest,
      AbortSignal.timeout(60_000),
    );
    rmSync(world.storage.localPath(status!.artifact!));
    await world.request('2', world.ref('app'));
    await world.watches.waitFor(
      world.ref('app'),
      (found) => found?.['status']?.lastHandledReconcileAt === '2',
      AbortSignal.timeout(60_000),
    );
    expect(await world.storage.exists((await world.untilReady('app', 'True')).status!.artifact!)).toBe(true);
  });

  test('deletion removes what was stored, also of a suspended object (SRC-CTL-04)', async () => {
    await world.commit({ a: '1' });
    await world.create('app');
    const { status } = await world.untilReady('app', 'True');
    await world.cluster.patch(world.ref('app'), 'merge', { spec: { suspend: true } });
    await world.cluster.delete(world.ref('app'));
    await world.watches.waitFor(world.ref('app'), (found) => found === undefined, AbortSignal.timeout(60_000));

    expect(await world.storage.exists(status!.artifact!)).toBe(false);
    expect(await world.events('app', 'GarbageCollectionSucceeded')).toContain(
      'Normal GarbageCollectionSucceeded garbage collected artifacts for deleted resource',
    );
  });

  test('manifests of v1beta1 with inert fields work (SRC-VER-03)', async () => {
    await world.commit({ a: '1' });
    await world.cluster.create({
      apiVersion: 'source.toolkit.fluxcd.io/v1beta1',
      kind: 'GitRepository',
      metadata: { name: 'old', namespace: world.namespace },
      spec: { interval: '1h', url: world.url(), ref: { branch: 'main' }, gitImplementation: 'libgit2' },
    });

    expect((await world.untilReady('old', 'True')).status?.artifact?.revision).toMatch(/^main@sha1:/);
  });
});

describe('includes', () => {
  test('wait for their repository without an error, then lie in the artifact (SRC-GIT-40..44)', async () => {
    await world.commit({ 'x.yaml': 'top' });
    await world.create('app', { include: [{ repository: { name: 'dep' }, fromPath: 'sub', toPath: 'vendor/dep' }] });
    const waiting = await world.untilReady('app', 'False');
    const message = `could not get resource for include 'dep': GitRepository.source.toolkit.fluxcd.io "dep" not found`;
    expect(conditionTexts(waiting)).toContain(`IncludeUnavailable=True/NotFound ${message}`);
    expect(await world.events('app', 'NotFound')).toContain(`Normal NotFound ${message}`);

    await world.commit({ 'sub/y.yaml': 'dep', other: '' }, { name: 'dep' });
    await world.create('dep', { url: world.url('dep') });
    const object = await world.untilReady('app', 'True');

    expect(object.status?.includedArtifacts).toHaveLength(1);
    expect(object.status?.observedInclude).toEqual([
      { repository: { name: 'dep' }, fromPath: 'sub', toPath: 'vendor/dep' },
    ]);
    const folder = await world.download(object);
    expect(readFileSync(join(folder, 'vendor/dep/y.yaml'), 'utf8')).toBe('dep');
  });
});
