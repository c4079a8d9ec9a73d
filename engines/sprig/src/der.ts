/** The little of DER that certificates need. */

/** One element with its content; `raw` is all of it. */
export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
  readonly raw: Buffer;
}

export const derTags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const digits = length.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

export function derSequence(...parts: readonly Uint8Array[]): Buffer {
  return der(derTags.sequence, ...parts);
}

/** A number that is not negative, from its bytes. */
export function derInteger(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? Buffer.from([0]) : Buffer.from(bytes.subarray(start));
  return der(derTags.integer, (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}

/** An object identifier by its dotted text. */
export function derOid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return der(derTags.oid, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128)) bytes.unshift(0x80 | (left & 0x7f));
  return bytes;
}

/** A moment by its seconds; years that two digits cannot say take four. */
export function derTime(milliseconds: number): Buffer {
  const text = new Date(milliseconds).toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '');
  const year = Number(text.slice(0, 4));
  return year >= 1950 && year < 2050
    ? der(derTags.utcTime, Buffer.from(text.slice(2)))
    : der(derTags.generalizedTime, Buffer.from(text));
}

/** The elements that follow each other in some bytes; throws when they are cut short. */
export function readDer(bytes: Buffer): DerElement[] {
  const elements: DerElement[] = [];
  for (let index = 0; index < bytes.length; ) {
    const first = bytes[index + 1] ?? 0;
    const digits = first < 0x80 ? 0 : first & 0x7f;
    if (digits > 4) throw new RangeError('x509: malformed certificate');
    const start = index + 2 + digits;
    const length = digits === 0 ? first : Number.parseInt(bytes.toString('hex', index + 2, start) || '0', 16);
    if (start + length > bytes.length) throw new RangeError('x509: malformed certificate');
    elements.push({
      tag: bytes[index] ?? 0,
      content: bytes.subarray(start, start + length),
      raw: bytes.subarray(index, start + length),
    });
    index = start + length;
  }
  return elements;
}
