import type { YamlMode } from './cursor.ts';

export type Scalar = string | number | bigint | boolean | null;

const yes = ['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'];
const no = ['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'];
const words = new Map<string, Scalar>([
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['False', false],
  ['FALSE', false],
  ['', null],
  ['~', null],
  ['null', null],
  ['Null', null],
  ['NULL', null],
  ['.nan', Number.NaN],
  ['.NaN', Number.NaN],
  ['.NAN', Number.NaN],
  ['.inf', Number.POSITIVE_INFINITY],
  ['.Inf', Number.POSITIVE_INFINITY],
  ['.INF', Number.POSITIVE_INFINITY],
  ['+.inf', Number.POSITIVE_INFINITY],
  ['+.Inf', Number.POSITIVE_INFINITY],
  ['+.INF', Number.POSITIVE_INFINITY],
  ['-.inf', Number.NEGATIVE_INFINITY],
  ['-.Inf', Number.NEGATIVE_INFINITY],
  ['-.INF', Number.NEGATIVE_INFINITY],
]);
/** YAML 1.1 knows more words for true and false; go-yaml v3 dropped them. */
const wordsByMode: Record<YamlMode, ReadonlyMap<string, Scalar>> = {
  sigs: new Map([
    ...words,
    ...yes.map((word): [string, Scalar] => [word, true]),
    ...no.map((word): [string, Scalar] => [word, false]),
  ]),
  v3: words,
};
/** Of the words for booleans, null and infinite numbers. */
export const longestWord = 5;

const decimal = /^[-+]?(?:0|[1-9][0-9]*)$/;
const prefixed = /^([-+]?)0(?:[xX]([0-9a-fA-F]+)|[oO]?([0-7]+)|[bB]([01]+))$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const pointFloat = /^\.[0-9]+(?:[eE][-+]?[0-9]+)?$/;

const maxInteger = 2n ** 64n - 1n;
const minInteger = -(2n ** 63n);

/** What go-yaml takes a plain scalar for: null, a boolean, an integer, a float or a string. */
export function resolvePlain(text: string, mode: YamlMode): Scalar {
  const first = text.charCodeAt(0);
  // Digits, signs and the point; only they begin numbers.
  if (first >= 0x2b && first <= 0x39) {
    if (first === 0x2e) return resolvePoint(text, mode);
    if (first >= 0x30 || first === 0x2d || first === 0x2b) return resolveNumber(text, mode);
    return text;
  }
  if (text.length > longestWord) return text;
  const word = wordsByMode[mode].get(text);
  return word === undefined ? text : word;
}

function resolvePoint(text: string, mode: YamlMode): Scalar {
  const word = wordsByMode[mode].get(text);
  if (word !== undefined) return word;
  return pointFloat.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
}

function resolveNumber(text: string, mode: YamlMode): Scalar {
  if (text.length === 1) {
    const digit = text.charCodeAt(0) - 0x30;
    return digit >= 0 ? digit : text;
  }
  const integer = parseInteger(text);
  if (integer !== undefined) return integer;
  const word = wordsByMode[mode].get(text);
  if (word !== undefined) return word;
  const plain = text.includes('_') ? text.replaceAll('_', '') : text;
  if (!float.test(plain)) return text;
  const value = Number(plain);
  return Number.isFinite(value) ? value : text;
}

/** The integer that a text stands for in Go's base 0 notation with underscores, if it fits 64 bits. */
export function parseInteger(text: string): number | bigint | undefined {
  const plain = text.includes('_') ? text.replaceAll('_', '') : text;
  if (decimal.test(plain)) return plain.length < 16 ? Number(plain) + 0 : narrow(BigInt(plain.replace(/^\+/, '')));
  const match = prefixed.exec(plain);
  if (match === null) return undefined;
  const [, sign, hexadecimal, octal, binary] = match;
  const digits = hexadecimal !== undefined ? `0x${hexadecimal}` : octal !== undefined ? `0o${octal}` : `0b${binary}`;
  const value = BigInt(digits);
  return narrow(sign === '-' ? -value : value);
}

function narrow(value: bigint): number | bigint | undefined {
  if (value > maxInteger || value < minInteger) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
