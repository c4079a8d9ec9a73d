import { setTimeout as delay } from 'node:timers/promises';
import { type KubeObject, refOf } from '@flux/apimachinery';
import { type Cluster, NoMatchError } from '@flux/client';
import { fieldAt } from './kstatus/fields.ts';
import { isCustomResourceDefinition } from './normalize/normalize.ts';
import { clusterObjectWatch } from './object-watch.ts';
import { waitForReady } from './wait.ts';

const lookAgainMs = 50;

interface DefinitionWait {
  timeoutMs: number;
  signal?: AbortSignal;
}

/** Applies CustomResourceDefinitions, and waits for them as `waitForDefinitions` does. */
export async function applyDefinitions(
  cluster: Cluster,
  definitions: readonly KubeObject[],
  { fieldManager, ...options }: DefinitionWait & { fieldManager: string },
): Promise<void> {
  const signal = options.signal ? { signal: options.signal } : {};
  for (const definition of definitions) await cluster.apply(definition, { fieldManager, force: true, ...signal });
  await waitForDefinitions(cluster, definitions, options);
}

/**
 * Waits until CustomResourceDefinitions that were applied are Established, and until discovery lists what they serve. Rejects
 * with a `WaitError` when they are not Established in time, or with the signal's reason.
 */
export async function waitForDefinitions(
  cluster: Cluster,
  definitions: readonly KubeObject[],
  options: DefinitionWait,
): Promise<void> {
  const targets = definitions.map((definition) => ({ ref: refOf(definition) }));
  await waitForReady(cluster, targets, { watch: clusterObjectWatch(cluster), ...options });
  cluster.invalidate();
  await waitUntilServed(cluster, definitions, options);
}

/**
 * Waits until discovery lists the kinds that these CustomResourceDefinitions serve: a real API server does so a moment after it
 * says Established, and there is no watch on discovery. Other objects are passed over. When the time is over it resolves all the
 * same; whoever needs the kind is then told that it is missing. Rejects only when the signal ends it or discovery fails.
 */
export async function waitUntilServed(
  cluster: Pick<Cluster, 'mapping'>,
  objects: readonly KubeObject[],
  { timeoutMs, signal }: DefinitionWait,
): Promise<void> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const end = signal ? AbortSignal.any([signal, timeout]) : timeout;
  for (const kind of objects.filter(isCustomResourceDefinition).flatMap(kindsOf)) {
    while (!end.aborted && !(await isListed(cluster, kind))) {
      await delay(lookAgainMs, undefined, { signal: end }).catch(() => {});
    }
  }
  signal?.throwIfAborted();
}

async function isListed(
  cluster: Pick<Cluster, 'mapping'>,
  kind: { apiVersion: string; kind: string },
): Promise<boolean> {
  try {
    await cluster.mapping(kind);
    return true;
  } catch (error) {
    if (error instanceof NoMatchError) return false;
    throw error;
  }
}

function kindsOf(definition: KubeObject): { apiVersion: string; kind: string }[] {
  const group = fieldAt(definition, 'spec', 'group');
  const kind = fieldAt(definition, 'spec', 'names', 'kind');
  const versions = fieldAt(definition, 'spec', 'versions');
  if (typeof group !== 'string' || typeof kind !== 'string' || !Array.isArray(versions)) return [];
  const served = versions.filter((version) => version?.served === true && typeof version.name === 'string');
  return served.map(({ name }) => ({ apiVersion: `${group}/${name}`, kind }));
}
