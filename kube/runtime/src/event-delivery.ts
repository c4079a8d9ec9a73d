import type { EventForwarder } from './event-forwarder.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { EventSink, ObjectEvent } from './host.ts';
import type { Logger } from './log.ts';

/** Events of one object that wait, at most; beyond it the newest are dropped. */
const maxWaiting = 100;

interface Lane {
  waiting: number;
  tail: Promise<void>;
}

/** Delivers events beside the reconcilers, those of one object in their order. */
export class EventDelivery implements EventSink {
  readonly #recorder: EventRecorder;
  readonly #forwarder: EventForwarder | undefined;
  readonly #log: Logger;
  readonly #lanes = new Map<string, Lane>();

  constructor(options: { recorder: EventRecorder; forwarder: EventForwarder | undefined; log: Logger }) {
    this.#recorder = options.recorder;
    this.#forwarder = options.forwarder;
    this.#log = options.log;
  }

  emit(event: ObjectEvent): void {
    const forwarder = event.forward ? this.#forwarder : undefined;
    const snapshot = { ...event, object: identityOf(event.object) };
    this.#enqueue('record', snapshot, () => this.#recorder.record(snapshot));
    // A receiver that is down must not hold up the Kubernetes events.
    if (forwarder) this.#enqueue('forward', snapshot, () => forwarder.forward(snapshot));
  }

  async drain(): Promise<void> {
    while (this.#lanes.size > 0) await Promise.all([...this.#lanes.values()].map((lane) => lane.tail));
  }

  #enqueue(purpose: string, event: ObjectEvent, deliver: () => Promise<void>): void {
    const { kind, metadata } = event.object;
    const key = JSON.stringify([purpose, kind, metadata.namespace, metadata.name]);
    const lane = this.#lanes.get(key) ?? { waiting: 0, tail: Promise.resolve() };
    if (lane.waiting >= maxWaiting) {
      this.#log.debug('too many events wait for delivery, dropping one', { reason: event.reason });
      return;
    }
    lane.waiting += 1;
    lane.tail = lane.tail.then(deliver).finally(() => {
      lane.waiting -= 1;
      if (lane.waiting === 0) this.#lanes.delete(key);
    });
    this.#lanes.set(key, lane);
  }
}

/** Events name an object; its content may change while they wait. */
function identityOf(object: ObjectEvent['object']): ObjectEvent['object'] {
  const { apiVersion, kind, metadata } = object;
  return { apiVersion, kind, metadata: { ...metadata } };
}
