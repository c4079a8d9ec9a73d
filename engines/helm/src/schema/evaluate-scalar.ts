import type { Evaluation } from './evaluation.ts';
import { groupDigits, localNumber, numberOf, quote } from './schema-value.ts';

/** The keywords that are for text; lengths count code points. */
export function evaluateText(evaluation: Evaluation, text: string): void {
  const { minLength, maxLength, pattern } = evaluation.schema;
  const length = minLength === undefined && maxLength === undefined ? 0 : [...text].length;
  if (minLength !== undefined && length < minLength) {
    evaluation.add(`minLength: got ${groupDigits(length)}, want ${groupDigits(minLength)}`);
  }
  if (maxLength !== undefined && length > maxLength) {
    evaluation.add(`maxLength: got ${groupDigits(length)}, want ${groupDigits(maxLength)}`);
  }
  if (pattern && !pattern.test(text)) {
    evaluation.add(`${quote(text)} does not match pattern ${quote(pattern.source)}`);
  }
}

/** The keywords that are for numbers. */
export function evaluateNumber(evaluation: Evaluation, value: unknown): void {
  const number = numberOf(value);
  if (number === undefined) return;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = evaluation.schema;
  const fail = (keyword: string, wanted: number) =>
    evaluation.add(`${keyword}: got ${localNumber(number)}, want ${localNumber(wanted)}`);
  if (minimum !== undefined && number < minimum) fail('minimum', minimum);
  if (maximum !== undefined && number > maximum) fail('maximum', maximum);
  if (exclusiveMinimum !== undefined && number <= exclusiveMinimum) fail('exclusiveMinimum', exclusiveMinimum);
  if (exclusiveMaximum !== undefined && number >= exclusiveMaximum) fail('exclusiveMaximum', exclusiveMaximum);
  if (multipleOf !== undefined && !isMultiple(number, multipleOf)) fail('multipleOf', multipleOf);
}

/** Exact on the decimal digits that are written: 0.3 is a multiple of 0.1. */
function isMultiple(number: number, divisor: number): boolean {
  const [left, right] = [decimal(number), decimal(divisor)];
  if (right.digits === 0n) return false;
  const exponent = Math.min(left.exponent, right.exponent);
  const scale = ({ digits, exponent: own }: Decimal) => digits * 10n ** BigInt(own - exponent);
  return scale(left) % scale(right) === 0n;
}

interface Decimal {
  digits: bigint;
  exponent: number;
}

function decimal(number: number): Decimal {
  const [mantissa = '', power = '0'] = number.toExponential().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}
