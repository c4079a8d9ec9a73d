import type { KubeObject } from '@flux/apimachinery';
import { stringifyJson } from '../storage/json.ts';
import type { WatchConsumer, WatchStream } from './messages.ts';

/** The part of a response that a watch writes to. */
export interface WatchOutput {
  write(chunk: Buffer): boolean;
  end(): void;
}

const maxQueuedBytes = 8 * 1024 * 1024;

/**
 * Encoded events, shared by all watches of one form: each event is serialised once. Entries live until the next turn of
 * the event loop, by which time every watch has had its copy.
 */
export class EventEncoder {
  #cache = new Map<KubeObject, Map<string, Buffer>>();
  #clearing = false;

  encode(form: string, type: string, source: KubeObject, render: () => unknown): Buffer {
    let forms = this.#cache.get(source);
    if (!forms) {
      forms = new Map();
      this.#cache.set(source, forms);
      this.#scheduleClear();
    }
    const key = `${type} ${form}`;
    let bytes = forms.get(key);
    if (!bytes) {
      bytes = Buffer.from(`${stringifyJson({ type, object: render() })}\n`);
      forms.set(key, bytes);
    }
    return bytes;
  }

  #scheduleClear(): void {
    if (this.#clearing) return;
    this.#clearing = true;
    setImmediate(() => {
      this.#clearing = false;
      this.#cache.clear();
    });
  }
}

/** Sends a watch to one client. A client that does not read is dropped; it comes back and lists again. */
export class WatchWriter implements WatchConsumer {
  readonly #stream: WatchStream;
  readonly #output: WatchOutput;
  readonly #encoder: EventEncoder;
  readonly #queuedBytes: () => number;

  constructor(parts: { stream: WatchStream; output: WatchOutput; encoder: EventEncoder; queuedBytes: () => number }) {
    this.#stream = parts.stream;
    this.#output = parts.output;
    this.#encoder = parts.encoder;
    this.#queuedBytes = parts.queuedBytes;
  }

  event(type: string, source: KubeObject, render: () => unknown): void {
    const flowing = this.#output.write(this.#encoder.encode(this.#stream.form, type, source, render));
    if (!flowing && this.#queuedBytes() > maxQueuedBytes) this.#stream.stop();
  }

  end(): void {
    this.#output.end();
  }
}
