import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** Where a text lies in the store. */
export interface Place {
  readonly block: number;
  readonly start: number;
  readonly length: number;
}

const blockBytes = 256 * 1024;

interface UnpackedBlock {
  readonly block: number;
  readonly bytes: Buffer;
  free(): void;
}

/**
 * Keeps the texts of entries compressed, in the order in which they come: an index of 50 MB takes some 5 MB. Reading texts in that
 * order unpacks every block once.
 */
export class EntryStore {
  readonly #blocks: Uint8Array[] = [];
  #open = Buffer.allocUnsafe(blockBytes);
  #used = 0;
  /** The block that was unpacked last; the one that is being filled needs no unpacking. */
  #unpacked: UnpackedBlock | undefined;

  add(text: string): Place {
    const length = Buffer.byteLength(text);
    if (this.#used > 0 && this.#used + length > this.#open.length) this.#close();
    if (length > this.#open.length) this.#open = Buffer.allocUnsafe(length);
    this.#open.write(text, this.#used);
    const place = { block: this.#blocks.length, start: this.#used, length };
    this.#used += length;
    return place;
  }

  /** No more texts come. */
  finish(): void {
    if (this.#used > 0) this.#close();
    this.#open = Buffer.alloc(0);
  }

  /** The bytes hold until the next text is read. */
  read({ block, start, length }: Place): Buffer {
    if (this.#unpacked?.block !== block) {
      this.#unpacked?.free();
      this.#unpacked = unpack(this.#blocks[block]!, block);
    }
    return this.#unpacked.bytes.subarray(start, start + length);
  }

  /** Bytes that the store takes. */
  get size(): number {
    return this.#blocks.reduce((sum, block) => sum + block.length, 0);
  }

  #close(): void {
    // A copy, because the result of zlib may lie in a larger buffer.
    this.#blocks.push(Uint8Array.from(zstdCompressSync(this.#open.subarray(0, this.#used))));
    this.#used = 0;
    if (this.#open.length > blockBytes) this.#open = Buffer.allocUnsafe(blockBytes);
  }
}

/** One buffer is enough for most blocks; it is freed at once, as the collector would let hundreds of them lie. */
function unpack(packed: Uint8Array, block: number): UnpackedBlock {
  const bytes = zstdDecompressSync(packed, { chunkSize: blockBytes + 1024 });
  const { buffer } = bytes;
  const free = () => {
    if (buffer instanceof ArrayBuffer && buffer.byteLength >= blockBytes) buffer.transfer(0);
  };
  return { block, bytes, free };
}
