import { IndexError } from './repository-error.ts';

/** The part of a text that is being read: it grows at its end on demand, and what lies before `position` may be dropped. */
export class TextWindow {
  text = '';
  position = 0;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  readonly #maxBytes: number;
  #bytes = 0;
  #isAtEnd = false;

  constructor(chunks: AsyncIterable<Uint8Array>, maxBytes: number) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#maxBytes = maxBytes;
  }

  /** Bytes that were read so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Everything that is left is in `text`. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  /** Forgets the text before a place. */
  drop(before: number): void {
    this.text = this.text.slice(before);
    this.position -= before;
  }

  /** Adds at least as much text as there is, so that whoever starts again after each call still takes linear time. */
  async grow(): Promise<boolean> {
    if (this.#isAtEnd) return false;
    const parts = [this.text];
    const wanted = this.text.length;
    for (let added = 0; added === 0 || added < wanted; ) {
      const next = await this.#chunks.next();
      if (next.done) {
        this.#isAtEnd = true;
        parts.push(this.#decode());
        break;
      }
      this.#bytes += next.value.length;
      if (this.#bytes > this.#maxBytes) {
        throw new IndexError(`index exceeds the maximum index file size of ${this.#maxBytes} bytes`);
      }
      const decoded = this.#decode(next.value);
      added += decoded.length;
      parts.push(decoded);
    }
    this.text = parts.join('');
    return true;
  }

  /** Closes the source when reading is given up before its end. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  #decode(bytes?: Uint8Array): string {
    try {
      return bytes === undefined ? this.#decoder.decode() : this.#decoder.decode(bytes, { stream: true });
    } catch {
      throw new IndexError('error converting YAML to JSON: yaml: invalid UTF-8');
    }
  }
}
