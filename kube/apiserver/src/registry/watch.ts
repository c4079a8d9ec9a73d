import type { KubeObject } from '@flux/apimachinery';
import { failure, internalError } from '../status.ts';
import type { Bucket, EventListener } from '../storage/bucket.ts';
import type { StoredEvent } from '../storage/event-ring.ts';
import type { Api } from './api.ts';
import type { ListOptions } from './list-options.ts';
import type { Resource } from './resource.ts';
import { parseSelection, type Selection } from './selection.ts';

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

/** Where the events of one watch go. */
export interface WatchSink {
  /** `object` is as stored; for BOOKMARK and ERROR it is complete. */
  send(type: WatchEventType, object: KubeObject): void;
  end(): void;
}

const defaultTimeoutMs = 45 * 60_000;
const bookmarkLeadMs = 2_000;
const bookmarkIntervalMs = 60_000;

/** One watch of one resource. `start` replays what the options ask for and then follows the bucket without a gap. */
export class Watch {
  readonly #api: Api;
  readonly #bucket: Bucket;
  readonly #options: ListOptions;
  readonly #selection: Selection;
  readonly #resource: Resource;
  #sink: WatchSink | undefined;
  #timers: NodeJS.Timeout[] = [];
  #seenRevision = 0;
  #announcedStart = false;
  #listener: EventListener = (events) => this.#forward(events);

  constructor(
    api: Api,
    resource: Resource,
    options: ListOptions,
    where: { namespace: string | undefined; name?: string | undefined },
  ) {
    this.#api = api;
    this.#resource = resource;
    this.#bucket = resource.bucket;
    this.#options = options;
    this.#selection = parseSelection(resource, { ...options, ...where });
    if (options.resourceVersion !== '' && !/^\d{1,19}$/.test(options.resourceVersion)) {
      const text = JSON.stringify(options.resourceVersion);
      throw internalError(
        `resourceVersion: Invalid value: ${text}: strconv.ParseUint: parsing ${text}: invalid syntax`,
      );
    }
  }

  start(sink: WatchSink): void {
    this.#sink = sink;
    const { resourceVersion, sendInitialEvents, timeoutSeconds, allowWatchBookmarks } = this.#options;
    const from = Number(resourceVersion || '0');
    this.#seenRevision = this.#api.store.revision;
    this.#bucket.listeners.add(this.#listener);
    watches(this.#bucket).add(this);
    if (sendInitialEvents === true || (from === 0 && sendInitialEvents === undefined))
      this.#sendState(sendInitialEvents === true);
    else if (from > 0 && !this.#replay(from)) return;
    const timeoutMs = timeoutSeconds && timeoutSeconds > 0 ? timeoutSeconds * 1000 : defaultTimeoutMs;
    this.#timer(timeoutMs, () => this.stop());
    if (allowWatchBookmarks) this.#scheduleBookmarks(timeoutMs);
  }

  /** Ends the stream; safe to call twice. */
  stop(): void {
    const sink = this.#sink;
    if (!sink) return;
    this.#sink = undefined;
    this.#bucket.listeners.delete(this.#listener);
    watches(this.#bucket).delete(this);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    sink.end();
  }

  #sendState(withBookmark: boolean): void {
    // Events of this turn are not delivered yet but are part of the state; `#seenRevision` skips them later.
    for (const object of this.#bucket.values(this.#selection.namespace)) {
      if (this.#selection.matches(object)) this.#sink?.send('ADDED', object);
    }
    if (withBookmark && this.#options.allowWatchBookmarks) this.#bookmark(true);
  }

  #replay(from: number): boolean {
    const events = this.#bucket.ring.since(from);
    if (events) {
      this.#seenRevision = from;
      this.#forward(events);
      this.#seenRevision = Math.max(this.#seenRevision, from);
      return true;
    }
    const message = `too old resource version: ${from} (${this.#bucket.ring.startRevision})`;
    this.#sink?.send('ERROR', failure(410, 'Expired', message).status as unknown as KubeObject);
    this.stop();
    return false;
  }

  #forward(events: readonly StoredEvent[]): void {
    for (const event of events) {
      if (event.revision <= this.#seenRevision) continue;
      this.#seenRevision = event.revision;
      const type = this.#typeOf(event);
      if (type) this.#sink?.send(type, type === 'DELETED' ? this.#lastSeen(event) : event.object);
    }
  }

  /** Entering the selection looks like a creation, leaving it like a deletion (KUBE-WATCH-03). */
  #typeOf({ type, object, previous }: StoredEvent): WatchEventType | undefined {
    const before = previous !== undefined && this.#selection.matches(previous);
    const after = type !== 'DELETED' && this.#selection.matches(object);
    if (before && after) return 'MODIFIED';
    if (after) return 'ADDED';
    return before ? 'DELETED' : undefined;
  }

  /** An object that left the selection is shown as it was while it matched, with the new resourceVersion. */
  #lastSeen({ type, object, previous }: StoredEvent): KubeObject {
    if (type === 'DELETED' || !previous) return object;
    return { ...previous, metadata: { ...previous.metadata, resourceVersion: object.metadata.resourceVersion! } };
  }

  #scheduleBookmarks(timeoutMs: number): void {
    const beat = () => {
      this.#bookmark(this.#needsStartAnnotation());
      this.#timer(bookmarkIntervalMs, beat);
    };
    this.#timer(Math.min(bookmarkIntervalMs, Math.max(timeoutMs - bookmarkLeadMs, timeoutMs / 2)), beat);
  }

  #needsStartAnnotation(): boolean {
    const { resourceVersion, sendInitialEvents } = this.#options;
    return (
      !this.#announcedStart && sendInitialEvents === undefined && (resourceVersion === '0' || resourceVersion === '')
    );
  }

  #bookmark(endsInitialEvents: boolean): void {
    if (endsInitialEvents) this.#announcedStart = true;
    const { kind } = this.#resource;
    const apiVersion = this.#resource.group
      ? `${this.#resource.group}/${this.#resource.version}`
      : this.#resource.version;
    const resourceVersion = String(Math.max(this.#seenRevision, this.#api.store.deliveredRevision));
    const annotations = endsInitialEvents ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
    // A bookmark is an object of the kind that has nothing but these metadata.
    const metadata = { resourceVersion, ...annotations } as unknown as KubeObject['metadata'];
    this.#sink?.send('BOOKMARK', { kind, apiVersion, metadata });
  }

  #timer(afterMs: number, run: () => void): void {
    const timer = setTimeout(run, afterMs);
    timer.unref();
    this.#timers.push(timer);
  }
}

const active = new WeakMap<Bucket, Set<Watch>>();

function watches(bucket: Bucket): Set<Watch> {
  let set = active.get(bucket);
  if (!set) {
    set = new Set();
    active.set(bucket, set);
  }
  return set;
}

/** Ends all watches of a resource that is no longer served. */
export function stopWatches(bucket: Bucket): void {
  for (const watch of [...watches(bucket)]) watch.stop();
}
