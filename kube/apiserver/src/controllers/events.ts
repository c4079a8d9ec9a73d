import type { KubeObject } from '@flux/apimachinery';
import { formatTime } from '@flux/gotypes';
import type { Api } from '../registry/api.ts';
import { storageKey } from '../storage/bucket.ts';
import { type Log, Loop } from './loop.ts';
import { objectKey, splitKey } from './object-key.ts';
import { Writer } from './writer.ts';

export interface EventText {
  reason: string;
  message: string;
  type?: 'Normal' | 'Warning';
}

/** From this many messages on, events of one object and reason are combined, as client-go combines them. */
const maxSimilar = 10;
const similarForMs = 600_000;
const maxGroups = 4096;
const combinedPrefix = '(combined from similar events): ';

interface SimilarEvents {
  readonly messages: Set<string>;
  lastAt: number;
}

/**
 * Events of the simulated controllers: what `kubectl describe` and `kubectl events` show. A repetition is counted, and so
 * is the tenth message of one reason about one object.
 */
export class EventRecorder {
  readonly #api: Api;
  readonly #component: string;
  readonly #writer: Writer;
  readonly #similar = new Map<string, SimilarEvents>();
  #counter = 0;

  constructor(api: Api, component: string, manager: string) {
    this.#api = api;
    this.#component = component;
    this.#writer = new Writer(api, manager);
  }

  record(object: KubeObject, text: EventText): void {
    const { uid, namespace = 'default' } = object.metadata;
    const isCombined = this.#isOneOfMany(object, text);
    const message = isCombined ? `${combinedPrefix}${text.message}` : text.message;
    const events = this.#api.resource('', 'events');
    const known = events.bucket.values(namespace).find((event) => {
      const isOfObject = event['involvedObject'].uid === uid && event['reason'] === text.reason;
      if (!isOfObject) return false;
      return isCombined ? String(event['message']).startsWith(combinedPrefix) : event['message'] === message;
    });
    if (!known) {
      this.#create(object, { ...text, message });
      return;
    }
    const again = { count: (known['count'] ?? 1) + 1, lastTimestamp: formatTime(this.#api.now()), message };
    this.#writer.update(events, known, (event) => Object.assign(event, again));
  }

  #isOneOfMany({ metadata }: KubeObject, { reason, message, type = 'Normal' }: EventText): boolean {
    const key = `${metadata.uid} ${type} ${reason}`;
    const now = this.#api.now().getTime();
    const before = this.#similar.get(key);
    const isRecent = before !== undefined && now - before.lastAt <= similarForMs;
    const group: SimilarEvents = isRecent ? before : { messages: new Set(), lastAt: now };
    group.lastAt = now;
    if (group.messages.size < maxSimilar) group.messages.add(message);
    // The group moves to the end, so that the first one is the one that was not heard of for longest.
    this.#similar.delete(key);
    this.#similar.set(key, group);
    if (this.#similar.size > maxGroups) this.#similar.delete(this.#similar.keys().next().value!);
    return group.messages.size >= maxSimilar;
  }

  #create(object: KubeObject, { reason, message, type = 'Normal' }: EventText): void {
    const { namespace = 'default', name, uid, resourceVersion } = object.metadata;
    const now = formatTime(this.#api.now());
    // Names sort by time, as those of client-go do; the counter tells events of one moment apart.
    const moment = BigInt(this.#api.now().getTime()) * 1_000_000n + BigInt(this.#counter++ % 1_000_000);
    this.#writer.create(this.#api.resource('', 'events'), {
      metadata: { name: `${name}.${moment.toString(16)}`, namespace },
      involvedObject: { kind: object.kind, namespace, name, uid, apiVersion: object.apiVersion, resourceVersion },
      reason,
      message,
      source: { component: this.#component },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
      type,
      reportingComponent: this.#component,
      reportingInstance: '',
    });
  }
}

const lifetimeMs = 3_600_000;

/** Events live for an hour after they last happened, as on any cluster. */
export function startEventExpiry(api: Api, log: Log): Loop {
  const events = api.resource('', 'events');
  const writer = new Writer(api, 'kube-apiserver');
  const loop: Loop = new Loop('events', log, (key) => {
    const event = events.bucket.get(storageKey(...splitKey(key)));
    if (!event) return;
    const leftMs = expiresAt(event) - api.now().getTime();
    if (leftMs > 0) loop.addAfter(key, leftMs);
    else writer.delete(events, event);
  });
  loop.watch(events.bucket, ({ type, object }) => (type === 'ADDED' ? [objectKey(object)] : []));
  return loop;
}

function expiresAt(event: KubeObject): number {
  const last = event['series']?.lastObservedTime ?? event['lastTimestamp'] ?? event.metadata.creationTimestamp;
  return (last ? Date.parse(last) : 0) + lifetimeMs;
}
