import { bytesOf, fn, type GoFunction, textOf } from '@flux/gotemplate';
import { base64Problem, jsonProblem } from '@flux/gotypes';
import { parseJson } from '@flux/yaml';
import { marshalJson } from './json.ts';
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
    throw new TypeError(jsonProblem(bytesOf(text)) ?? 'invalid JSON');
  }
}

function decodeBase64(text: string): string {
  const bytes = base64Bytes(text);
  return typeof bytes === 'string' ? bytes : textOf(bytes);
}

/** The decoded bytes, or Go's message about the first byte that is wrong. */
export function base64Bytes(text: string): Buffer | string {
  return base64Problem(text) ?? Buffer.from(text, 'base64');
}

function encodeBase32(text: string): string {
  let bits = '';
  for (const byte of bytesOf(text)) bits += byte.toString(2).padStart(8, '0');
  const letters = bits.match(/.{1,5}/g)?.map((group) => base32Alphabet[Number.parseInt(group.padEnd(5, '0'), 2)]) ?? [];
  return letters.join('').padEnd(Math.ceil(letters.length / 8) * 8, '=');
}

/** Where Go's decoder stops, if it does. */
function wrongBase32(bytes: string): number | undefined {
  for (let index = 0; index < bytes.length; index += 1) {
    if (base32Alphabet.includes(bytes.charAt(index))) continue;
    const inGroup = index % 8;
    const rest = bytes.slice(index + 1);
    if (bytes.charAt(index) !== '=' || inGroup < 2 || rest.length >= 8) return index;
    if (rest.length + inGroup < 7) return bytes.length;
    const misplaced = rest.slice(0, 7 - inGroup).search(/[^=]/);
    if (misplaced >= 0) return index + misplaced;
    return inGroup === 3 || inGroup === 6 ? index : undefined;
  }
  return bytes.length % 8 === 0 ? undefined : bytes.length - (bytes.length % 8);
}

function decodeBase32(text: string): string {
  const cleaned = bytesOf(text)
    .toString('latin1')
    .replace(/[\r\n]/g, '');
  const wrong = wrongBase32(cleaned);
  if (wrong !== undefined) return `illegal base32 data at input byte ${wrong}`;
  const letters = cleaned.replace(/=+$/, '');
  const bits = [...letters].map((letter) => base32Alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const bytes = bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? [];
  return textOf(Buffer.from(bytes));
}
