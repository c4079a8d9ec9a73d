import { type Cluster, clusterOver, type Transport } from '@flux/client';
import { messageOf } from '@flux/errors';
import {
  type Chart,
  type InstallOptions,
  installRelease,
  type Release,
  type ReleaseCluster,
  type ReleaseContext,
  ReleaseStorage,
  type RenderRelease,
  sortManifests,
  type UpgradeOptions,
  upgradeRelease,
} from '@flux/helm';
import { clusterObjectWatch } from '@flux/ssa';
import { createReleaseWaiter } from '../waiter.ts';

interface ApiServer {
  handle: Transport['send'];
  stream: Transport['stream'];
}

/** A cluster whose requests are told of, as `GET configmaps/a`. */
export function recordingCluster(
  { server, url }: { server: ApiServer; url: string },
  record: (request: string) => void,
): Cluster {
  const transport: Transport = {
    send(request) {
      record(`${request.method} ${request.path.split('/').slice(-2).join('/')}`);
      return server.handle(request);
    },
    stream: (request) => server.stream(request),
    close: async () => {},
  };
  return clusterOver(transport, url);
}

/** The text of a failure, or `no error`. */
export function failureOf(action: Promise<unknown>): Promise<string> {
  return action.then(() => 'no error', messageOf);
}

/** What an action works with, in one namespace for everything. */
export function releaseContext(
  cluster: Cluster,
  namespace: string,
  { through = cluster, fieldManager = 'helm-controller' }: { through?: ReleaseCluster; fieldManager?: string } = {},
): ReleaseContext & { writes: string[] } {
  const writes: string[] = [];
  const storage = new ReleaseStorage({
    cluster: through,
    namespace,
    fieldManager,
    onWrite: ({ version, info }, write) => void writes.push(`${write} v${version} ${info.status}`),
  });
  const waiter = createReleaseWaiter({ cluster, watch: clusterObjectWatch(cluster) });
  return { cluster: through, storage, waiter, fieldManager, writes };
}

/** A chart of which only the name matters: what it renders to is said by `rendering`. */
function chartNamed(name: string, version = '1.0.0'): Chart {
  const metadata = { name, version, apiVersion: 'v2', description: `Chart <${name}> & more` };
  const template = { name: 'templates/all.yaml', data: Buffer.from('# all') };
  return { metadata, values: { replicas: 1 }, templates: [template], files: [], raw: [], dependencies: [] };
}

/** Renders to these documents, hooks among them. */
function rendering(...documents: string[]): RenderRelease {
  return () => {
    const { hooks, manifests } = sortManifests(new Map([['app/templates/all.yaml', documents.join('\n---\n')]]));
    const manifest = manifests.map(({ path, text }) => `---\n# Source: ${path}\n${text}\n`).join('');
    return { manifest, hooks, notes: 'thanks' };
  };
}

export function configMap(name: string, value: string, annotations: Record<string, string> = {}): string {
  const metadata = { name, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) };
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { key: value } });
}

export function hookMap(name: string, events: string, annotations: Record<string, string> = {}): string {
  return configMap(name, events, { 'helm.sh/hook': events, ...annotations });
}

interface Changes<T> {
  documents: readonly string[];
  options?: Partial<T>;
}

export function install(
  context: ReleaseContext,
  namespace: string,
  { documents, options }: Changes<InstallOptions>,
): Promise<Release> {
  return installRelease(context, {
    name: 'app',
    namespace,
    chart: chartNamed('app'),
    values: { color: 'blue' },
    render: rendering(...documents),
    timeoutMs: 60_000,
    ...options,
  });
}

export function upgrade(context: ReleaseContext, { documents, options }: Changes<UpgradeOptions>): Promise<Release> {
  return upgradeRelease(context, {
    name: 'app',
    chart: chartNamed('app', '1.1.0'),
    values: { color: 'green' },
    render: rendering(...documents),
    timeoutMs: 60_000,
    ...options,
  });
}
