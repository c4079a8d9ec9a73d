import type { NumberConstant } from './nodes.ts';
import { quote, unquote } from './quote.ts';

const maxInt = 2n ** 63n - 1n;
const maxUint = 2n ** 64n - 1n;
const integerText =
  /^[+-]?(?:0[xX]_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|0[bB]_?[01]+(?:_[01]+)*|0[oO]?_?[0-7]+(?:_[0-7]+)*|0|[1-9]\d*(?:_\d+)*)$/;
/** Hardly any other numbers occur. */
const smallText = /^(?:0|[1-9]\d{0,14})$/;
const floatText = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+)?$/;
const hexFloatText = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?[pP]([+-]?\d+)$/;

/** Reads a number as Go's parser does; the result of a bad one is the message. */
export function parseNumber(text: string): NumberConstant | string {
  if (smallText.test(text)) return { integer: BigInt(text), float: Number(text) };
  if (text.startsWith("'")) return parseCharacter(text);
  if (text.endsWith('i')) return `complex numbers are not supported: ${quote(text)}`;
  const integer = parseInteger(text);
  if (integer !== undefined && integer >= -maxInt - 1n && integer <= maxInt) return { integer, float: Number(integer) };
  if (integer !== undefined && integer > 0n && integer <= maxUint) return { float: Number(integer) };
  const float = parseFloatText(text);
  if (float === undefined || !Number.isFinite(float)) return `bad number syntax: ${quote(text)}`;
  if (!/[.eEpP]/.test(text)) return `integer overflow: ${quote(text)}`;
  if (!Number.isInteger(float) || Math.abs(float) >= 2 ** 63) return { float };
  return { float, integer: BigInt(float) };
}

/** Go's `strconv.ParseInt(text, 0, …)` without its range. */
export function parseInteger(text: string): bigint | undefined {
  if (!integerText.test(text)) return undefined;
  const negative = text.startsWith('-');
  let digits = text.replace(/^[+-]/, '').replaceAll('_', '');
  if (/^0[0-7]+$/.test(digits)) digits = `0o${digits.slice(1)}`;
  const value = BigInt(digits);
  return negative ? -value : value;
}

export function parseFloatText(text: string): number | undefined {
  if (floatText.test(text)) return Number(text.replaceAll('_', ''));
  const hex = hexFloatText.exec(text.replaceAll('_', ''));
  if (hex === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = hex;
  const mantissa = Number.parseInt(whole + fraction, 16) * 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === '-' ? -mantissa : mantissa;
}

function parseCharacter(text: string): NumberConstant | string {
  const value = unquote(text);
  if (value === undefined || value === '') return 'invalid syntax';
  if ([...value].length !== 1) return `malformed character constant: ${text}`;
  const code = value.codePointAt(0) ?? 0;
  return { integer: BigInt(code), float: code };
}
