import { join } from 'node:path';
import { type GitRepository, gitRepository } from '@flux/api';
import type { ObjectRef } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import type { CommitRequest } from '@flux/git';
import { createHttpClient, downloadArchive } from '@flux/http';
import { serveGitSources } from '../frame/git-sources.suite.ts';
import { type SourceCluster, startSourceCluster } from '../frame/source-cluster.suite.ts';
import { gitRepositoryController } from './controller.ts';

/** A cluster with GitRepositories, and the repositories that they are about, by name in the namespace. */
export interface GitWorld extends Pick<SourceCluster, 'cluster' | 'storage' | 'watches' | 'artifactsUrl'> {
  /** Of the test that `begin` began. */
  readonly namespace: string;
  begin(): Promise<void>;
  /** The address of a repository, `app` by default; those called `private` want a password. */
  url(name?: string): string;
  /** Makes an empty repository and gives back its folder. */
  openRepository(name: string): Promise<string>;
  commit(files: CommitRequest['files'], more?: { name?: string; message?: string }): Promise<string>;
  ref(name: string): ObjectRef;
  create(name: string, spec?: Record<string, unknown>): Promise<GitRepository>;
  createSecret(name: string, stringData: Record<string, string>): Promise<unknown>;
  untilReady(name: string, status: 'True' | 'False'): Promise<GitRepository>;
  events(name: string, ...reasons: string[]): Promise<string[]>;
  /** As another controller does: over HTTP, verified. Gives back the folder, one for each namespace. */
  download(object: GitRepository): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts all of it; the cluster is the test's to give. */
export async function startGitWorld(
  startCluster: () => Promise<{ cluster: Cluster } & AsyncDisposable>,
): Promise<GitWorld> {
  await using starting = new AsyncDisposableStack();
  const isPrivate = (name: string) => name.includes('private');
  const git = starting.use(
    await serveGitSources({
      credentials: (name) => (isPrivate(name) ? { username: 'user', password: 'correct' } : undefined),
    }),
  );
  const sources = starting.use(
    await startSourceCluster(startCluster, (storage) => [
      gitRepositoryController({ storage, requeueDependencyMs: 500 }),
    ]),
  );
  const { cluster, storage, watches, artifactsUrl } = sources;
  const { apiVersion, kind } = gitRepository;
  const stack = starting.move();
  let namespace = '';
  const url = (name = 'app') => `${git.url}/${namespace}/${name}.git`;
  const ref = (name: string) => ({ apiVersion, kind, namespace, name });
  return {
    cluster,
    storage,
    watches,
    artifactsUrl,
    get namespace() {
      return namespace;
    },
    async begin() {
      namespace = await sources.namespace();
    },
    url,
    openRepository: (name) => git.open(`${namespace}/${name}`),
    commit: (files, { name = 'app', ...more } = {}) => git.commit(`${namespace}/${name}`, files, more),
    ref,
    create: (name, spec = {}) =>
      cluster.create<GitRepository>({
        apiVersion,
        kind,
        metadata: { name, namespace },
        spec: { interval: '1h', timeout: '20s', url: url(), ref: { branch: 'main' }, ...spec } as GitRepository['spec'],
      }),
    createSecret: (name, stringData) =>
      cluster.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData }),
    untilReady: async (name, status) => gitRepository.read(await sources.untilReady(ref(name), status)),
    events: (name, ...reasons) => sources.events(ref(name), ...reasons),
    async download(object) {
      const folder = join(git.directory, namespace);
      await using client = createHttpClient({ environment: {} });
      await downloadArchive(object.status!.artifact!, folder, { client });
      return folder;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
