import { startRealCluster } from '@flux/testkit';
import { describeRoundTrip } from './round-trip.suite.ts';

describeRoundTrip('backup and restore, on Kubernetes', startRealCluster);
