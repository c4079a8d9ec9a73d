import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { GitError } from './git-error.ts';

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

export interface PackedObject {
  type: ObjectType;
  content: Buffer;
}

const types: Readonly<Record<number, ObjectType>> = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag' };
const offsetDelta = 6;
const refDelta = 7;
const trailerBytes = 20;

/**
 * Unpacks a pack that needs nothing from elsewhere: objects by id. Ids are computed from the content, so an object is what its
 * id says. Output in total is limited, whatever the pack declares.
 */
export function readPack(bytes: Buffer, maxBytes: number): Map<string, PackedObject> {
  return new PackReader(bytes, maxBytes).read();
}

class PackReader {
  readonly #bytes: Buffer;
  readonly #objects = new Map<string, PackedObject>();
  readonly #byOffset = new Map<number, PackedObject>();
  /** Deltas whose base, named by id, has not been seen yet. */
  #waiting: { base: string; delta: Buffer; offset: number }[] = [];
  #budget: number;
  #at = 12;

  constructor(bytes: Buffer, maxBytes: number) {
    this.#bytes = bytes;
    this.#budget = maxBytes;
  }

  read(): Map<string, PackedObject> {
    const bytes = this.#bytes;
    if (bytes.length < 12 + trailerBytes || bytes.toString('latin1', 0, 4) !== 'PACK' || bytes.readUInt32BE(4) !== 2) {
      throw malformed('not a pack of version 2');
    }
    const body = bytes.subarray(0, bytes.length - trailerBytes);
    if (!createHash('sha1').update(body).digest().equals(bytes.subarray(-trailerBytes)))
      throw malformed('checksum mismatch');
    for (let left = bytes.readUInt32BE(8); left > 0; left--) this.#readObject();
    this.#resolveWaiting();
    return this.#objects;
  }

  #readObject(): void {
    const offset = this.#at;
    const { type, size } = this.#readHeader();
    if (type === offsetDelta) {
      const base = this.#byOffset.get(offset - this.#readOffset());
      const delta = this.#inflate(size);
      if (base === undefined) throw malformed('delta without base'); // a base by offset always comes first
      this.#add(offset, { type: base.type, content: this.#patch(base.content, delta) });
    } else if (type === refDelta) {
      const base = this.#bytes.toString('hex', this.#at, this.#at + 20);
      this.#at += 20;
      this.#waiting.push({ base, delta: this.#inflate(size), offset });
    } else {
      const name = types[type];
      if (name === undefined) throw malformed(`object type ${type}`);
      this.#add(offset, { type: name, content: this.#inflate(size) });
    }
  }

  #add(offset: number, object: PackedObject): void {
    this.#byOffset.set(offset, object);
    this.#objects.set(objectId(object), object);
  }

  #resolveWaiting(): void {
    while (this.#waiting.length > 0) {
      const before = this.#waiting;
      this.#waiting = [];
      for (const entry of before) {
        const base = this.#objects.get(entry.base);
        if (base) this.#add(entry.offset, { type: base.type, content: this.#patch(base.content, entry.delta) });
        else this.#waiting.push(entry);
      }
      if (this.#waiting.length === before.length) throw malformed('delta without base');
    }
  }

  /** Three bits of type and the size, seven bits a byte after the first four. */
  #readHeader(): { type: number; size: number } {
    let byte = this.#readByte();
    const type = (byte >> 4) & 7;
    let size = byte & 15;
    for (let factor = 16; byte & 128; factor *= 128) {
      byte = this.#readByte();
      size += (byte & 127) * factor;
    }
    return { type, size };
  }

  #readOffset(): number {
    let byte = this.#readByte();
    let offset = byte & 127;
    while (byte & 128) {
      byte = this.#readByte();
      offset = (offset + 1) * 128 + (byte & 127);
    }
    return offset;
  }

  #readByte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw malformed('truncated');
    return byte;
  }

  #inflate(size: number): Buffer {
    this.#spend(size);
    try {
      const { buffer, engine } = inflateSync(this.#bytes.subarray(this.#at), {
        info: true,
        maxOutputLength: Math.max(size, 1),
      }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
      if (buffer.length !== size) throw malformed('size mismatch');
      this.#at += engine.bytesWritten;
      return buffer;
    } catch (error) {
      throw error instanceof GitError ? error : malformed('bad compression', error);
    }
  }

  #patch(base: Buffer, delta: Buffer): Buffer {
    let at = 0;
    const readSize = () => {
      let size = 0;
      for (let factor = 1; ; factor *= 128) {
        const byte = delta[at++];
        if (byte === undefined) throw malformed('truncated delta');
        size += (byte & 127) * factor;
        if (byte < 128) return size;
      }
    };
    if (readSize() !== base.length) throw malformed('delta for another base');
    const size = readSize();
    this.#spend(size);
    return applyDelta(base, delta.subarray(at), size);
  }

  #spend(size: number): void {
    this.#budget -= size;
    if (!(this.#budget >= 0)) throw malformed('too big');
  }
}

/** Instructions are copies from the base (high bit) and literal bytes. */
function applyDelta(base: Buffer, delta: Buffer, size: number): Buffer {
  const result = Buffer.alloc(size);
  let written = 0;
  for (let at = 0; at < delta.length; ) {
    const code = delta[at++]!;
    if (code & 128) {
      let offset = 0;
      let length = 0;
      for (let bit = 0; bit < 4; bit++) if (code & (1 << bit)) offset += delta[at++]! * 2 ** (8 * bit);
      for (let bit = 0; bit < 3; bit++) if (code & (16 << bit)) length += delta[at++]! * 2 ** (8 * bit);
      length ||= 0x10000;
      if (!(offset + length <= base.length) || written + length > size) throw malformed('delta out of bounds');
      base.copy(result, written, offset, offset + length);
      written += length;
    } else {
      if (code === 0 || at + code > delta.length || written + code > size) throw malformed('delta out of bounds');
      delta.copy(result, written, at, at + code);
      at += code;
      written += code;
    }
  }
  if (written !== size) throw malformed('delta size mismatch');
  return result;
}

function objectId({ type, content }: PackedObject): string {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
}

function malformed(what: string, cause?: unknown): GitError {
  return new GitError('invalid', `malformed pack: ${what}`, { cause });
}
