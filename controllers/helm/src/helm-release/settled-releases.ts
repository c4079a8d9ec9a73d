import type { HelmReleaseSnapshot } from '@flux/api';
import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import type { StoredRevision } from '@flux/helm';
import { type KindRef, keyOf, type ObjectView, type WatchCache } from '@flux/runtime';

/** A release as it was found to be as wanted, with all that this depends on. */
export interface SettledRelease {
  readonly generation: number;
  readonly chart: string;
  readonly configDigest: string;
  readonly snapshot: HelmReleaseSnapshot;
  readonly storageNamespace: string;
  /** Of the last revision. */
  readonly stored: StoredRevision;
  /** Objects that were compared; none when drift is not looked for. */
  readonly objects: readonly ObjectMark[];
}

/** What an object was known by when it was compared. */
export interface ObjectMark {
  readonly ref: ObjectRef;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number | undefined;
  readonly labels: string;
}

const releaseIndex = 'release';

/**
 * Remembers releases that were as wanted. As long as the watches of metadata say that neither their Secrets nor their objects
 * were touched, they still are, without a request: an idle cluster costs nothing.
 */
export class SettledReleases implements Disposable {
  readonly #settled = new Map<string, Pick<SettledRelease, 'stored' | 'objects'> & { circumstances: string }>();
  readonly #views = new Map<string, ObjectView>();

  remember(key: string, release: SettledRelease, watches: WatchCache): void {
    const { stored, objects } = release;
    this.#settled.set(key, { circumstances: formatCircumstances(release), stored, objects });
    this.#secrets(watches); // so that they are known the next time
    for (const { ref } of objects) this.#released(watches, ref);
  }

  forget(key: string): void {
    this.#settled.delete(key);
  }

  /** Whether nothing changed since; `release` is without what storage and cluster say. */
  isUntouched(key: string, release: Omit<SettledRelease, 'stored' | 'objects'>, watches: WatchCache): boolean {
    const known = this.#settled.get(key);
    if (known?.circumstances !== formatCircumstances(release)) return false;
    const id = `${release.storageNamespace}/${release.snapshot.name}`;
    return (
      isSame(newestOf(this.#secrets(watches), id), known.stored) &&
      known.objects.every((mark) => isUnchanged(this.#released(watches, mark.ref), mark))
    );
  }

  [Symbol.dispose](): void {
    for (const view of this.#views.values()) view[Symbol.dispose]();
    this.#views.clear();
  }

  #secrets(watches: WatchCache): ObjectView {
    return this.#view(watches, { apiVersion: 'v1', kind: 'Secret' }, 'owner=helm');
  }

  #released(watches: WatchCache, { apiVersion, kind }: ObjectRef): ObjectView {
    return this.#view(watches, { apiVersion, kind }, 'app.kubernetes.io/managed-by=Helm');
  }

  #view(watches: WatchCache, kind: KindRef, labelSelector: string): ObjectView {
    const key = JSON.stringify([kind.apiVersion, kind.kind, labelSelector]);
    let view = this.#views.get(key);
    if (!view) {
      view = watches.view(kind, { labelSelector, metadataOnly: true });
      if (labelSelector === 'owner=helm') view.addIndex(releaseIndex, releaseOf);
      this.#views.set(key, view);
    }
    return view;
  }
}

/** What the object and its sources say, as one text. */
function formatCircumstances(release: Omit<SettledRelease, 'stored' | 'objects'>): string {
  const { generation, chart, configDigest, snapshot, storageNamespace } = release;
  return JSON.stringify([generation, chart, configDigest, Object.entries(snapshot).toSorted(), storageNamespace]);
}

function releaseOf({ metadata }: KubeObject): string[] {
  const name = metadata.labels?.['name'];
  return name ? [`${metadata.namespace}/${name}`] : [];
}

function newestOf(secrets: ObjectView, release: string): KubeObject | undefined {
  if (!secrets.isSynced) return undefined;
  const version = ({ metadata }: KubeObject) => Number(metadata.labels?.['version'] ?? 0);
  return secrets
    .byIndex(releaseIndex, release)
    .reduce<KubeObject | undefined>(
      (newest, secret) => (newest && version(newest) > version(secret) ? newest : secret),
      undefined,
    );
}

function isSame(secret: KubeObject | undefined, stored: StoredRevision): boolean {
  return secret?.metadata.uid === stored.uid && secret.metadata.resourceVersion === stored.resourceVersion;
}

/** Where there is a generation, it counts what is wanted of the object; a status may change at any time. */
function isUnchanged(view: ObjectView, { ref, uid, resourceVersion, generation, labels }: ObjectMark): boolean {
  if (!view.isSynced) return false;
  const found = view.get(keyOf({ metadata: ref }));
  if (!found || found.metadata.uid !== uid) return false;
  if (found.metadata.resourceVersion === resourceVersion) return true;
  return generation !== undefined && found.metadata.generation === generation && labelsOf(found) === labels;
}

/** The mark of an object as it was read. */
export function markOf(ref: ObjectRef, { metadata }: KubeObject): ObjectMark {
  const { uid = '', resourceVersion = '', generation } = metadata;
  return { ref, uid, resourceVersion, generation, labels: labelsOf({ metadata }) };
}

function labelsOf({ metadata: { labels, annotations, deletionTimestamp } }: Pick<KubeObject, 'metadata'>): string {
  return JSON.stringify([labels, annotations, deletionTimestamp]);
}
