import type { Artifact } from '@flux/api';
import type { Condition, KubeObject, ObjectRef } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { temporaryDirectory } from '@flux/fs';
import type { CommitRequest } from '@flux/git';
import { type Controller, createWatchCache, silentLog, startControllers, type WatchCache } from '@flux/runtime';
import { ArtifactStorage } from '../storage/artifact-storage.ts';
import { serveFiles } from '../storage/file-server.ts';

/** Only what hangs takes as long. */
const waitMs = 60_000;

interface SourceStatus {
  conditions?: Condition[];
  artifact?: Artifact;
  url?: string;
  observedGeneration?: number;
}

/** An object of some kind of source. */
export type TestedSource = KubeObject & { spec: Record<string, unknown>; status?: SourceStatus };

/** Tests lend clusters and servers: they are tools, which controllers may not import. */
export type StartCluster = () => Promise<{ cluster: Cluster } & AsyncDisposable>;

export interface LentGitServer extends AsyncDisposable {
  urlOf(name: string): string;
  createRepository(name: string): Promise<string>;
  commit(name: string, files: CommitRequest['files'], options?: { message?: string }): Promise<string>;
  protect(name: string, auth: { username: string; password: string }): void;
}

/** A cluster with controllers of sources in it, and what tests ask of it. */
export interface SourceCluster extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly storage: ArtifactStorage;
  readonly watches: WatchCache;
  /** Where artifacts are served. */
  readonly artifactsUrl: string;
  /** Makes a namespace and gives back its name. */
  namespace(): Promise<string>;
  /** Asks for a pass. */
  request(token: string, ref: ObjectRef): Promise<unknown>;
  /** Until it holds. */
  until(ref: ObjectRef, predicate: (object: TestedSource) => boolean): Promise<TestedSource>;
  /** Until Ready has the status for the newest generation, and not in passing. */
  untilReady(ref: ObjectRef, status: 'True' | 'False'): Promise<TestedSource>;
  /** Until there are events with these reasons; then all of the object, as `type reason message`. */
  events(ref: ObjectRef, ...reasons: string[]): Promise<string[]>;
}

/** Starts the controllers on a cluster of its own, which is stopped with them. */
export async function startSourceCluster(
  startCluster: StartCluster,
  makeControllers: (storage: ArtifactStorage) => readonly Controller[],
): Promise<SourceCluster> {
  await using starting = new AsyncDisposableStack();
  const { cluster } = starting.use(await startCluster());
  const directory = starting.use(await temporaryDirectory('source-test'));
  const files = starting.use(await serveFiles({ root: directory.path, host: '127.0.0.1', port: 0 }));
  const storage = new ArtifactStorage({ root: directory.path, advertisedAddress: `127.0.0.1:${files.port}` });
  const watches = createWatchCache(cluster);
  starting.defer(() => watches.close());
  const running = await startControllers(makeControllers(storage), { cluster, log: silentLog, watches });
  starting.defer(() => running.stop());
  await running.started;
  const stack = starting.move();
  let count = 0;
  return {
    cluster,
    storage,
    watches,
    artifactsUrl: files.url,
    async namespace() {
      const name = `test-${++count}`;
      await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      return name;
    },
    request: (token, ref) =>
      cluster.patch(ref, 'merge', { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': token } } }),
    until: (ref, predicate) => until(watches, ref, predicate),
    untilReady: (ref, status) => until(watches, ref, (object) => isSettled(object, status)),
    events: (ref, ...reasons) => waitEvents(watches, ref, reasons),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Conditions in one line each. */
export function conditionTexts({ status }: { status?: Pick<SourceStatus, 'conditions'> }): string[] {
  return (status?.conditions ?? []).map(
    ({ type, status: value, reason, message }) => `${type}=${value}/${reason} ${message}`,
  );
}

async function until(
  watches: WatchCache,
  ref: ObjectRef,
  predicate: (object: TestedSource) => boolean,
): Promise<TestedSource> {
  const found = await watches.waitFor(
    ref,
    (object) => object !== undefined && predicate(object as TestedSource),
    AbortSignal.timeout(waitMs),
  );
  return found as TestedSource;
}

function isSettled({ metadata, status }: TestedSource, wanted: string): boolean {
  const conditions = status?.conditions ?? [];
  const ready = conditions.find(({ type }) => type === 'Ready');
  const isPassing = conditions.some(({ type, reason }) => type === 'Reconciling' && reason === 'Progressing');
  return ready?.status === wanted && ready.observedGeneration === metadata.generation && !isPassing;
}

/** Events arrive on their own time. */
async function waitEvents(watches: WatchCache, ref: ObjectRef, reasons: readonly string[]): Promise<string[]> {
  const { namespace = '' } = ref;
  using events = watches.view({ apiVersion: 'v1', kind: 'Event' }, { namespace });
  const isOwn = (event: KubeObject) => {
    const { name, kind } = event['involvedObject'];
    return name === ref.name && kind === ref.kind;
  };
  const own = () => events.list().filter(isOwn);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const check = () => {
    if (reasons.every((reason) => own().some((event) => event['reason'] === reason))) resolve();
  };
  using _ = events.subscribe(check, { replay: true });
  const timer = AbortSignal.timeout(waitMs);
  timer.onabort = () => reject(new Error(`no event ${reasons.join(', ')} about ${ref.name}`));
  check();
  await promise;
  return own().map((event) => `${event['type']} ${event['reason']} ${event['message']}`);
}
