import { gvkOf, type KubeObject, refOf } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { RenderError } from '@flux/helm';
import { WaitError } from '@flux/ssa';
import { objectsOf } from '../manifest/manifest-objects.ts';
import { placeObjects } from '../manifest/place-objects.ts';
import type { Session } from '../session.ts';
import { readConfig } from '../steps/compose-values.ts';
import { describePod } from './describe-pod.ts';
import { explainValues, findOrigins } from './explain-values.ts';

const maxLines = 5;
const workloads = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'Pod']);
const readMs = 5_000;

/**
 * Why an action failed. Of a template: the values that its line reads and where they come from. Of a wait, on lines of their own after Flux's text: the Pods that hold it up, the state of their containers and
 * their last events. Empty for other failures, and when nothing more is known.
 */
export async function explainFailure(session: Session, error: unknown): Promise<string> {
  if (error instanceof RenderError) return explainRendering(session, error);
  const [release] = session.written;
  const subjects = listedSubjects(error);
  if (!release || subjects.length === 0) return '';
  try {
    const cluster = session.target.cluster;
    const text = [release.manifest, ...release.hooks.map(({ manifest }) => manifest)].join('\n---\n');
    const { objects } = await placeObjects(cluster, objectsOf(text), release.namespace);
    const listed = objects.filter((object) => subjects.includes(subjectOf(object)));
    const signal = AbortSignal.any([session.run.signal, AbortSignal.timeout(readMs)]);
    const lines = (await Promise.all(listed.map((object) => explain(cluster, object, signal)))).flat();
    return lines
      .slice(0, maxLines)
      .map((line) => `\nWhy: ${line}`)
      .join('');
  } catch (cause) {
    session.run.log.debug('unable to find out why a wait failed', { error: String(cause) });
    return '';
  }
}

async function explainRendering({ run, chart }: Session, { message }: RenderError): Promise<string> {
  const origins = await findOrigins(run.object, chart, (kind, name) => readConfig(run, kind, name));
  return format(explainValues(message, chart, origins));
}

function format(lines: readonly string[]): string {
  return lines
    .slice(0, maxLines)
    .map((line) => `\nWhy: ${line}`)
    .join('');
}

/** `Deployment/ns/name`, as the text of the wait names those that are not ready. */
function listedSubjects(error: unknown): string[] {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof WaitError)
      return [...cause.message.matchAll(/(\w+\/\S+) status: '/g)].map(([, subject]) => subject ?? '');
  }
  return [];
}

function subjectOf({ kind, metadata }: KubeObject): string {
  return metadata.namespace ? `${kind}/${metadata.namespace}/${metadata.name}` : `${kind}/${metadata.name}`;
}

async function explain(cluster: Cluster, object: KubeObject, signal: AbortSignal): Promise<string[]> {
  const { group } = gvkOf(object);
  if (!workloads.has(object.kind) || !['', 'apps', 'batch'].includes(group)) return [];
  const pods = await podsOf(cluster, object, signal);
  const lines = await Promise.all(pods.map((pod) => describePod(cluster, pod, signal)));
  return lines.filter((line) => line !== undefined);
}

async function podsOf(cluster: Cluster, object: KubeObject, signal: AbortSignal): Promise<KubeObject[]> {
  const live = await cluster.find(refOf(object), { signal });
  if (!live) return [];
  if (live.kind === 'Pod') return [live];
  const labels: Record<string, string> = live['spec']?.selector?.matchLabels ?? {};
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join();
  if (!labelSelector) return [];
  const { namespace = '' } = live.metadata;
  return (await cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, labelSelector, signal })).items;
}
