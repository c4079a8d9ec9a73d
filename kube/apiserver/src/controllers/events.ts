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

/** Events of the simulated controllers: what `kubectl describe` and `kubectl events` show. A repetition is counted. */
export class EventRecorder {
  readonly #api: Api;
  readonly #component: string;
  readonly #writer: Writer;
  #counter = 0;

  constructor(api: Api, component: string, manager: string) {
    this.#api = api;
    this.#component = component;
    this.#writer = new Writer(api, manager);
  }

  record(object: KubeObject, { reason, message, type = 'Normal' }: EventText): void {
    const events = this.#api.resource('', 'events');
    const { namespace = 'default', name, uid, resourceVersion } = object.metadata;
    const now = formatTime(this.#api.now());
    const known = events.bucket
      .values(namespace)
      .find(
        (event) => event['involvedObject'].uid === uid && event['reason'] === reason && event['message'] === message,
      );
    if (known) {
      const again = { count: (known['count'] ?? 1) + 1, lastTimestamp: now };
      this.#writer.update(events, known, (event) => Object.assign(event, again));
      return;
    }
    // Names sort by time, as those of client-go do; the counter tells events of one moment apart.
    const moment = BigInt(this.#api.now().getTime()) * 1_000_000n + BigInt(this.#counter++ % 1_000_000);
    this.#writer.create(events, {
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
