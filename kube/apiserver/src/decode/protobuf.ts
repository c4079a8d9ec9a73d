import { GoDecodeError } from './decode-error.ts';
import { embeddedOf, fieldsOf } from './go-types.ts';
import type { GoField, GoType } from './go-value.ts';

/**
 * Reads the protobuf form of built-in kinds, which typed Go clients such as `kubectl create` send. The result is the JSON
 * value that the same client would have sent as JSON.
 */
export function parseProtobuf(
  bytes: Buffer,
  definitionOf: (apiVersion: string, kind: string) => string | undefined,
): unknown {
  if (bytes.subarray(0, 4).toString('latin1') !== 'k8s\0') {
    throw new GoDecodeError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  let apiVersion = '';
  let kind = '';
  let raw: Buffer = Buffer.alloc(0);
  for (const { number, bytes: content } of new Reader(bytes.subarray(4)).fields()) {
    if (number === 1) {
      for (const field of new Reader(content).fields()) {
        if (field.number === 1) apiVersion = field.bytes.toString('utf8');
        else if (field.number === 2) kind = field.bytes.toString('utf8');
      }
    } else if (number === 2) raw = content;
  }
  const definition = definitionOf(apiVersion, kind);
  if (!definition)
    throw new GoDecodeError(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`);
  return { kind, apiVersion, ...readMessage(raw, definition) };
}

interface WireField {
  number: number;
  /** Of varint and fixed fields. */
  integer: bigint;
  /** Of length-delimited fields. */
  bytes: Buffer;
}

const none = Buffer.alloc(0);

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  *fields(): Generator<WireField> {
    while (this.#at < this.#bytes.length) {
      const tag = Number(this.#varint());
      yield this.#field(tag >>> 3, tag & 7);
    }
  }

  #field(number: number, wireType: number): WireField {
    switch (wireType) {
      case 0:
        return { number, integer: this.#varint(), bytes: none };
      case 1:
        return { number, integer: 0n, bytes: this.#take(8) };
      case 2:
        return { number, integer: 0n, bytes: this.#take(Number(this.#varint())) };
      case 5:
        return { number, integer: 0n, bytes: this.#take(4) };
      default:
        throw new GoDecodeError(`proto: illegal wireType ${wireType}`);
    }
  }

  #take(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw new GoDecodeError('unexpected EOF');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new GoDecodeError('unexpected EOF');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new GoDecodeError('proto: integer overflow');
  }
}

function readMessage(bytes: Buffer, definition: string): Record<string, unknown> {
  const fields = new Map(
    (fieldsOf(definition) ?? []).filter(({ number }) => number > 0).map((field) => [field.number, field]),
  );
  const embedded = embeddedOf(definition);
  const result: Record<string, unknown> = {};
  for (const wire of new Reader(bytes).fields()) {
    const inner = embedded.get(wire.number);
    const field = fields.get(wire.number);
    if (inner) Object.assign(result, readMessage(wire.bytes, inner));
    else if (field) addField(result, field, wire);
  }
  return result;
}

function addField(result: Record<string, unknown>, { name, type }: GoField, wire: WireField): void {
  const { kind } = type;
  if (kind === 'list') {
    result[name] ??= [];
    (result[name] as unknown[]).push(readValue(type.of, wire));
  } else if (kind === 'map') {
    result[name] ??= {};
    addEntry(result[name] as Record<string, unknown>, type.of, wire.bytes);
  } else result[name] = readValue(type, wire);
}

function addEntry(map: Record<string, unknown>, type: GoType, bytes: Buffer): void {
  let key = '';
  let value: unknown = readValue(type, { number: 2, integer: 0n, bytes: none });
  for (const wire of new Reader(bytes).fields()) {
    if (wire.number === 1) key = wire.bytes.toString('utf8');
    else if (wire.number === 2) value = readValue(type, wire);
  }
  Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true });
}

function readValue(type: GoType, wire: WireField): unknown {
  switch (type.kind) {
    case 'pointer':
      return readValue(type.of, wire);
    case 'struct':
      return readMessage(wire.bytes, type.name);
    case 'list': {
      // A named list type is a message with its items in field 1.
      const items: unknown[] = [];
      for (const item of new Reader(wire.bytes).fields()) items.push(readValue(type.of, item));
      return items;
    }
    case 'map':
      throw new GoDecodeError('proto: a map cannot be the value of a field');
    case 'scalar':
      return readScalar(type.code, wire);
  }
}

function readScalar(code: string, { integer, bytes }: WireField): unknown {
  switch (code) {
    case 's':
      return bytes.toString('utf8');
    case 'b':
      return integer !== 0n;
    case 'i':
    case 'l':
      return toNumber(integer);
    case 'f':
      return bytes.length === 8 ? bytes.readDoubleLE() : 0;
    case 'y':
      return bytes.toString('base64');
    case 'Q':
      return part(bytes, 1)?.bytes.toString('utf8') || '0';
    case 'I':
      return toNumber(part(bytes, 1)?.integer ?? 0n) === 1
        ? (part(bytes, 3)?.bytes.toString('utf8') ?? '')
        : toNumber(part(bytes, 2)?.integer ?? 0n);
    case 'T':
    case 'M':
      return readTime(bytes, code);
    case 'D':
      return `${toNumber(part(bytes, 1)?.integer ?? 0n)}ns`;
    default:
      return readRaw(bytes);
  }
}

function toNumber(value: bigint): number | bigint {
  const signed = BigInt.asIntN(64, value);
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : signed;
}

function part(bytes: Buffer, number: number): WireField | undefined {
  for (const field of new Reader(bytes).fields()) if (field.number === number) return field;
  return undefined;
}

function readTime(bytes: Buffer, code: string): string | null {
  if (bytes.length === 0) return null;
  const seconds = Number(toNumber(part(bytes, 1)?.integer ?? 0n));
  const nanos = Number(toNumber(part(bytes, 2)?.integer ?? 0n));
  // Year 1 is Go's zero time.
  if (seconds <= -62135596800) return null;
  const text = new Date(seconds * 1000).toISOString().slice(0, 19);
  return code === 'T' ? `${text}Z` : `${text}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`;
}

/** FieldsV1 and raw extensions hold JSON text. */
function readRaw(bytes: Buffer): unknown {
  const text = part(bytes, 1)?.bytes.toString('utf8') ?? '';
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    throw new GoDecodeError('proto: a raw field holds no JSON');
  }
}
