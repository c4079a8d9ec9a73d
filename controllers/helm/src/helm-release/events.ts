import type { HelmReleaseSnapshot } from '@flux/api';
import type { RunEvent } from '@flux/runtime';
import type { HelmRun } from './deps.ts';

interface Subject {
  chartVersion: string;
  configDigest: string;
  appVersion?: string | undefined;
  ociDigest?: string | undefined;
}

/** The metadata of an event about a revision (HELM-CTRL-01). */
function eventMetadata({ chartVersion, configDigest, appVersion, ociDigest }: Subject): Record<string, string> {
  const prefix = 'helm.toolkit.fluxcd.io';
  return {
    [`${prefix}/revision`]: chartVersion,
    [`${prefix}/token`]: configDigest,
    ...(appVersion ? { [`${prefix}/app-version`]: appVersion } : {}),
    ...(ociDigest ? { [`${prefix}/oci-digest`]: ociDigest } : {}),
  };
}

interface ReleaseEvent {
  type: RunEvent['type'];
  reason: string;
  message: string;
  about?: Subject | HelmReleaseSnapshot;
}

/** Tells of an action; without `about` there is no metadata. */
export function emit(run: HelmRun, { type, reason, message, about }: ReleaseEvent): void {
  const metadata = about ? eventMetadata(about) : {};
  run.event({ type, reason, message, metadata, replaceMetadata: true });
}
