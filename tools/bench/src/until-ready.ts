import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';

/** Works on all items, 20 at a time unless told. */
export async function inParallel<T>(
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
  concurrency = 20,
): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

/** Resolves when `expected` objects of the kind are Ready for their generation, by watching them. */
export async function untilReady(cluster: Cluster, apiVersion: string, kind: string, expected: number): Promise<void> {
  const abort = new AbortController();
  const ready = new Set<string>();
  // a server ends watches of a kind whose definition it has just been given
  while (ready.size < expected) {
    for await (const event of cluster.watch({ apiVersion, kind }, { signal: abort.signal, resourceVersion: '0' })) {
      if (event.type === 'ERROR') throw new Error(`watching ${kind} failed: ${JSON.stringify(event.object)}`);
      if (event.type !== 'BOOKMARK' && isReady(event.object)) ready.add(event.object.metadata.name);
      if (ready.size >= expected) break;
    }
  }
  abort.abort();
}

function isReady(object: KubeObject): boolean {
  const conditions = (object['status']?.conditions ?? []) as { type: string; status: string }[];
  const observed = object['status']?.observedGeneration === object.metadata.generation;
  return observed && conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}
