import type { Condition, KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import type { WaitCondition } from './scenario.ts';

const pollMs = 40;
const defaultTimeoutSec = 40;

/** Resolves when the check holds; rejects with what it said last when the time is over. */
export async function until(check: () => Promise<string | undefined>, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const missing = await check();
    if (missing === undefined) return;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s in vain: ${missing}`);
    await sleep(pollMs);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A `waitFor` step. `apiVersionOf` knows the version of a kind. */
export function waitFor(
  cluster: Cluster,
  wanted: WaitCondition,
  options: { namespace: string; apiVersionOf: (kind: string) => Promise<string> },
): Promise<void> {
  const { kind = '', name = '', ns = options.namespace, event } = wanted;
  const check = async () => {
    if (event) return findEvent(cluster, event, ns);
    const apiVersion = await options.apiVersionOf(kind);
    const object = await cluster.find({ apiVersion, kind, name, namespace: ns });
    return problemOf(object, wanted);
  };
  return until(check, (wanted.timeoutSec ?? defaultTimeoutSec) * 1000);
}

async function findEvent(
  cluster: Cluster,
  wanted: NonNullable<WaitCondition['event']>,
  namespace: string,
): Promise<string | undefined> {
  const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Event' }, { namespace });
  const isFound = items.some(
    (event) =>
      event['involvedObject'].kind === wanted.kind &&
      event['involvedObject'].name === wanted.name &&
      (wanted.reason === undefined || event['reason'] === wanted.reason) &&
      (wanted.contains === undefined || String(event['message']).includes(wanted.contains)),
  );
  return isFound ? undefined : `no event ${JSON.stringify(wanted)}`;
}

function problemOf(object: KubeObject | undefined, wanted: WaitCondition): string | undefined {
  if (wanted.absent) return object ? 'it exists' : undefined;
  if (!object) return 'it does not exist';
  if (wanted.condition !== undefined) {
    const problem = conditionProblem(object, wanted);
    if (problem) return problem;
  }
  return wanted.path === undefined ? undefined : pathProblem(object, wanted);
}

function conditionProblem(object: KubeObject, wanted: WaitCondition): string | undefined {
  const conditions: Condition[] = object['status']?.conditions ?? [];
  const found = conditions.find(({ type }) => type === wanted.condition);
  if (!found) return `no condition ${wanted.condition}`;
  const shown = JSON.stringify(found);
  if (found.status !== wanted.status) return shown;
  if (wanted.reason !== undefined && found.reason !== wanted.reason) return shown;
  if (wanted.messageContains !== undefined && !found.message.includes(wanted.messageContains)) return shown;
  if (found.observedGeneration !== undefined && found.observedGeneration !== object.metadata.generation) return shown;
  const isBusy = conditions.some(
    ({ type, status, reason }) => type === 'Reconciling' && status === 'True' && reason === 'Progressing',
  );
  // a failing release keeps its condition while it is retried (README.md)
  const mayBeBusy = object.kind === 'HelmRelease' && wanted.status === 'False';
  if (isBusy && !mayBeBusy) return `${shown}, still reconciling`;
  const isPassing = found.message.startsWith('Source artifact not found') && wanted.status === 'False';
  return isPassing ? shown : undefined;
}

function pathProblem(object: KubeObject, wanted: WaitCondition): string | undefined {
  let value: unknown = object;
  for (const part of (wanted.path ?? '').split(/[.[\]]+/).filter((piece) => piece !== '')) {
    value = (value as Record<string, unknown> | undefined)?.[part];
  }
  const shown = `${wanted.path} is ${JSON.stringify(value)}`;
  if (wanted.exists !== undefined && (value !== undefined) !== wanted.exists) return shown;
  if ('equals' in wanted && JSON.stringify(value) !== JSON.stringify(wanted.equals)) return shown;
  if ('not' in wanted && (value ?? null) === wanted.not) return shown;
  if (wanted.contains !== undefined && !String(value ?? '').includes(wanted.contains)) return shown;
  return undefined;
}
