import type { KubeObject } from '@flux/apimachinery';
import { DataDirectoryError } from '../errors.ts';
import { Bucket, storageKey } from './bucket.ts';
import type { Change, Database } from './database.ts';
import type { RingCapacity, StoredEvent } from './event-ring.ts';
import { deepFreeze, parseFrozen } from './freeze.ts';
import { stringifyJson } from './json.ts';

interface Pending extends Change {
  bucket: Bucket;
  event: StoredEvent;
}

export interface StoreOptions {
  database?: Database;
  /** Events kept per resource for watches that resume. */
  ringCapacity?: RingCapacity;
}

const defaultRingCapacity: RingCapacity = { events: 5000, bytes: 64 * 1024 * 1024 };

/**
 * The whole state in memory, one global revision, SQLite below when there is a data directory.
 *
 * Flow: a write changes memory at once and joins the batch of this turn of the event loop; at the end of the turn the
 * batch is committed, then listeners see its events, then `settled` resolves. Whoever answers a client awaits `settled`
 * first, so nothing that was answered or watched can be lost. After a failed commit (the disk is full) memory is ahead of the
 * disk: every request is refused with the reason, and tries the commit again first, so that the store goes on by itself
 * as soon as the disk takes writes.
 */
export class Store {
  #revision = 1;
  readonly #buckets = new Map<string, Bucket>();
  readonly #database: Database | undefined;
  readonly #ringCapacity: RingCapacity;
  #pending: Pending[] = [];
  #flushed: Promise<void> | undefined;
  #isBehind = false;
  #compactedRevision = 0;
  #forgottenRevision = 0;
  #deliveredRevision = 1;

  constructor({ database, ringCapacity = defaultRingCapacity }: StoreOptions = {}) {
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

  /** Lists that were begun before this revision cannot go on. */
  get forgottenRevision(): number {
    return this.#forgottenRevision;
  }

  /** Forgets history: what is stored of it, and unless told otherwise also what is at hand in memory. */
  compact({ keepsMemory = false }: { keepsMemory?: boolean } = {}): void {
    this.#compactedRevision = this.#revision;
    if (!keepsMemory) this.#forgottenRevision = this.#revision;
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
    this.#catchUp();
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
    this.#catchUp();
    const revision = ++this.#revision;
    bucket.delete(key);
    const final = last ?? previous;
    const object = deepFreeze({ ...final, metadata: { ...final.metadata, resourceVersion: String(revision) } });
    this.#enqueue(bucket, key, { type: 'DELETED', revision, object, previous });
    return object;
  }

  /** Resolves when everything written so far is durable. */
  async settled(): Promise<void> {
    this.#catchUp();
    if (this.#flushed) await this.#flushed;
  }

  /** Writes a consistent copy of the durable state to a new file, while requests go on. */
  async copyTo(path: string): Promise<void> {
    await this.settled();
    if (!this.#database) throw new DataDirectoryError('the API server keeps its state in memory only');
    await this.#database.copyTo(path);
  }

  async close(): Promise<void> {
    await this.settled().catch(() => undefined);
    this.#database?.close();
  }

  #enqueue(bucket: Bucket, key: string, event: StoredEvent): void {
    bucket.ring.push(event);
    this.#pending.push({ bucket, resource: bucket.resource, key, revision: event.revision, event });
    this.#flushed ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        this.#flushed = undefined;
        try {
          this.#flush();
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
    // Nobody may be waiting (a controller wrote); the failure surfaces at the next request.
    this.#flushed.catch(() => undefined);
  }

  /** Throws while the disk refuses what memory already has. */
  #catchUp(): void {
    if (this.#isBehind) this.#flush();
  }

  #flush(): void {
    const batch = this.#pending;
    if (batch.length === 0) return;
    this.#isBehind = true;
    this.#database?.commit(newestPerKey(batch));
    this.#isBehind = false;
    this.#pending = [];
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
      loaded.push([resource, key, parseFrozen(text) as KubeObject]);
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
