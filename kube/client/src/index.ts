/**
 * Talks to a Kubernetes API server. Start with `cluster.ts`, the one interface that everything above uses; `connectCluster`
 * gives one from a kubeconfig, `clusterOver` one over any transport.
 */
export { type ClusterOptions, clusterOver } from './api-cluster.ts';
export type {
  ApplyOptions,
  Cluster,
  DeleteOptions,
  KubeList,
  ListOptions,
  PatchType,
  ResourceMapping,
  Transport,
  TransportRequest,
  TransportResponse,
  WatchEvent,
  WriteOptions,
} from './cluster.ts';
export { type ConfigMapClusterOptions, connectByConfigMap } from './config-map-cluster.ts';
export { type ConnectOptions, connectCluster, resolveConnection } from './connect.ts';
export { type Connection, type Credentials, type Identity, staticCredentials } from './connection.ts';
export { ConnectionError } from './connection-error.ts';
export { type HttpTransportOptions, httpTransport } from './http-transport.ts';
export { formatJson } from './json.ts';
export { StreamError } from './json-lines.ts';
export { type Kubeconfig, KubeconfigError, mergeKubeconfigs, selectContext } from './kubeconfig.ts';
export { type KubeconfigLocation, loadKubeconfig } from './kubeconfig-files.ts';
export { type ListAllOptions, listAll } from './list-all.ts';
export { type RemoteKubeconfigOptions, selectRemoteContext } from './remote-kubeconfig.ts';
export { NoMatchError } from './resource-map.ts';
export { InvalidNameError } from './resource-path.ts';
export { ServiceAccountTokens, type TokenCacheOptions } from './service-account-tokens.ts';
