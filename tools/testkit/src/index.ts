/**
 * Servers and clusters for tests: real protocols on free ports of the loopback, no fakes. Start with what you need; each is
 * disposed with `await using` or `close()`.
 */
export { type EmbeddedCluster, startEmbeddedCluster } from './clusters/embedded-cluster.ts';
export { isRealClusterBuilt, startRealCluster } from './clusters/real-cluster.ts';
export { installCrds, type TestCluster } from './clusters/test-cluster.ts';
export { startGitServer, type TestGitServer, type TestGitServerOptions } from './git/http-server.ts';
export { type CommitOptions, TestRepositories } from './git/repositories.ts';
export { startSshGitServer, type TestSshGitServer } from './git/ssh-server.ts';
export { MissingProgramError } from './missing-program.ts';
export {
  type ChartRequest,
  type ChartServer,
  type ChartServerOptions,
  packChart,
  serveCharts,
} from './servers/chart-server.ts';
export { type HelmRepositoryOptions, startHelmRepository } from './servers/helm-repository.ts';
export { type NotificationSink, type ReceivedRequest, startNotificationSink } from './servers/notification-sink.ts';
export { type RegistryOptions, startRegistry, type TestRegistry } from './servers/registry-server.ts';
export type { TestHttpServer } from './servers/serve-http.ts';
export { startTokenServer, type TestTokenServer, type TokenServerOptions } from './servers/token-server.ts';
