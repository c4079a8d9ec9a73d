import { serveCharts, startEmbeddedCluster, startGitServer, startRealCluster } from '@flux/testkit';
import { describeRoundTrip } from './round-trip.suite.ts';

describeRoundTrip('backup and restore, on Kubernetes', {
  startEmbedded: startEmbeddedCluster,
  start: startRealCluster,
  startSources: async () => ({ git: await startGitServer(), charts: await serveCharts() }),
});
