import { bytesOf, fn, type GoFunction, textOf } from '@flux/gotemplate';
import { parseJson } from '@flux/yaml';
import { marshalJson } from './json.ts';
import { goJsonError } from './json-error.ts';
import { noText, orElse } from './or-else.ts';

const base32Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** JSON, base64 and base32. Helm has its own `fromJson`. */
export const encodingFunctions: Readonly<Record<string, GoFunction>> = {
  fromJson: fn('string', (text: string) =>
    orElse<unknown>(
      () => parseNumbers(text),
      () => undefined,
    ),
  ),
  mustFromJson: fn('string', parseNumbers),
  toJson: fn('any', (value: unknown) => orElse(() => marshalJson(value), noText)),
  mustToJson: fn('any', (value: unknown) => marshalJson(value)),
  toPrettyJson: fn('any', (value: unknown) => orElse(() => marshalJson(value, { indent: '  ' }), noText)),
  mustToPrettyJson: fn('any', (value: unknown) => marshalJson(value, { indent: '  ' })),
  toRawJson: fn('any', (value: unknown) => marshalJson(value, { escapeHtml: false })),
  mustToRawJson: fn('any', (value: unknown) => marshalJson(value, { escapeHtml: false })),
  b64enc: fn('string', (text: string) => bytesOf(text).toString('base64')),
  b64dec: fn('string', decodeBase64),
  b32enc: fn('string', encodeBase32),
  b32dec: fn('string', decodeBase32),
};

/** JSON as Go reads it into an interface: every number is a float. */
export function parseNumbers(text: string): unknown {
  const floats = (value: unknown): unknown => {
    if (typeof value === 'bigint') return Number(value);
    if (typeof value !== 'object' || value === null) return value;
    for (const key of Object.keys(value)) {
      const item: unknown = Reflect.get(value, key);
      if (typeof item === 'bigint' || typeof item === 'object')
        Object.defineProperty(value, key, { value: floats(item) });
    }
    return value;
  };
  try {
    return floats(parseJson(text));
  } catch {
    throw new TypeError(goJsonError(text));
  }
}

function decodeBase64(text: string): string {
  const bytes = base64Bytes(text);
  return typeof bytes === 'string' ? bytes : textOf(bytes);
}

/** The decoded bytes, or Go's message about the first byte that is wrong. */
export function base64Bytes(text: string): Buffer | string {
  const cleaned = text.replace(/[\r\n]/g, '');
  const bad = /[^A-Za-z0-9+/]/.exec(cleaned.replace(/={1,2}$/, ''));
  const wellFormed = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(cleaned);
  if (!wellFormed) return `illegal base64 data at input byte ${bad?.index ?? misplaced(cleaned)}`;
  return Buffer.from(cleaned, 'base64');
}

function misplaced(text: string): number {
  const padding = text.indexOf('=');
  return padding >= 0 ? padding : text.length - (text.length % 4);
}

function encodeBase32(text: string): string {
  let bits = '';
  for (const byte of bytesOf(text)) bits += byte.toString(2).padStart(8, '0');
  const letters = bits.match(/.{1,5}/g)?.map((group) => base32Alphabet[Number.parseInt(group.padEnd(5, '0'), 2)]) ?? [];
  return letters.join('').padEnd(Math.ceil(letters.length / 8) * 8, '=');
}

function decodeBase32(text: string): string {
  const cleaned = text.replace(/[\r\n]/g, '');
  const letters = cleaned.replace(/=+$/, '');
  const bad = [...letters].findIndex((letter) => !base32Alphabet.includes(letter));
  if (bad >= 0) return `illegal base32 data at input byte ${bad}`;
  if (cleaned.length % 8 !== 0) return `illegal base32 data at input byte ${cleaned.length}`;
  const bits = [...letters].map((letter) => base32Alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const bytes = bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? [];
  return textOf(Buffer.from(bytes));
}
