import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { startManager } from '@flux/manager';
import { type RunningControllers, silentLog } from '@flux/runtime';
import { runFlux } from '../run.ts';

const kustomize = 'kustomize.toolkit.fluxcd.io/v1';
const source = 'source.toolkit.fluxcd.io/v1';
const helm = 'helm.toolkit.fluxcd.io/v2';

export const team = { namespace: 'team' };
export const kustomization: ObjectRef = { apiVersion: kustomize, kind: 'Kustomization', ...team, name: 'app' };
export const helmRelease: ObjectRef = { apiVersion: helm, kind: 'HelmRelease', ...team, name: 'chart' };
export const gitRepository: ObjectRef = { apiVersion: source, kind: 'GitRepository', ...team, name: 'app' };

/** A cluster with the definitions of Flux; from @flux/testkit. */
export interface TestCluster extends AsyncDisposable {
  readonly cluster: Cluster;
}

/** A Git server and a chart server that outlive clusters, as they do when a cluster is lost; from @flux/testkit. */
export interface Sources {
  git: {
    urlOf(name: string): string;
    commit(name: string, files: Record<string, string | null>): Promise<string>;
    close(): Promise<void>;
  };
  charts: { url: string; addChart(files: Record<string, string>): Promise<unknown>; close(): Promise<void> };
}

export async function fillSources({ git, charts }: Sources): Promise<void> {
  await git.commit('app', {
    'a.yaml': configMap('a', '${word}'),
    'b.yaml': configMap('b', 'stays until it is pruned'),
  });
  await charts.addChart({
    'Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 1.0.0\n',
    'templates/config.yaml': configMap('from-chart', '{{ .Release.Revision }}'),
  });
}

export function configMap(name: string, word: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  word: "${word}"\n`;
}

/** A tenant as Flux has them: an account, a Secret with variables, a Kustomization and a HelmRelease. */
export function tenant({ git, charts }: Sources): KubeObject[] {
  const inTeam = (name: string) => ({ name, ...team });
  const account = { kind: 'ServiceAccount', name: 'deployer', ...team };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team', labels: { tenant: 'yes' } } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: inTeam('deployer') },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: inTeam('deployer'),
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['*'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: inTeam('deployer'),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'deployer' },
      subjects: [account],
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: inTeam('words'),
      data: { word: Buffer.from('hunter2-secret').toString('base64') },
    },
    {
      apiVersion: source,
      kind: 'GitRepository',
      metadata: inTeam('app'),
      spec: { interval: '1h', url: git.urlOf('app'), ref: { branch: 'main' } },
    },
    {
      apiVersion: kustomize,
      kind: 'Kustomization',
      metadata: inTeam('app'),
      spec: {
        interval: '1h',
        prune: true,
        path: './',
        targetNamespace: 'team',
        serviceAccountName: 'deployer',
        sourceRef: { kind: 'GitRepository', name: 'app' },
        postBuild: { substituteFrom: [{ kind: 'Secret', name: 'words' }] },
      },
    },
    {
      apiVersion: source,
      kind: 'HelmRepository',
      metadata: inTeam('charts'),
      spec: { interval: '1h', url: charts.url },
    },
    {
      apiVersion: helm,
      kind: 'HelmRelease',
      metadata: inTeam('chart'),
      spec: {
        interval: '1h',
        chart: { spec: { chart: 'chart', sourceRef: { kind: 'HelmRepository', name: 'charts' } } },
      },
    },
  ];
}

/** Controllers on a cluster, with a folder for their artifacts; disposing it stops them. */
export class Controllers implements AsyncDisposable {
  readonly #running: RunningControllers;
  readonly #folder: TemporaryDirectory;

  private constructor(running: RunningControllers, folder: TemporaryDirectory) {
    this.#running = running;
    this.#folder = folder;
  }

  static async start({ cluster }: TestCluster): Promise<Controllers> {
    const folder = await temporaryDirectory('artifacts');

    const running = await startManager({
      cluster,
      log: silentLog,
      storagePath: folder.path,
      storageAddress: '127.0.0.1:0',
    });
    await running.started;
    return new Controllers(running, folder);
  }

  until(ref: ObjectRef, fits: (object: KubeObject) => boolean): Promise<unknown> {
    const signal = AbortSignal.timeout(60_000);
    return this.#running.watches.waitFor(ref, (object) => object !== undefined && fits(object), signal);
  }

  /** Ready at its present generation. */
  ready(ref: ObjectRef): Promise<unknown> {
    return this.until(ref, ({ status, metadata }) =>
      (status?.conditions ?? []).some(
        (condition: { type: string; status: string; observedGeneration?: number }) =>
          condition.type === 'Ready' &&
          condition.status === 'True' &&
          condition.observedGeneration === metadata.generation,
      ),
    );
  }

  async [Symbol.asyncDispose]() {
    await this.#running.stop();
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** Runs a command against a cluster and answers everything that it said; throws unless it ended well. */
export async function flux(cluster: TestCluster | undefined, cwd: string, ...args: string[]): Promise<string> {
  const { exit, output } = await tryFlux(cluster, cwd, ...args);
  if (exit !== 0) throw new Error(`flux ${args.join(' ')} ended with ${exit}: ${output}`);
  return output;
}

export async function tryFlux(cluster: TestCluster | undefined, cwd: string, ...args: string[]) {
  let output = '';
  const write = (data: string | Uint8Array) => {
    output += Buffer.from(data).toString();
  };
  const connect = cluster ? { connect: async () => cluster.cluster } : {};
  const exit = await runFlux({ args, cwd, env: {}, stdout: write, stderr: write, ...connect });
  return { exit, output };
}
