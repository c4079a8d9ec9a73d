import { startEmbeddedCluster } from '@flux/testkit';
import { describeRoundTrip } from './round-trip.suite.ts';

describeRoundTrip('backup and restore, embedded', startEmbeddedCluster);
