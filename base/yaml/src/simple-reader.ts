import type { Cursor } from './cursor.ts';
import { type PlainObject, setLazy } from './plain-object.ts';
import { endOfRegularBlock } from './regular-block.ts';
import { resolvePlain } from './resolve.ts';
import { scanBlockScalar } from './scan-block-scalar.ts';
import { scanPlain } from './scan-plain.ts';
import { readSimpleFlow } from './simple-flow.ts';
import { notSimple, readQuoted, sliceKey } from './simple-text.ts';
import { maxDepth } from './tokens.ts';

const space = 0x20;
const colon = 0x3a;
const dash = 0x2d;
const hash = 0x23;
const endOfDocument = -1;
/** Blocks below this length are read at once when others may be read later. */
const smallBlock = 1024;
const kinds = new Uint8Array(128);
const plain = 0;
const quoted = 1;
const block = 2;
const flow = 3;
const refused = 4;
for (const character of ',]}#&*!%@`?:\0\t') kinds[character.charCodeAt(0)] = refused;
for (const character of '"\'') kinds[character.charCodeAt(0)] = quoted;
for (const character of '|>') kinds[character.charCodeAt(0)] = block;
for (const character of '[{') kinds[character.charCodeAt(0)] = flow;

interface SimpleReaderOptions {
  isUnique: boolean;
  /** Whether lines end as on Windows; all other breaks but newlines are refused before. */
  hasReturns: boolean;
  readLater?: ((part: string) => unknown) | undefined;
}

/**
 * Reads the manifests that people and tools write, several times as fast as the complete reader: block mappings and
 * sequences, keys on one line, all scalar styles, flow collections as in JSON, comments. It gives up, by throwing
 * `notSimple`, on anything else and on everything that might be an error. Where it does not, the complete reader gives the
 * same value.
 */
export class SimpleReader {
  readonly #cursor: Cursor;
  readonly #text: string;
  readonly #isUnique: boolean;
  readonly #hasReturns: boolean;
  /** Reads a part of the text when it is asked for; without it everything is read at once. */
  readonly #readLater: ((part: string) => unknown) | undefined;
  /** Where the next content stands, found by `#advance`: its column, and the position of its first character. */
  #column = 0;
  #next = 0;
  #depth = 0;

  constructor(cursor: Cursor, { isUnique, hasReturns, readLater }: SimpleReaderOptions) {
    this.#cursor = cursor;
    this.#readLater = hasReturns || isUnique ? undefined : readLater;
    this.#text = cursor.text;
    this.#isUnique = isUnique;
    this.#hasReturns = hasReturns;
  }

