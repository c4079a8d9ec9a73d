import { ChartError } from './chart-error.ts';

/** An entry of a tar archive; `data` is a view of the archive's bytes. */
export interface TarEntry {
  name: string;
  isDirectory: boolean;
  /** The size that the header declares; of an archive cut short there is less data. */
  size: number;
  modifiedAt: Date;
  data: Uint8Array;
}

const block = 512;
/** Of headers that describe the next entry: names and attributes, never content. */
const maxExtension = 1024 * 1024;

/**
 * The entries of a tar: ustar, pax and GNU long names. Synchronous and without copies, because charts are small, many and
 * nested; the archive is in memory already, so that no size in a header can ask for more.
 */
export function* readTar(archive: Uint8Array): Generator<TarEntry> {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.length);
  const global = new Map<string, string>();
  let extended = new Map<string, string>();
  for (let at = 0; at + block <= bytes.length; ) {
    const header = bytes.subarray(at, at + block);
    if (isEmptyBlock(header)) return;
    checkSum(header);
    const type = String.fromCharCode(header[156] ?? 0);
    const size = number(extended.get('size')) ?? octal(header, 124, 12);
    const start = at + block;
    const data = bytes.subarray(start, start + size);
    at = start + Math.ceil(size / block) * block;
    if (type === 'x' || type === 'g') {
      for (const [key, value] of paxRecords(extension(data))) (type === 'g' ? global : extended).set(key, value);
      continue;
    }
    if (type === 'L' || type === 'K') {
      if (type === 'L') extended.set('path', cString(extension(data).toString()));
      continue;
    }
    yield toEntry(header, { type, size, data, attributes: new Map([...global, ...extended]) });
    extended = new Map();
  }
}

interface Content {
  type: string;
  size: number;
  data: Buffer;
  attributes: ReadonlyMap<string, string>;
}

function toEntry(header: Buffer, { type, size, data, attributes }: Content): TarEntry {
  const name = attributes.get('path') ?? headerName(header);
  const seconds = number(attributes.get('mtime')) ?? octal(header, 136, 12);
  return { name, isDirectory: type === '5' || name.endsWith('/'), size, data, modifiedAt: new Date(seconds * 1000) };
}

function headerName(header: Buffer): string {
  const name = text(header, 0, 100);
  const isUstar = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isUstar ? text(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** `length key=value\n`, the length counting itself. */
function* paxRecords(data: Buffer): Generator<[string, string]> {
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(0x20, at);
    const length = Number(data.toString('latin1', at, space < 0 ? at : space));
    if (!Number.isInteger(length) || length <= 0 || at + length > data.length) throw invalidHeader();
    const record = data.toString('utf8', space + 1, at + length - 1);
    const equals = record.indexOf('=');
    if (equals <= 0) throw invalidHeader();
    yield [record.slice(0, equals), record.slice(equals + 1)];
    at += length;
  }
}

function extension(data: Buffer): Buffer {
  if (data.length > maxExtension) throw invalidHeader();
  return data;
}

function checkSum(header: Buffer): void {
  let sum = 0;
  for (let index = 0; index < block; index++) sum += index >= 148 && index < 156 ? 0x20 : (header[index] ?? 0);
  if (sum !== octal(header, 148, 8)) throw invalidHeader();
}

function octal(header: Buffer, at: number, length: number): number {
  if ((header[at] ?? 0) & 0x80) return base256(header.subarray(at, at + length));
  const digits = text(header, at, length).trim();
  if (digits === '') return 0;
  if (!/^[0-7]+$/.test(digits)) throw invalidHeader();
  return Number.parseInt(digits, 8);
}

/** GNU's form for numbers that octal digits cannot hold. */
function base256(bytes: Uint8Array): number {
  let value = (bytes[0] ?? 0) & 0x7f;
  for (const byte of bytes.subarray(1)) value = value * 256 + byte;
  if (!Number.isSafeInteger(value)) throw invalidHeader();
  return value;
}

function number(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw invalidHeader();
  return value;
}

function text(header: Buffer, at: number, length: number): string {
  return cString(header.toString('utf8', at, at + length));
}

function cString(value: string): string {
  const end = value.indexOf('\0');
  return end < 0 ? value : value.slice(0, end);
}

function isEmptyBlock(header: Buffer): boolean {
  return header[0] === 0 && header.every((byte) => byte === 0);
}

function invalidHeader(): ChartError {
  return new ChartError('archive/tar: invalid tar header');
}
