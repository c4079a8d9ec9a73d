import type { KubeObject } from '@flux/apimachinery';
import { stringifyJson } from '../storage/json.ts';
import type { WatchConsumer, WatchStream } from './messages.ts';

/** The part of a response that a watch writes to. */
export interface WatchOutput {
  /** Whether it takes events as whole chunks of HTTP/1.1, made once for all watches. */
  readonly isChunked: boolean;
  /** False when the client reads too slowly; `drain` follows when there is room again. */
  write(chunk: Buffer): boolean;
  on(event: 'drain', listener: () => void): unknown;
  end(): void;
  /** Gives up the connection and what is not sent yet. */
  destroy(): void;
}

/** What a watch keeps for a client that does not read. */
export const maxQueuedBytes = 8 * 1024 * 1024;

interface Shape {
  form: string;
  isChunked: boolean;
}

/** The transfer encoding of HTTP/1.1. Left to Node, it is three writes for each event and watch. */
function chunkOf(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}

/**
 * Encoded events, shared by all watches of one form: each event is serialised once. Entries live until the next turn of
 * the event loop, by which time every watch has had its copy.
 */
export class EventEncoder {
  #cache = new Map<KubeObject, Map<string, Buffer>>();
  #clearing = false;

  encode({ form, isChunked }: Shape, type: string, source: KubeObject, render: () => unknown): Buffer {
    let forms = this.#cache.get(source);
    if (!forms) {
      forms = new Map();
      this.#cache.set(source, forms);
      this.#scheduleClear();
    }
    const key = `${isChunked ? 'chunk' : 'line'} ${type} ${form}`;
    let bytes = forms.get(key);
    if (!bytes) {
      bytes = Buffer.from(`${stringifyJson({ type, object: render() })}\n`);
      if (isChunked) bytes = chunkOf(bytes);
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

/**
 * Sends a watch to one client, at its pace. What a watch begins with is encoded only when the client takes it, so it may be
 * of any size. Later events wait in a queue of bounded size; a client for which it does not suffice is cut off, comes back
 * and lists again. One that is still behind when the watch ends is cut off, too, for nobody would wait for it.
 */
export class WatchWriter implements WatchConsumer {
  readonly #stream: WatchStream;
  readonly #output: WatchOutput;
  readonly #encoder: EventEncoder;
  #queue: (() => Buffer)[] = [];
  #queuedBytes = 0;
  #isBlocked = false;
  #isStarting = true;
  #isOver = false;

  constructor(parts: { stream: WatchStream; output: WatchOutput; encoder: EventEncoder }) {
    this.#stream = parts.stream;
    this.#output = parts.output;
    this.#encoder = parts.encoder;
  }

  start(): void {
    this.#output.on('drain', () => this.#drain());
    this.#stream.start(this);
    this.#isStarting = false;
  }

  event(type: string, source: KubeObject, render: () => unknown): void {
    if (this.#isOver) return;
    const shape = { form: this.#stream.form, isChunked: this.#output.isChunked };
    const encode = () => this.#encoder.encode(shape, type, source, render);
    if (!this.#isBlocked) this.#isBlocked = !this.#output.write(encode());
    else if (this.#isStarting) this.#queue.push(encode);
    else this.#enqueue(encode());
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#queue.length > 0) this.#giveUp();
    else this.#output.end();
  }

  #enqueue(bytes: Buffer): void {
    this.#queuedBytes += bytes.length;
    if (this.#queuedBytes > maxQueuedBytes) {
      this.#isOver = true;
      this.#stream.stop();
      this.#giveUp();
      return;
    }
    this.#queue.push(() => {
      this.#queuedBytes -= bytes.length;
      return bytes;
    });
  }

  #drain(): void {
    let sent = 0;
    this.#isBlocked = false;
    while (sent < this.#queue.length && !this.#isBlocked) this.#isBlocked = !this.#output.write(this.#queue[sent++]!());
    this.#queue = this.#queue.slice(sent);
    if (this.#queue.length > 0) this.#isBlocked = true;
  }

  #giveUp(): void {
    this.#queue = [];
    this.#output.destroy();
  }
}
