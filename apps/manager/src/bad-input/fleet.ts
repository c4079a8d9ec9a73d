import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitRepository, Kustomization } from '@flux/api';
import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { type RunningControllers, silentLog } from '@flux/runtime';
import { startManager } from '../start-manager.ts';

type Content = string | Uint8Array | null | { executable: string } | { symlink: string };

/** Where the tests run; from @flux/testkit. */
export interface World {
  cluster: Cluster;
  git: {
    commit(name: string, files: Readonly<Record<string, Content>>): Promise<string>;
    urlOf(name: string): string;
    protect(name: string, auth: { username: string; password: string }): void;
  };
  close(): Promise<void>;
}

export const configMap = (name: string, data: Record<string, string> = { a: 'b' }) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata: ${JSON.stringify(data)}\n`;

const gitRepositories = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' };
const kustomizations = { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' };
/** Only what hangs takes as long. */
const patienceMs = 60_000;

/** Both controllers in this process; a team has a namespace, a repository, a GitRepository and a Kustomization. */
export class Fleet implements AsyncDisposable {
  readonly world: World;
  readonly #directory: TemporaryDirectory;
  readonly #manager: RunningControllers;
  #count = 0;

  private constructor(world: World, directory: TemporaryDirectory, manager: RunningControllers) {
    this.world = world;
    this.#directory = directory;
    this.#manager = manager;
  }

  static async start(world: World): Promise<Fleet> {
    const directory = await temporaryDirectory('bad-input');
    const storagePath = join(directory.path, 'artifacts');
    await mkdir(storagePath);
    const { cluster } = world;
    const manager = await startManager({ cluster, log: silentLog, storagePath, storageAddress: '127.0.0.1:0' });
    await manager.started;
    return new Fleet(world, directory, manager);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#manager.stop();
    await this.world.close();
    await this.#directory[Symbol.asyncDispose]();
  }

  /** A team whose ConfigMap `kept` is applied. */
  async team(): Promise<Team> {
    const namespace = `team-${++this.#count}`;
    await this.world.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    const team = new Team(this, namespace);
    await team.push({ 'deploy/kept.yaml': configMap('kept') });
    await this.#create(gitRepositories, namespace, { url: team.url, ref: { branch: 'main' } });
    await this.#create(kustomizations, namespace, {
      sourceRef: { kind: 'GitRepository', name: 'app' },
      path: './deploy',
      prune: true,
      targetNamespace: namespace,
    });
    await team.reconciled();
    return team;
  }

  waitFor<T extends KubeObject>(ref: ObjectRef, predicate: (object: T) => boolean): Promise<T> {
    const check = (object: KubeObject | undefined) => object !== undefined && predicate(object as T);
    return this.#manager.watches.waitFor(ref, check, AbortSignal.timeout(patienceMs)) as Promise<T>;
  }

  async #create(kind: typeof gitRepositories, namespace: string, spec: object): Promise<void> {
    const metadata = { name: 'app', namespace };
    await this.world.cluster.create({ ...kind, metadata, spec: { interval: '1h', timeout: '60s', ...spec } });
  }
}

export class Team {
  readonly namespace: string;
  readonly #fleet: Fleet;
  #requests = 0;
  #commit = '';

  constructor(fleet: Fleet, namespace: string) {
    this.#fleet = fleet;
    this.namespace = namespace;
  }

  get url(): string {
    return this.#fleet.world.git.urlOf(this.#repository);
  }

  get source(): ObjectRef {
    return { ...gitRepositories, namespace: this.namespace, name: 'app' };
  }

  get applier(): ObjectRef {
    return { ...kustomizations, namespace: this.namespace, name: 'app' };
  }

  get #repository(): string {
    return `${this.namespace}/app`;
  }

  protect(auth: { username: string; password: string }): void {
    this.#fleet.world.git.protect(this.#repository, auth);
  }

  async push(files: Readonly<Record<string, Content>>): Promise<void> {
    this.#commit = await this.#fleet.world.git.commit(this.#repository, files);
  }

  /** Asks for a reconcile of source and applier, as `flux reconcile` does, with changes of their specs. */
  async request(changes: { source?: object; applier?: object } = {}): Promise<void> {
    const annotations = { 'reconcile.fluxcd.io/requestedAt': `request ${++this.#requests}` };
    const patch = (ref: ObjectRef, spec: object) =>
      this.#fleet.world.cluster.patch(ref, 'merge', { metadata: { annotations }, spec });
    await patch(this.source, changes.source ?? {});
    await patch(this.applier, changes.applier ?? {});
  }

  /** Pushes, and waits until it is what runs. */
  async deploy(files: Readonly<Record<string, Content>>): Promise<Kustomization> {
    await this.push(files);
    await this.request();
    return await this.reconciled();
  }

  reconciled(): Promise<Kustomization> {
    const revision = `main@sha1:${this.#commit}`;
    return this.#fleet.waitFor<Kustomization>(
      this.applier,
      (object) => isReady(object, 'True') && object.status?.lastAppliedRevision === revision,
    );
  }

  /** The Kustomization after it has failed with the newest commit, or without getting as far as that. */
  async failed(): Promise<Kustomization> {
    const revision = `main@sha1:${this.#commit}`;
    return await this.#fleet.waitFor<Kustomization>(
      this.applier,
      (object) =>
        isReady(object, 'False') &&
        (object.status?.lastAttemptedRevision === revision || reasonOf(object) === 'ArtifactFailed'),
    );
  }

  async secret(name: string, stringData: Record<string, string>): Promise<void> {
    const metadata = { name, namespace: this.namespace };
    await this.#fleet.world.cluster.create({ apiVersion: 'v1', kind: 'Secret', metadata, stringData } as KubeObject);
  }

  /** Puts an artifact of unknown origin in the place of what the source controller made, which is told to stay away. */
  async offerArtifact(artifact: { url: string; digest: string }): Promise<void> {
    this.#commit = 'unknown';
    const { cluster } = this.#fleet.world;
    await cluster.patch(this.source, 'merge', { spec: { suspend: true } });
    const revision = `main@sha1:${this.#commit}`;
    const complete = { ...artifact, revision, path: 'x', lastUpdateTime: '2026-01-01T00:00:00Z' };
    await cluster.patch(this.source, 'merge', { status: { artifact: complete } }, { subresource: 'status' });
  }

  sourceFailed(): Promise<GitRepository> {
    return this.#fleet.waitFor<GitRepository>(this.source, (object) => isReady(object, 'False'));
  }

  find(name: string, kind = 'ConfigMap', apiVersion = 'v1'): Promise<KubeObject | undefined> {
    return this.#fleet.world.cluster.find({ apiVersion, kind, namespace: this.namespace, name });
  }
}

export function reasonOf(object: Kustomization | GitRepository): string | undefined {
  return object.status?.conditions?.find(({ type }) => type === 'Ready')?.reason;
}

function isReady(object: Kustomization | GitRepository, status: 'True' | 'False'): boolean {
  const conditions = object.status?.conditions ?? [];
  const ready = conditions.find(({ type }) => type === 'Ready');
  const isPassing = conditions.some(({ type, reason }) => type === 'Reconciling' && reason === 'Progressing');
  return ready?.status === status && ready.observedGeneration === object.metadata.generation && !isPassing;
}
