import { type Cluster, connectCluster } from '@flux/client';
import { temporaryDirectory } from '@flux/fs';
import { serveGit } from '@flux/git';
import { helmReleaseController } from '@flux/helm-controller';
import { kustomizationController } from '@flux/kustomize-controller';
import { silentLog, startControllers } from '@flux/runtime';
import {
  type ChartServer,
  installCrds,
  serveCharts,
  startEmbeddedCluster,
  startRealCluster,
  startRegistry,
  type TestCluster,
  type TestRegistry,
} from '@flux/testkit';
import { withoutOwnWords } from './own-words.ts';
import { startSource } from './start-source.ts';

export interface PlatformOptions {
  engine: 'embedded' | 'real';
  /** Of a real cluster that is there already; unset: one is started. */
  kubeconfig?: string;
}

/** A cluster with our controllers, and the servers that scenarios name by placeholders. */
export interface Platform extends AsyncDisposable {
  cluster: Cluster;
  gitRoot: string;
  /** Chart repositories, one below the name of each scenario. */
  charts: ChartServer;
  /** The registry; the first call starts it. */
  registry(): Promise<TestRegistry>;
  /** By path of the repository below the root. */
  gitCredentials: Map<string, { username: string; password: string }>;
  /** Puts addresses in the place of `${GIT}` and the like. */
  expand(text: string, scenario: string): string;
  /** The other way round. */
  redact<T>(recorded: T, scenario: string): T;
}

/** Waits named in messages are those of the recordings. */
const requeueDependencyMs = 5_000;

export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  await using starting = new AsyncDisposableStack();
  const { cluster } = starting.use(await openCluster(options));
  const repositories = starting.use(await temporaryDirectory('scenario-git'));
  const gitCredentials: Platform['gitCredentials'] = new Map();
  const git = starting.use(
    await serveGit({
      root: repositories.path,
      host: '127.0.0.1',
      port: 0,
      credentials: (repository) => gitCredentials.get(repository),
    }),
  );
  const charts = starting.use(await serveCharts());
  const source = starting.use(await startSource({ requeueDependencyMs }));
  const kustomize = starting.use(kustomizationController({ requeueDependencyMs, concurrency: 16 }));
  const helm = starting.use(helmReleaseController({ requeueDependencyMs, concurrency: 16 }));
  const controllers = [...source.controllers, kustomize, helm];
  starting.use(await startControllers(controllers, { cluster, log: silentLog }));
  const registry = starting.use(new LazyRegistry());
  const stack = starting.move();
  const places = (scenario: string): [string, string][] => [
    ['${GIT}', `${git.url}/${scenario}`],
    ['${GIT_HOST}', new URL(git.url).host],
    ['${HELM}', `${charts.url}/${scenario}`],
    ['${HELM_HOST}', new URL(charts.url).host],
    ...registry.places(scenario),
    ['${ARTIFACTS}', source.url],
    ['${KUBE}', new URL(cluster.host).host],
  ];
  return {
    cluster,
    gitRoot: repositories.path,
    charts,
    registry: () => registry.open(),
    gitCredentials,
    expand: (text, scenario) =>
      places(scenario).reduce((result, [name, value]) => result.replaceAll(name, value), text),
    redact(recorded, scenario) {
      const text = places(scenario).reduce(
        (result, [name, value]) => result.replaceAll(value, name),
        JSON.stringify(withoutOwnWords(recorded)),
      );
      return JSON.parse(text);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Most scenarios need no registry, and not every machine has the program. */
class LazyRegistry implements AsyncDisposable {
  #starting: Promise<TestRegistry> | undefined;
  #host: string | undefined;

  async open(): Promise<TestRegistry> {
    this.#starting ??= startRegistry();
    const registry = await this.#starting;
    this.#host = registry.host;
    return registry;
  }

  places(scenario: string): [string, string][] {
    if (this.#host === undefined) return [];
    return [
      ['${OCI}', `${this.#host}/${scenario}`],
      ['${OCI_HOST}', this.#host],
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#starting)?.close();
  }
}

async function openCluster({ engine, kubeconfig }: PlatformOptions): Promise<TestCluster | Opened> {
  if (engine === 'embedded') return startEmbeddedCluster();
  if (!kubeconfig) return startRealCluster();
  const cluster = await connectCluster({ kubeconfig });
  await installCrds(cluster);
  return { cluster, [Symbol.asyncDispose]: () => cluster.close() };
}

type Opened = Pick<TestCluster, 'cluster'> & AsyncDisposable;
