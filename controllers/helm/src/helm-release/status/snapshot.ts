import type { HelmReleaseSnapshot } from '@flux/api';
import { type DigestAlgorithm, DigestError, digest, parseDigest } from '@flux/crypto';
import { formatTime, parseTime } from '@flux/gotypes';
import { digestValues, type Release } from '@flux/helm';
import { formatObservation, isTestHook, trimTime } from './observation.ts';

/** Version of the way in which digests are made; snapshots of another version are not compared. */
const snapshotApiVersion = 'v2';

interface SnapshotOptions {
  algorithm: DigestAlgorithm;
  /** Digest of the OCI artifact that the chart came from. */
  ociDigest?: string | undefined;
}

/** What is remembered of a revision that was written to Helm's storage (HELM-STAT-01). */
export async function snapshotOf(release: Release, options: SnapshotOptions): Promise<HelmReleaseSnapshot> {
  const { algorithm, ociDigest } = options;
  const { metadata } = release.chart;
  const deleted = shortTime(release.info.deleted);
  const firstDeployed = shortTime(release.info.first_deployed) ?? formatTime(new Date(0));
  return {
    apiVersion: snapshotApiVersion,
    digest: await digest(algorithm, formatObservation(release, ociDigest)),
    name: release.name,
    namespace: release.namespace,
    version: release.version,
    status: release.info.status,
    chartName: metadata.name,
    chartVersion: metadata.version,
    ...(metadata.appVersion ? { appVersion: metadata.appVersion } : {}),
    configDigest: await digestValues(release.config ?? {}, algorithm),
    firstDeployed,
    lastDeployed: shortTime(release.info.last_deployed) ?? firstDeployed,
    ...(deleted ? { deleted } : {}),
    ...(ociDigest ? { ociDigest } : {}),
  };
}

function shortTime(time: string | undefined): string | undefined {
  const trimmed = trimTime(time);
  return trimmed === undefined ? undefined : formatTime(parseTime(trimmed));
}

export type Verification = 'same' | 'changed' | 'unreadable';

/** Whether a stored release is the one that the snapshot was made of, by the algorithm of its digest (HELM-STATE 4). */
export async function verifySnapshot(snapshot: HelmReleaseSnapshot, release: Release): Promise<Verification> {
  if (snapshot.apiVersion !== snapshotApiVersion) return 'same';
  try {
    const { algorithm } = parseDigest(snapshot.digest);
    const actual = await digest(algorithm, formatObservation(release, snapshot.ociDigest));
    return actual === snapshot.digest ? 'same' : 'changed';
  } catch (error) {
    if (error instanceof DigestError) return 'unreadable';
    throw error;
  }
}

type TestHooks = NonNullable<HelmReleaseSnapshot['testHooks']>;

/** Results of the tests of a release, by name. */
export function testHooksOf(release: Release): TestHooks {
  const entries = release.hooks.filter(isTestHook).map(({ name, last_run }): [string, TestHooks[string]] => {
    const lastStarted = shortTime(last_run.started_at);
    if (!lastStarted) return [name, {}];
    const lastCompleted = shortTime(last_run.completed_at);
    return [name, { lastStarted, ...(lastCompleted ? { lastCompleted } : {}), phase: last_run.phase }];
  });
  return Object.fromEntries(entries);
}
