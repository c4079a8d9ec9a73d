import { join } from 'node:path';
import { type GitRepository, gitRepository } from '@flux/api';
import type { ObjectRef } from '@flux/apimachinery';
import { temporaryDirectory } from '@flux/fs';
import type { CommitRequest } from '@flux/git';
import { createHttpClient, downloadArchive } from '@flux/http';
import {
  type LentGitServer,
  type SourceCluster,
  type StartCluster,
  startSourceCluster,
} from '../frame/source-cluster.suite.ts';
import { gitRepositoryController } from './controller.ts';

/** A cluster with GitRepositories, and the repositories that they are about, by name in the namespace. */
export interface GitWorld extends Pick<SourceCluster, 'cluster' | 'storage' | 'watches' | 'artifactsUrl' | 'request'> {
  /** Of the test that `begin` began. */
  readonly namespace: string;
  begin(): Promise<void>;
  /** The address of a repository, `app` by default; `private` wants a password. */
  url(name?: string): string;
  /** Makes an empty repository. */
  createRepository(name: string): Promise<string>;
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

/** Starts all of it. */
export async function startGitWorld(testkit: {
  startCluster: StartCluster;
  startGitServer(): Promise<LentGitServer>;
}): Promise<GitWorld> {
  await using starting = new AsyncDisposableStack();
  const directory = starting.use(await temporaryDirectory('git-world'));
  const git = starting.use(await testkit.startGitServer());
  const sources = starting.use(
    await startSourceCluster(testkit.startCluster, (storage) => [
      gitRepositoryController({ storage, requeueDependencyMs: 500 }),
    ]),
  );
  const { cluster, storage, watches, artifactsUrl, request } = sources;
  const { apiVersion, kind } = gitRepository;
  const stack = starting.move();
  let namespace = '';
  const url = (name = 'app') => git.urlOf(`${namespace}/${name}`);
  const ref = (name: string) => ({ apiVersion, kind, namespace, name });
  return {
    cluster,
    storage,
    watches,
    artifactsUrl,
    request,
    get namespace() {
      return namespace;
    },
    async begin() {
      namespace = await sources.namespace();
      git.protect(`${namespace}/private`, { username: 'user', password: 'correct' });
    },
    url,
    createRepository: (name) => git.createRepository(`${namespace}/${name}`),
    commit: (files, { name = 'app', ...more } = {}) => git.commit(`${namespace}/${name}`, files, more),
    ref,
    create: (name, spec = {}) =>
      cluster.create<GitRepository>({
        apiVersion,
        kind,
        metadata: { name, namespace },
        spec: { interval: '1h', timeout: '60s', url: url(), ref: { branch: 'main' }, ...spec } as GitRepository['spec'],
      }),
    createSecret: (name, stringData) =>
      cluster.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData }),
    untilReady: async (name, status) => gitRepository.read(await sources.untilReady(ref(name), status)),
    events: (name, ...reasons) => sources.events(ref(name), ...reasons),
    async download(object) {
      const folder = join(directory.path, namespace);
      await using client = createHttpClient({ environment: {} });
      await downloadArchive(object.status!.artifact!, folder, { client });
      return folder;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
