import { clusterOver } from './api-cluster.ts';
import type { Cluster, ImpersonatedUser, Transport } from './cluster.ts';
import { type Connection, staticCredentials } from './connection.ts';
import { connectionOf } from './context-connection.ts';
import { type HttpTransportOptions, httpTransport } from './http-transport.ts';
import { inClusterConnection, isInCluster } from './in-cluster.ts';
import { KubeconfigError, selectContext } from './kubeconfig.ts';
import { loadKubeconfig } from './kubeconfig-files.ts';
import { type RemoteKubeconfigOptions, selectRemoteContext } from './remote-kubeconfig.ts';

export interface ConnectOptions extends HttpTransportOptions {
  /** Path of a kubeconfig file. Unset: KUBECONFIG, `~/.kube/config`, then the Pod's own service account. */
  kubeconfig?: string;
  /** The kubeconfig itself. */
  kubeconfigText?: string;
  /** The text came from the cluster (a Secret): only its harmless parts are used. */
  remote?: RemoteKubeconfigOptions;
  context?: string;
  /** Only the Pod's own service account. */
  inCluster?: boolean;
  /** A transport made by the caller; nothing else is read then but `server` for messages. */
  transport?: Transport;
  /** Overrides of the kubeconfig, as kubectl's flags of these names. */
  server?: string;
  token?: string;
  impersonate?: ImpersonatedUser;
  env?: Readonly<Record<string, string | undefined>>;
}

/** Finds, reads and resolves the configuration as kubectl does. No request is sent before the first use. */
export async function connectCluster(options: ConnectOptions = {}): Promise<Cluster> {
  const cluster = options.transport
    ? clusterOver(options.transport, options.server ?? 'embedded')
    : await connectHttp(options);
  return options.impersonate ? cluster.impersonate(options.impersonate) : cluster;
}

async function connectHttp(options: ConnectOptions): Promise<Cluster> {
  const connection = override(await resolveConnection(options), options);
  return clusterOver(httpTransport(connection, options), connection.server, { ownsBodies: true });
}

/** Where the cluster is and how to log in, without a client. */
export async function resolveConnection(options: ConnectOptions = {}): Promise<Connection> {
  if (options.inCluster) return inClusterConnection(options.env ? { env: options.env } : {});
  const config = await loadKubeconfig({
    ...(options.kubeconfig === undefined ? {} : { path: options.kubeconfig }),
    ...(options.kubeconfigText === undefined ? {} : { text: options.kubeconfigText }),
    ...(options.env ? { env: options.env } : {}),
  });
  if (config && options.remote) return connectionOf(selectRemoteContext(config, options.remote), options.env);
  const wanted = options.context ?? config?.currentContext ?? '';
  if (config && (wanted !== '' || config.contexts.size > 0))
    return connectionOf(selectContext(config, wanted), options.env);
  if (options.server) return { server: options.server };
  if (isInCluster(options.env)) return inClusterConnection(options.env ? { env: options.env } : {});
  throw new KubeconfigError(
    'no configuration has been provided: set KUBECONFIG, pass --kubeconfig, or create ~/.kube/config',
  );
}

function override(connection: Connection, options: ConnectOptions): Connection {
  const { token } = options;
  return {
    ...connection,
    ...(options.server ? { server: options.server } : {}),
    ...(token ? { credentials: staticCredentials({ authorization: `Bearer ${token}` }) } : {}),
  };
}