  /** Reads the document at the start of a line, its `---` included; undefined when only the end of the stream is left. */
  readDocument(start: number, isFirst: boolean): { value: unknown } | undefined {
    this.#advance(start);
    const hasMarker = this.#column === endOfDocument && this.#text.charCodeAt(this.#next) === dash;
    if (hasMarker) this.#advance(this.#endOfLine(this.#next + 3));
    else if (this.#column === endOfDocument) return undefined;
    else if (!isFirst) throw notSimple;
    this.#depth = 0;
    const value = this.#column === endOfDocument ? null : this.#readBlock(-1);
    if (this.#column !== endOfDocument) throw notSimple;
    return { value };
  }

  /** Where the document that was read ends: at a `---` or at the end of the text. */
  get end(): number {
    return this.#next;
  }

  /** From a place behind which only white space and comments stand, to the content of a later line. */
  #advance(from: number): void {
    const text = this.#text;
    let position = from;
    let lineStart = -1;
    for (;;) {
      const code = text.charCodeAt(position);
      if (code === space) {
        position += 1;
      } else if (code === 10) {
        position += 1;
        lineStart = position;
      } else if (code === hash) {
        const end = text.indexOf('\n', position);
        position = end === -1 ? text.length - 4 : end;
      } else if (code === 13) {
        position += 1;
      } else {
        break;
      }
    }
    this.#next = position;
    const code = text.charCodeAt(position);
    if (code === 0) {
      this.#column = endOfDocument;
      return;
    }
    if (lineStart === -1) lineStart = from;
    this.#column = position - lineStart;
    if (code === 9) throw notSimple;
    if (this.#column === 0 && (code === dash || code === 0x2e)) this.#checkIndicator(position, code);
  }

  #checkIndicator(position: number, code: number): void {
    const text = this.#text;
    if (text.charCodeAt(position + 1) !== code || text.charCodeAt(position + 2) !== code) return;
    if (text.charCodeAt(position + 3) > space) return;
    if (code !== dash) throw notSimple;
    this.#column = endOfDocument;
  }

  /** The place itself if nothing but a comment follows on its line. */
  #endOfLine(position: number): number {
    let end = position;
    while (this.#text.charCodeAt(end) === space) end += 1;
    const code = this.#text.charCodeAt(end);
    if (code === 10 || code === 0 || code === 13 || (code === hash && end > position)) return end;
    throw notSimple;
  }

  /** The node that begins at the next content, right of `parentIndent`. */
  #readBlock(parentIndent: number): unknown {
    const start = this.#next;
    if (!this.#startsCollection(start, this.#text.charCodeAt(start))) return this.#readScalar(start, parentIndent);
    this.#depth += 1;
    if (this.#depth > maxDepth) throw notSimple;
    const value = this.#isDash(start) ? this.#readSequence(this.#column, false) : this.#readMapping(this.#column);
    this.#depth -= 1;
    return value;
  }

  #isDash(position: number): boolean {
    return this.#text.charCodeAt(position) === dash && this.#text.charCodeAt(position + 1) <= space;
  }

  #readSequence(indent: number, isIndentless: boolean): unknown[] {
    const items: unknown[] = [];
    do {
      items.push(this.#readItem(indent));
      if (this.#column > indent) throw notSimple;
      if (this.#column < indent) return items;
    } while (this.#isDash(this.#next));
    if (!isIndentless) throw notSimple;
    return items;
  }

  #readItem(indent: number): unknown {
    const text = this.#text;
    let position = this.#next + 1;
    while (text.charCodeAt(position) === space) position += 1;
    const code = text.charCodeAt(position);
    if (code === 10 || code === hash || code === 13 || code === 0) {
      this.#advance(position);
      return this.#column > indent ? this.#readBlock(indent) : null;
    }
    this.#column = indent + position - this.#next;
    this.#next = position;
    return this.#readBlock(indent);
  }

  /** Whether a sequence, or a mapping whose first key stands here, begins at the position. */
  #startsCollection(position: number, code: number): boolean {
    if (this.#isDash(position)) return true;
    const kind = code < 128 ? kinds[code] : plain;
    if (kind === plain) return this.#endOfKey(position) !== -1;
    if (kind !== quoted) return false;
    this.#cursor.position = position;
    readQuoted(this.#cursor);
    let end = this.#cursor.position;
    while (this.#text.charCodeAt(end) === space) end += 1;
    return this.#text.charCodeAt(end) === colon;
  }

  #readMapping(indent: number): PlainObject {
    const object: PlainObject = {};
    do {
      const key = this.#readKey();
      if (key === '__proto__' || (this.#isUnique && key in object && Object.hasOwn(object, key))) throw notSimple;
      if (!this.#postpone(object, key)) object[key] = this.#readValue(indent);
      if (this.#column > indent) throw notSimple;
    } while (this.#column === indent);
    return object;
  }

  /** Leaves a large block below a key of the document for later, if there can be no error in it. */
  #postpone(object: PlainObject, key: string): boolean {
    const read = this.#readLater;
    const text = this.#text;
    if (read === undefined || this.#depth > 1 || text.charCodeAt(this.#next) !== 10) return false;
    const start = this.#next + 1;
    const end = endOfRegularBlock(text, start, 2);
    if (end - start < smallBlock) return false;
    setLazy(object, key, () => read(text.slice(start, end)));
    this.#advance(end);
    return true;
  }

  /** Reads the key at the next content and leaves `#next` behind its colon. */
  #readKey(): string {
    const text = this.#text;
    const start = this.#next;
    const code = text.charCodeAt(start);
    const kind = code < 128 ? kinds[code] : plain;
    if (kind === quoted) return this.#readQuotedKey(start);
    if (kind !== plain || this.#isDash(start)) throw notSimple;
    const end = this.#endOfKey(start);
    if (end === -1) throw notSimple;
    this.#next = end + 1;
    let last = end;
    while (text.charCodeAt(last - 1) === space) last -= 1;
    const key = sliceKey(text, start, last);
    if (key.length <= 5 || code < 0x41) {
      if (typeof resolvePlain(key, this.#cursor.mode) !== 'string' || key === '<<') throw notSimple;
    }
    return key;
  }

  #readQuotedKey(start: number): string {
    const text = this.#text;
    this.#cursor.position = start;
    const key = readQuoted(this.#cursor);
    let end = this.#cursor.position;
    if (end - start > 1000 || text.slice(start, end).includes('\n')) throw notSimple;
    while (text.charCodeAt(end) === space) end += 1;
    if (text.charCodeAt(end) !== colon || text.charCodeAt(end + 1) > space) throw notSimple;
    this.#next = end + 1;
    return key;
  }

  /** The colon that ends a key on this line, or -1 if there is none. */
  #endOfKey(start: number): number {
    const text = this.#text;
    for (let position = start; ; position += 1) {
      const code = text.charCodeAt(position);
      if (code === colon) {
        if (text.charCodeAt(position + 1) <= space) return position;
      } else if (code < space || (code === hash && text.charCodeAt(position - 1) === space)) {
        if (code === 9) throw notSimple;
        return -1;
      }
    }
  }

  #readValue(indent: number): unknown {
    const text = this.#text;
    let position = this.#next;
    while (text.charCodeAt(position) === space) position += 1;
    const code = text.charCodeAt(position);
    if (code === 10 || code === hash || code === 13 || code === 0) {
      this.#advance(position);
      if (this.#column > indent) return this.#readBlock(indent);
      return this.#column === indent && this.#isDash(this.#next) ? this.#readSequence(indent, true) : null;
    }
    return this.#readScalar(position, indent);
  }

  /** A scalar or flow collection that begins here, of a node indented by `indent`; then goes on to the next content. */
  #readScalar(position: number, indent: number): unknown {
    const code = this.#text.charCodeAt(position);
    const kind = code < 128 ? kinds[code] : plain;
    if (kind === plain) return this.#readPlain(position, indent);
    const cursor = this.#cursor;
    cursor.position = position;
    let value: unknown;
    if (kind === quoted) value = readQuoted(cursor);
    else if (kind === flow) value = readSimpleFlow(cursor, this.#depth + 1);
    else if (kind === block) return this.#readBlockScalar(indent);
    else throw notSimple;
    this.#advance(this.#endOfLine(cursor.position));
    return value;
  }

  #readBlockScalar(indent: number): string {
    const value = scanBlockScalar(this.#cursor, indent, !this.#hasReturns);
    // Back to the start of the line, so that its column is found.
    this.#advance(this.#cursor.lineStart > this.#next ? this.#cursor.lineStart : this.#cursor.position);
    return value;
  }

  #readPlain(start: number, indent: number): unknown {
    const text = this.#text;
    if (this.#isDash(start)) throw notSimple;
    let end = start;
    for (let position = start; ; position += 1) {
      const code = text.charCodeAt(position);
      if (code > space) {
        if (code === colon && text.charCodeAt(position + 1) <= space) throw notSimple;
        if (code === hash && text.charCodeAt(position - 1) === space) {
          this.#advance(position);
          if (this.#column > indent) throw notSimple;
          break;
        }
        end = position + 1;
      } else if (code !== space) {
        if (code === 9) throw notSimple;
        this.#advance(position);
        if (this.#column > indent) return this.#readLongPlain(start, indent);
        break;
      }
    }
    return this.#resolve(text.slice(start, end));
  }

  #readLongPlain(start: number, indent: number): unknown {
    const cursor = this.#cursor;
    cursor.position = start;
    cursor.lineStart = start - 1; // anything but the start itself: no document indicator is here
    const value = scanPlain(cursor, indent + 1, false);
    const code = cursor.code();
    if (!cursor.hasCrossedLine && code !== hash && code !== 0) throw notSimple;
    this.#advance(cursor.hasCrossedLine ? cursor.lineStart : cursor.position);
    if (this.#column > indent) throw notSimple;
    return this.#resolve(value);
  }

  #resolve(text: string): unknown {
    const value = resolvePlain(text, this.#cursor.mode);
    if (typeof value === 'bigint') this.#cursor.hasBigInteger = true;
    if (typeof value === 'number' && !Number.isFinite(value)) throw notSimple;
    return value;
  }
}
