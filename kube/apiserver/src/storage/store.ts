import type { KubeObject } from '@flux/apimachinery';
import { Bucket, storageKey } from './bucket.ts';
import type { Change, Database } from './database.ts';
import type { StoredEvent } from './event-ring.ts';
import { deepFreeze } from './freeze.ts';
import { parseJson, stringifyJson } from './json.ts';

interface Pending extends Change {
  bucket: Bucket;
  event: StoredEvent;
}

export interface StoreOptions {
  database?: Database;
  /** Events kept per resource for watches that resume. */
  ringCapacity?: number;
}

/**
 * The whole state in memory, one global revision, SQLite below when there is a data directory.
 *
 * Flow: a write changes memory at once and joins the batch of this turn of the event loop; at the end of the turn the
 * batch is committed, then listeners see its events, then `settled` resolves. Whoever answers a client awaits `settled`
 * first, so nothing that was answered or watched can be lost. A failed commit stops the store: memory is then ahead of
 * the disk, and no later answer may claim otherwise.
 */
export class Store {
  #revision = 1;
  readonly #buckets = new Map<string, Bucket>();
  readonly #database: Database | undefined;
  readonly #ringCapacity: number;
  #pending: Pending[] = [];
  #flushed: Promise<void> | undefined;
  #failure: unknown;
  #compactedRevision = 0;
  #deliveredRevision = 1;

  constructor({ database, ringCapacity = 5000 }: StoreOptions = {}) {
    this.#database = database;
    this.#ringCapacity = ringCapacity;
    if (database) this.#load(database);
  }

  get revision(): number {
    return this.#revision;
  }

  /** Every event up to here has reached all listeners. */
  get deliveredRevision(): number {
    return this.#deliveredRevision;
  }

  /** Lists at exact revisions up to this one answer 410. */
  get compactedRevision(): number {
    return this.#compactedRevision;
  }

  compact(): void {
    this.#compactedRevision = this.#revision;
  }

  bucket(resource: string): Bucket {
    let bucket = this.#buckets.get(resource);
    if (!bucket) {
      bucket = new Bucket(resource, this.#revision, this.#ringCapacity);
      this.#buckets.set(resource, bucket);
    }
    return bucket;
  }

  /** Forgets a resource that is no longer served (its CRD is gone); its objects were deleted before. */
  dropBucket(resource: string): void {
    this.#buckets.delete(resource);
  }

  /** Stores `object` under the next revision and answers the stored, frozen object. */
  put(bucket: Bucket, object: KubeObject): KubeObject {
    const revision = ++this.#revision;
    const key = storageKey(object.metadata.namespace, object.metadata.name);
    const stored = deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } });
    const previous = bucket.get(key);
    bucket.set(key, stored);
    const event: StoredEvent = previous
      ? { type: 'MODIFIED', revision, object: stored, previous }
      : { type: 'ADDED', revision, object: stored };
    this.#enqueue(bucket, key, event);
    return stored;
  }

  /** Removes the object; the event carries `last` (by default the stored state) with the revision of the removal. */
  remove(bucket: Bucket, key: string, last?: KubeObject): KubeObject | undefined {
    const previous = bucket.get(key);
    if (!previous) return undefined;
    const revision = ++this.#revision;
    bucket.delete(key);
    const final = last ?? previous;
    const object = deepFreeze({ ...final, metadata: { ...final.metadata, resourceVersion: String(revision) } });
    this.#enqueue(bucket, key, { type: 'DELETED', revision, object, previous });
    return object;
  }

  /** Resolves when everything written so far is durable. */
  async settled(): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (this.#flushed) await this.#flushed;
  }

  async close(): Promise<void> {
    await this.settled().catch(() => undefined);
    this.#database?.close();
  }

  #enqueue(bucket: Bucket, key: string, event: StoredEvent): void {
    if (this.#failure) throw this.#failure;
    bucket.ring.push(event);
    this.#pending.push({ bucket, resource: bucket.resource, key, revision: event.revision, event });
    this.#flushed ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        try {
          this.#flush();
          resolve();
        } catch (error) {
          this.#failure = error;
          reject(error);
        }
      });
    });
    // Nobody may be waiting (a controller wrote); the failure surfaces at the next write.
    this.#flushed.catch(() => undefined);
  }

  #flush(): void {
    const batch = this.#pending;
    this.#pending = [];
    this.#flushed = undefined;
    if (this.#database) this.#database.commit(newestPerKey(batch));
    this.#deliveredRevision = batch[batch.length - 1]!.revision;
    this.#notify(batch);
  }

  #notify(batch: readonly Pending[]): void {
    const events = new Map<Bucket, StoredEvent[]>();
    for (const { bucket, event } of batch) {
      const list = events.get(bucket);
      if (list) list.push(event);
      else events.set(bucket, [event]);
    }
    for (const [bucket, list] of events) {
      for (const listener of [...bucket.listeners]) listener(list);
    }
  }

  #load(database: Database): void {
    const loaded: [string, string, KubeObject][] = [];
    const revision = database.load((resource, key, text) => {
      loaded.push([resource, key, deepFreeze(parseJson(text) as KubeObject)]);
    });
    this.#revision = Math.max(revision, 1);
    this.#deliveredRevision = this.#revision;
    for (const [resource, key, object] of loaded) this.bucket(resource).set(key, object);
  }
}

/** Within a batch only the last state of an object needs to reach the disk. */
function newestPerKey(batch: readonly Pending[]): Change[] {
  const newest = new Map<string, Change>();
  for (const { resource, key, revision, event } of batch) {
    const id = `${resource}\0${key}`;
    newest.delete(id);
    newest.set(id, {
      resource,
      key,
      revision,
      ...(event.type === 'DELETED' ? {} : { text: stringifyJson(event.object) }),
    });
  }
  return [...newest.values()];
}
