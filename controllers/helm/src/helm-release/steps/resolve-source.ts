import type { Artifact, Condition, HelmRelease } from '@flux/api';
import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import { isOlder, keyOf, ReconcileError } from '@flux/runtime';
import type { HelmRun } from '../deps.ts';
import { preReleaseError } from './pre-release-error.ts';

/** Group and version in which kinds of sources are read and watched. */
export const sourceApiVersion = 'source.toolkit.fluxcd.io/v1';

/** A chart that can be fetched. */
export interface ChartSource {
  kind: string;
  artifact: Artifact;
  /** Of the source, as it was read. */
  resourceVersion: string;
}

/** What holds the chart: the HelmChart of the template, or `spec.chartRef`. */
export function sourceRefOf({ spec, metadata, status }: HelmRelease): ObjectRef | undefined {
  const { chartRef } = spec;
  if (chartRef) {
    const { kind, name, namespace = metadata.namespace ?? '' } = chartRef;
    return { apiVersion: chartRef.apiVersion || sourceApiVersion, kind, name, namespace };
  }
  const [namespace = '', name = ''] = status?.helmChart?.split('/') ?? [];
  return name ? { apiVersion: sourceApiVersion, kind: 'HelmChart', name, namespace } : undefined;
}

/**
 * The artifact of the chart, once its source is ready (HELM-FLOW-06, HELM-FLOW-07); `made` is the HelmChart of the template.
 * Undefined while one that was written a moment ago is on its way.
 */
export async function resolveSource(run: HelmRun, made: KubeObject | undefined): Promise<ChartSource | undefined> {
  const ref = sourceRefOf(run.object);
  if (!ref) throw preReleaseError('ArtifactFailed', 'could not get Source object: no HelmChart has been made yet');
  checkAccess(run, ref);
  const source = await findSource(run, ref, made);
  const problem = ref.kind === 'ExternalArtifact' ? withoutArtifact(source) : notReadyReason(source);
  const artifact: Artifact | undefined = source['status']?.artifact;
  if (problem === undefined && artifact) {
    return { kind: ref.kind, artifact, resourceVersion: source.metadata.resourceVersion ?? '0' };
  }
  if ((made && isOnItsWay(run, source)) || isBeingBuilt(run, source)) return undefined;
  const id = `${ref.kind} '${ref.namespace}/${ref.name}'`;
  const text = complaintAbout(run, problem ?? 'does not have an artifact');
  const afterMs = run.deps.settings.requeueDependencyMs;
  throw new ReconcileError('SourceNotReady', `${id} is not ready: ${text}`, { retry: { afterMs }, event: 'none' });
}

const unreconciled = 'latest generation of object has not been reconciled';

/** The first text is what Flux says at once of a HelmChart that it has just made; the next look tells of its problems. */
function complaintAbout({ object, deps }: HelmRun, problem: string): string {
  const made = deps.charts.get(keyOf(object));
  if (!made?.writtenAt) return problem;
  deps.charts.set(keyOf(object), { ...made, writtenAt: 0 });
  return unreconciled;
}

function checkAccess({ object, deps }: HelmRun, { kind, namespace, name }: ObjectRef): void {
  const { refusesCrossNamespaceRefs, allowsExternalArtifact } = deps.settings;
  const refuse = (message: string) => {
    throw new ReconcileError('AccessDenied', message, { retry: 'stalled', eventMetadata: {} });
  };
  if (refusesCrossNamespaceRefs && namespace !== object.metadata.namespace) {
    refuse(`cross-namespace references are not allowed: cannot access ${kind} ${namespace}/${name}`);
  }
  if (kind === 'ExternalArtifact' && !allowsExternalArtifact) {
    refuse(`can't access '${kind}/${namespace}/${name}', ExternalArtifact feature gate is disabled`);
  }
}

/** From the watch, which may lag behind: that is not good enough for a complaint. */
async function findSource(run: HelmRun, ref: ObjectRef, made: KubeObject | undefined): Promise<KubeObject> {
  if (!made) return readSource(run, ref);
  const seen = run.watches.peek(ref)?.object;
  const source = seen && isOlder(made, seen) ? seen : made;
  return notReadyReason(source) === undefined || isOnItsWay(run, source) ? source : readSource(run, ref);
}

/** We have changed it a moment ago, and it does not complain. What becomes of it wakes us. */
function isOnItsWay({ object, deps, now }: HelmRun, source: KubeObject): boolean {
  const writtenAt = deps.charts.get(keyOf(object))?.writtenAt ?? 0;
  if (now().getTime() - writtenAt >= deps.settings.chartGraceMs) return false;
  return !isFailing(source);
}

/** A source says of its present generation that it cannot be had. */
export function isFailing({ metadata, status }: KubeObject): boolean {
  const conditions: readonly Condition[] = status?.conditions ?? [];
  const ready = conditions.find(({ type }) => type === 'Ready');
  return ready?.status === 'False' && ready.observedGeneration === metadata.generation;
}

async function readSource({ cluster, signal }: HelmRun, ref: ObjectRef): Promise<KubeObject> {
  try {
    return await cluster.get(ref, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw preReleaseError('ArtifactFailed', `could not get Source object: ${messageOf(cause)}`, { cause });
  }
}

function notReadyReason(source: KubeObject): string | undefined {
  const conditions: readonly Condition[] = source['status']?.conditions ?? [];
  const isStatus = (type: string, status: string) =>
    conditions.find((condition) => condition.type === type && condition.status === status);
  if (source['status']?.observedGeneration !== source.metadata.generation) {
    return isStatus('Ready', 'False')?.message ?? unreconciled;
  }
  return isStatus('Stalled', 'True')?.message ?? withoutArtifact(source);
}

/** Longer than a chart takes to be built; what takes longer is told. */
const buildMs = 30_000;

/**
 * The source lost its artifact a moment ago and is about to have another, as after a start of source-controller with an empty
 * storage: releases that are fine shall not all be told to be not ready for that long. New ones wait for
 * the first chart, and are told why there is none.
 */
function isBeingBuilt({ object, now }: HelmRun, source: KubeObject): boolean {
  if (!object.status?.history?.length || withoutArtifact(source) === undefined) return false;
  const conditions: readonly Condition[] = source['status']?.conditions ?? [];
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'Unknown' && ready?.reason !== 'NoSourceArtifact') return false;
  return now().getTime() - Date.parse(ready.lastTransitionTime) < buildMs;
}

function withoutArtifact(source: KubeObject): string | undefined {
  return source['status']?.artifact ? undefined : 'does not have an artifact';
}
