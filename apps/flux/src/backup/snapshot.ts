import { type KubeObject, type ObjectRef, StatusError } from '@flux/apimachinery';
import type { Cluster, ListOptions } from '@flux/client';
import { BackupError } from './backup-error.ts';

type Selection = Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector'>;

const pageSize = 500;
const maxAttempts = 3;

/** The cluster at one revision: whatever is read, it is of the same moment, while controllers go on writing. */
export class Snapshot {
  readonly cluster: Cluster;
  readonly #revision: string;
  readonly #signal: AbortSignal;

  constructor(cluster: Cluster, revision: string, signal: AbortSignal) {
    this.cluster = cluster;
    this.#revision = revision;
    this.#signal = signal;
  }

  /** All objects of a kind, page by page. Those that are being deleted are left out. */
  async list(kind: { apiVersion: string; kind: string }, selection: Selection = {}): Promise<KubeObject[]> {
    const items: KubeObject[] = [];
    const options = { ...selection, limit: pageSize, signal: this.#signal };
    let next: string | undefined;
    do {
      const at = next
        ? { continue: next }
        : { resourceVersion: this.#revision, resourceVersionMatch: 'Exact' as const };
      const page = await this.cluster.list(kind, { ...options, ...at });
      items.push(...page.items.filter(({ metadata }) => metadata.deletionTimestamp === undefined));
      next = page.metadata.continue;
    } while (next);
    return items;
  }

  async find({ apiVersion, kind, namespace, name }: ObjectRef): Promise<KubeObject | undefined> {
    const where = { fieldSelector: `metadata.name=${name}`, ...(namespace ? { namespace } : {}) };
    return (await this.list({ apiVersion, kind }, where))[0];
  }
}

/** Reads at the present revision; when the cluster forgets it meanwhile, everything is read again at the then present one. */
export async function readAtOneRevision<T>(
  cluster: Cluster,
  signal: AbortSignal,
  read: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const { metadata } = await cluster.list({ apiVersion: 'v1', kind: 'Namespace' }, { limit: 1, signal });
    try {
      return await read(new Snapshot(cluster, metadata.resourceVersion, signal));
    } catch (error) {
      if (!(error instanceof StatusError) || error.statusCode !== 410) throw error;
      if (attempt < maxAttempts) continue;
      throw new BackupError('the cluster forgets its history faster than it can be read', { cause: error });
    }
  }
}
