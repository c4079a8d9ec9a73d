import { writeFile } from 'node:fs/promises';
import { helmChart, helmRelease, helmRepository } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import { startApiServer } from '@flux/apiserver';
import { type Cluster, clusterOver } from '@flux/client';
import { type GitServer, serveGit } from '@flux/git';
import { startManager } from '../start-manager.ts';
import { type DataDirectory, locateDataDirectory, prepareDataDirectory } from './data-directory.ts';
import { type Fleet, prepareFleet } from './fleet.ts';
import { openLogFile } from './log-file.ts';
import { stateOf } from './object-state.ts';
import type { UpOptions } from './options.ts';
import { describeControllers, serviceAccountKey } from './own-controllers.ts';
import { choosePort } from './ports.ts';
import { followProgress, type Progress } from './progress.ts';
import { requestReconcile } from './push-hook.ts';
import { rewriterOf } from './rewrite-url.ts';
import { type RuntimeFile, readRuntimeFile, writeRuntimeFile } from './runtime-file.ts';
import { formatReasons, formatSummary } from './summary.ts';
import { applySync, installKinds } from './sync-objects.ts';
import { isUpToDate } from './up-to-date.ts';

const gitRepositories = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' };
const kustomizations = { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' };
const others = [helmRepository, helmChart, helmRelease].map(({ apiVersion, kind }) => ({ apiVersion, kind }));
const settleMs = 3000;
const defaultTimeoutMs = 300_000;

/**
 * `flux up`: the embedded API server, a Git server and every controller in this process, reconciling the example fleet or
 * the user's repository. Resolves with the exit code when `signal` aborts, or with `once` when everything has settled.
 */
export async function runUp(options: UpOptions): Promise<number> {
  const data = locateDataDirectory(options.dataDirectory);
  await prepareDataDirectory(data);
  await using stack = new AsyncDisposableStack();
  let pushed: (url: string) => void = () => {};
  const { cluster, git, ports } = await startServers(stack, data, options, (url) => pushed(url));

  const fleet = stack.use(
    await prepareFleet(options, { data, gitUrl: git.url, chartPort: ports.chartPort }, (url) => pushed(url)),
  );
  const rewriteUrl = rewriterOf(fleet.rewriteUrls);
  await writeRuntimeFile(data, { pid: process.pid, ...ports, rewriteUrls: fleet.rewriteUrls });
  const { signal, timeoutMs = defaultTimeoutMs } = options;
  await installKinds(cluster, { timeoutMs, signal });
  options.print('✔ custom resource definitions installed');

  const { log } = stack.use(await openLogFile(data.log, options.verbose ? options.print : undefined));
  const manager = await startManager({
    cluster,
    log,
    storagePath: data.artifacts,
    storageAddress: `127.0.0.1:${ports.artifactPort}`,
    rewriteUrl,
  });
  stack.defer(() => manager.stop());
  await manager.started;
  options.print('✔ source-controller, kustomize-controller and helm-controller running');

  const sources = stack.use(manager.watches.view(gitRepositories));
  const appliers = stack.use(manager.watches.view(kustomizations));
  const rest = others.map((kind) => stack.use(manager.watches.view(kind)));
  await Promise.all([sources, appliers, ...rest].map((view) => view.synced(options.signal)));
  pushed = (url) =>
    void requestReconcile(cluster, sources, url, rewriteUrl).catch((error: unknown) =>
      log.error(error, 'asking for a reconcile after a push failed'),
    );
  const requestedAt = new Date().toISOString();
  await applySync(cluster, fleet.source, requestedAt, options.signal);

  const progress = stack.use(
    followProgress([sources, appliers, ...rest], options.print, (objects) => isUpToDate(objects, requestedAt)),
  );
  return options.once
    ? await settleOnce(progress, options, timeoutMs)
    : await stay(progress, options, data, git, fleet);
}

async function settleOnce(progress: Progress, options: UpOptions, timeoutMs: number): Promise<number> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)]);
  const isReady = await progress.settled({ signal, settleMs }).catch(() => false);
  options.output(`${formatSummary(progress.list())}\n`);
  if (isReady) {
    options.print('✔ all objects are ready');
    return 0;
  }
  for (const reason of formatReasons(progress.list())) options.print(`✗ ${reason}`);
  return 1;
}

