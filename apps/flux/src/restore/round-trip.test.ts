import { serveCharts, startEmbeddedCluster, startGitServer } from '@flux/testkit';
import { describeRoundTrip } from './round-trip.suite.ts';

describeRoundTrip('backup and restore, embedded', {
  startEmbedded: startEmbeddedCluster,
  start: startEmbeddedCluster,
  startSources: async () => ({ git: await startGitServer(), charts: await serveCharts() }),
});
