import type { KubeObject } from '@flux/apimachinery';
import { isExpired } from '@flux/apimachinery/status-error';
import type { Cluster, KubeList, ListOptions } from './cluster.ts';

export interface ListAllOptions<T extends KubeObject> extends Omit<ListOptions, 'limit' | 'continue'> {
  /** Objects a page. Default 500, as kubectl and client-go ask for. */
  pageSize?: number;
  /** What to keep of each object; called while its page is all that is in memory of the rest. */
  keep?: (object: T) => T;
}

/**
 * A complete list, page by page. When the state that the pages are of is too old in between (410), the server is asked
 * once for everything at one go, as client-go does.
 */
export async function listAll<T extends KubeObject = KubeObject>(
  cluster: Cluster,
  kind: { apiVersion: string; kind: string },
  { pageSize = 500, keep = (object) => object, ...options }: ListAllOptions<T> = {},
): Promise<KubeList<T>> {
  const items: T[] = [];
  let page: KubeList<T> | undefined;
  do {
    try {
      const next = page?.metadata.continue;
      page = await cluster.list<T>(kind, { ...options, limit: pageSize, ...(next ? { continue: next } : {}) });
      for (const item of page.items) items.push(keep(item));
    } catch (error) {
      if (!page || !isExpired(error)) throw error;
      const { resourceVersion: _, resourceVersionMatch: _match, ...newest } = options;
      const whole = await cluster.list<T>(kind, newest);
      return { metadata: whole.metadata, items: whole.items.map(keep) };
    }
  } while (page.metadata.continue);
  return { metadata: { resourceVersion: page.metadata.resourceVersion }, items };
}
