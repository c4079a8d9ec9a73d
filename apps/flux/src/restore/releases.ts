import { type KubeObject, type ObjectRef, refOf } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { readStoredRelease } from '@flux/helm';
import { objectsOf } from '@flux/helm-controller';
import { identityOf } from '@flux/ssa';
import { type HelmStorage, helmSelector, helmStorageOf, releaseOf, storageKey } from '../backup/helm-storage.ts';
import { findLive } from '../find-live.ts';
import { objectId } from '../object-id.ts';
import { listAll } from '../objects.ts';
import { isSame } from './compare.ts';

/** What becomes of the releases of HelmReleases in this cluster. */
export interface Releases {
  /** Whether a Secret is of a release that goes on; other Secrets are none of ours. */
  keeps(secret: KubeObject): boolean;
  /** Whether a HelmRelease goes on with its release; otherwise it begins without history. */
  continues(helmRelease: KubeObject): boolean;
}

/**
 * A release goes on when the cluster has it: its Secrets, or with those of the archive any of its objects. Where nothing of
 * it is, Helm's Secrets would tell the controller of a deployed release, and nothing would be installed. Where Helm has
 * gone on since, the cluster's Secrets are the truth and those of the archive stay out.
 */
export async function decideReleases(cluster: Cluster, objects: readonly KubeObject[]): Promise<Releases> {
  const storages = objects.flatMap(helmStorageOf);
  const archived = secretsByRelease(objects);
  const live = secretsByRelease(await readStorage(cluster, storages));
  const inArchive = new Set(objects.map(objectId));
  const decisions = new Map<string, Decision>();
  for (const key of new Set(storages.map(storageKey))) {
    const [before, now] = [archived.get(key) ?? [], live.get(key) ?? []];
    decisions.set(key, await decide(cluster, before, now, inArchive));
  }
  const decisionOf = (storage: HelmStorage) => decisions.get(storageKey(storage));
  return {
    keeps(secret) {
      const release = releaseOf(secret);
      return release === undefined || decisionOf(release) === 'restore';
    },
    continues: (helmRelease) => helmStorageOf(helmRelease).every((storage) => decisionOf(storage) !== 'anew'),
  };
}

/** `keep`: the cluster has the release and knows better. */
type Decision = 'restore' | 'keep' | 'anew';

async function decide(
  cluster: Cluster,
  archived: readonly KubeObject[],
  live: readonly KubeObject[],
  inArchive: ReadonlySet<string>,
): Promise<Decision> {
  const byId = new Map(archived.map((secret) => [objectId(secret), secret]));
  const isOfArchive = (secret: KubeObject) => {
    const same = byId.get(objectId(secret));
    return same !== undefined && isSame(same, secret);
  };
  if (!live.every(isOfArchive)) return 'keep';
  return live.length > 0 || (await hasObjects(cluster, archived, inArchive)) ? 'restore' : 'anew';
}

function secretsByRelease(objects: readonly KubeObject[]): Map<string, KubeObject[]> {
  const secrets = objects.filter((object) => releaseOf(object) !== undefined);
  return Map.groupBy(secrets, (secret) => storageKey(releaseOf(secret) as HelmStorage));
}

async function readStorage(cluster: Cluster, storages: readonly HelmStorage[]): Promise<KubeObject[]> {
  const found: KubeObject[] = [];
  for (const namespace of new Set(storages.map((storage) => storage.namespace))) {
    const where = { namespace, labelSelector: helmSelector };
    found.push(...(await listAll(cluster, { apiVersion: 'v1', kind: 'Secret' }, where)));
  }
  return found;
}

/** Whether any object of the newest revision is in the cluster, or comes into it with the archive. */
async function hasObjects(
  cluster: Cluster,
  secrets: readonly KubeObject[],
  inArchive: ReadonlySet<string>,
): Promise<boolean> {
  const revision = ({ metadata }: KubeObject) => Number(metadata.labels?.['version'] ?? 0);
  const newest = [...secrets].sort((a, b) => revision(b) - revision(a))[0];
  if (!newest) return false;
  for (const ref of await objectsIn(newest)) {
    if (inArchive.has(identityOf(ref)) || (await findLive(cluster, ref))) return true;
  }
  return false;
}

async function objectsIn(secret: KubeObject): Promise<ObjectRef[]> {
  const { manifest, namespace } = await readStoredRelease(secret);
  return objectsOf(manifest).map((object) => ({ namespace, ...refOf(object) }));
}
