import { compareCodePoints } from '@flux/gotypes';
import { printValue } from './print.ts';
import { sprintf } from './printf.ts';
import { GoInt, isGoFunction, isNilValue, kindOf, typeNameOf } from './values.ts';

type BasicKind = 'invalid' | 'bool' | 'int' | 'uint' | 'float' | 'string';

function basicKind(value: unknown): BasicKind {
  const kind = kindOf(value);
  if (value instanceof GoInt) return kind.startsWith('u') ? 'uint' : 'int';
  if (kind === 'float64') return 'float';
  return kind === 'bool' || kind === 'string' ? kind : 'invalid';
}

/** Go's `eq`: whether the first equals one of the others; kinds that differ are an error. */
export function equalsAny(first: unknown, others: readonly unknown[]): boolean {
  if (others.length === 0) throw new TypeError('missing argument for comparison');
  return others.some((other) => equals(first, other));
}

function equals(left: unknown, right: unknown): boolean {
  const [a, b] = [basicKind(left), basicKind(right)];
  if (left instanceof GoInt && right instanceof GoInt) return left.value === right.value;
  const missing = kindOf(left) === 'invalid' || kindOf(right) === 'invalid';
  if (a !== b) {
    if (missing) return false;
    throw incompatible(left, right);
  }
  if (a !== 'invalid') return left === right;
  if (missing) return kindOf(left) === kindOf(right);
  if (kindOf(left) !== kindOf(right)) {
    throw new TypeError(
      `non-comparable types ${printValue(left)}: ${typeNameOf(left)}, ${typeNameOf(right)}: ${printValue(right)}`,
    );
  }
  const [isNilLeft, isNilRight] = [isNil(left), isNil(right)];
  if (isNilLeft || isNilRight) return isNilLeft === isNilRight;
  if (kindOf(left) !== 'ptr' || isGoFunction(left)) {
    throw new TypeError(`non-comparable type ${sprintf('%s', [right])}: ${typeNameOf(right)}`);
  }
  return left === right;
}

function isNil(value: unknown): boolean {
  return typeof value === 'object' && value !== null && isNilValue(value);
}

function incompatible(left: unknown, right: unknown): TypeError {
  return new TypeError(`incompatible types for comparison: ${typeNameOf(left)} and ${typeNameOf(right)}`);
}

/** Go's `lt`. */
export function isLess(left: unknown, right: unknown): boolean {
  const [a, b] = [basicKind(left), basicKind(right)];
  if (a === 'invalid' || b === 'invalid') throw new TypeError('invalid type for comparison');
  if (left instanceof GoInt && right instanceof GoInt) return left.value < right.value;
  if (a !== b) throw incompatible(left, right);
  if (typeof left === 'number' && typeof right === 'number') return left < right;
  if (typeof left === 'string' && typeof right === 'string') return compareCodePoints(left, right) < 0;
  throw new TypeError('invalid type for comparison');
}

/** Go's `le`, which asks `lt` first and then `eq`. */
export function isLessOrEqual(left: unknown, right: unknown): boolean {
  return isLess(left, right) || equals(left, right);
}
