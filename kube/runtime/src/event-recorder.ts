import { hostname } from 'node:os';
import { isNotFound, type KubeObject, StatusError } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { formatTime } from '@flux/gotypes';
import { EventCorrelator } from './event-correlator.ts';
import type { ObjectEvent } from './host.ts';
import type { Logger } from './log.ts';

interface EventRecorderOptions {
  cluster: Cluster;
  log: Logger;
  now?: () => number;
}

interface CoreEvent extends KubeObject {
  count: number;
}

/** Writes core/v1 Events as client-go's recorder does: repeats bump `count` of the event that is there. */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #correlator: EventCorrelator;
  #sequence = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#correlator = new EventCorrelator(options.now ? { now: options.now } : {});
  }

  /** Never throws: an event that cannot be written is logged and forgotten. */
  async record(event: ObjectEvent): Promise<void> {
    const decision = this.#correlator.correlate(event);
    if (!decision) return;
    const { message, repeat } = decision;
    try {
      if (repeat && (await this.#bump(event, message, repeat))) return;
      const created = await this.#options.cluster.create(this.#newEvent(event, message));
      decision.remember({ name: created.metadata.name, count: 1 });
    } catch (error) {
      if (isExpected(error)) this.#options.log.debug('event was not recorded', { reason: event.reason });
      else this.#options.log.error(error, 'unable to record an event', { reason: event.reason });
    }
  }

  /** False when the former event has expired on the server. */
  async #bump(event: ObjectEvent, message: string, repeat: { name: string; count: number }): Promise<boolean> {
    const ref = { apiVersion: 'v1', kind: 'Event', namespace: namespaceOf(event.object), name: repeat.name };
    const patch = {
      count: repeat.count + 1,
      lastTimestamp: formatTime(event.at),
      message,
      metadata: { annotations: event.metadata },
    };
    try {
      await this.#options.cluster.patch(ref, 'strategic', patch);
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
    repeat.count += 1;
    return true;
  }

  #newEvent(event: ObjectEvent, message: string): CoreEvent {
    const { object } = event;
    const time = formatTime(event.at);
    const annotations = Object.keys(event.metadata).length > 0 ? { annotations: { ...event.metadata } } : {};
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: this.#eventName(event), namespace: namespaceOf(object), ...annotations },
      involvedObject: involvedObject(object),
      type: event.type,
      reason: event.reason,
      message,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
      source: { component: event.reporter },
      reportingComponent: event.reporter,
      reportingInstance: '',
    };
  }

  /** `<object>.<16 hexadecimal digits>`, unique as the nanoseconds of client-go are. */
  #eventName(event: ObjectEvent): string {
    this.#sequence = (this.#sequence + 1) % 1_000_000;
    const nanoseconds = BigInt(event.at.getTime()) * 1_000_000n + BigInt(this.#sequence);
    return `${event.object.metadata.name}.${nanoseconds.toString(16)}`;
  }
}

export function involvedObject(object: KubeObject): Record<string, unknown> {
  const { name, namespace, uid, resourceVersion } = object.metadata;
  return {
    kind: object.kind,
    ...(namespace ? { namespace } : {}),
    name,
    ...(uid ? { uid } : {}),
    apiVersion: object.apiVersion,
    ...(resourceVersion ? { resourceVersion } : {}),
  };
}

export function reportingInstance(): string {
  return hostname();
}

function namespaceOf(object: KubeObject): string {
  return object.metadata.namespace ?? 'default';
}

/** The namespace is gone or going: its events have nowhere to be. */
function isExpected(error: unknown): boolean {
  return error instanceof StatusError && (error.statusCode === 404 || error.statusCode === 403);
}