async function stay(
  progress: Progress,
  options: UpOptions,
  data: DataDirectory,
  git: GitServer,
  fleet: Fleet,
): Promise<number> {
  await progress.settled({ signal: options.signal, settleMs }).then(
    (isReady) => options.output(farewell(progress.list(), isReady, data, git, fleet)),
    () => {},
  );
  if (!options.signal.aborted) {
    await new Promise<void>((resolve) => options.signal.addEventListener('abort', () => resolve(), { once: true }));
  }
  options.print('► stopping');
  return 0;
}

/** The table and the three commands to try next. */
function farewell(
  objects: readonly KubeObject[],
  isReady: boolean,
  data: DataDirectory,
  git: GitServer,
  fleet: Fleet,
): string {
  const failed = objects.filter((object) => !['ready', 'suspended'].includes(stateOf(object))).length;
  const verdict = isReady
    ? '✔ all objects are ready'
    : `✗ ${failed} objects are not ready; they are retried, see the messages`;
  const clone = fleet.source.url.startsWith(`${git.url}/fleet.git`) ? `${git.url}/podinfo.git` : fleet.source.url;
  return [
    '',
    formatSummary(objects),
    '',
    verdict,
    '',
    'Try next, in another terminal:',
    `  export KUBECONFIG=${data.kubeconfig}; kubectl get deployments -A`,
    '  ./flux get all',
    `  git clone ${clone}    # change, commit, push: it is live at once`,
    '',
    'Ctrl-C stops; the next start goes on from here.',
    '',
  ].join('\n');
}

interface Servers {
  cluster: Cluster;
  git: GitServer;
  ports: Required<Omit<RuntimeFile, 'pid' | 'rewriteUrls'>>;
}

/** The API server and the Git server, on the ports of the last run: kubeconfigs, clones and artifact URLs stay valid. */
async function startServers(
  stack: AsyncDisposableStack,
  data: DataDirectory,
  options: UpOptions,
  onPush: (url: string) => void,
): Promise<Servers> {
  const last = await readRuntimeFile(data);
  const ports = {
    apiPort: await choosePort(options.port, last?.apiPort),
    gitPort: await choosePort(options.gitPort, last?.gitPort),
    artifactPort: await choosePort(undefined, last?.artifactPort),
    chartPort: await choosePort(undefined, last?.chartPort),
  };
  const server = await startApiServer({
    dataDirectory: data.cluster,
    port: ports.apiPort,
    defaultStorageClass: true,
    ...(options.simulate === false ? { controllers: false, serviceAccountKeyPem: await serviceAccountKey(data) } : {}),
  });
  stack.defer(() => server.close());
  await writeFile(data.kubeconfig, server.adminKubeconfig(), { mode: 0o600 });
  options.print(`✔ API server ready at ${server.url}`);
  if (options.simulate === false) options.print(`► ${await describeControllers(data, server.caPem)}`);
  const git = await serveGit({
    root: data.repositories,
    host: '127.0.0.1',
    port: ports.gitPort,
    onPush: ({ repository }) => onPush(`${git.url}/${repository}`),
  });
  stack.defer(() => git.close());
  options.print(`✔ Git server ready at ${git.url}`);
  await writeRuntimeFile(data, { pid: process.pid, ...ports });
  stack.defer(() => writeRuntimeFile(data, ports));
  const cluster = clusterOver({ send: server.handle, stream: server.stream, close: async () => {} }, server.url);
  return { cluster, git, ports };
}
